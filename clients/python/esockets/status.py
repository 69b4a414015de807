"""Errors. What the broker refused or ended carries its code, text and advice.

The code says what to do, and its table is in docs/PROTOCOL.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Type, TypeVar, Union


@dataclass(frozen=True)
class BrokerError:
    """As the broker sent it, in Error (codes 100 to 199), Close or GoAway (200 to 299)."""

    code: int = 0
    text: str = ""
    # What happened here, with figures where there are any.
    detail: str = ""
    # May the same request, or the same client, try again unchanged?
    retryable: bool = False
    # Of Close and GoAway: milliseconds to wait before that.
    retry_after_ms: int = 0
    advice: str = ""


class Error(Exception):
    """Of all that this library raises. `code` is the broker's; 0 for the library's own errors."""

    def __init__(self, text: str, code: int = 0, advice: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.advice = advice


class InvalidArgumentError(Error, ValueError):
    """What the broker would refuse, or has refused, whoever asks."""


class FailedPreconditionError(Error):
    """Not in this state: the client is closed, or a callback waits for its own client."""


class UnavailableError(Error, ConnectionError):
    """There is no connection, or it broke, or the broker says that the same may work later."""


class DeadlineExceededError(Error, TimeoutError):
    """No answer in time."""


class ResourceExhaustedError(Error):
    """A buffer, or a limit of the broker, is full."""


class PermissionDeniedError(Error):
    """This client may not."""


class UnauthenticatedError(Error):
    """The credentials were not accepted."""


class NotFoundError(Error):
    """What was named is not there."""


class UnimplementedError(Error):
    """This broker does not know that."""


class AlreadyExistsError(Error):
    """This client is in the group already, with a filter that has topics in common."""


class AbortedError(Error):
    """Whoever was asked has sent an error."""


class EndedError(Error):
    """Nothing will come any more: the subscription has ended."""


class ProtocolError(Error):
    """What the broker sent is not the protocol."""


# The result of something asked, or why there is none.
T = TypeVar("T")
Outcome = Union[T, Error]

# Those codes that the library itself acts on.
NOT_SUBSCRIBED = 114
REFRESH_REFUSED = 129
NO_RESPONDERS = 150
INBOX_NOT_ALLOWED = 152
NOT_AUTHENTICATED = 230
CREDENTIALS_EXPIRED = 233
CREDENTIALS_REVOKED = 235

# The codes for which there is a word that says more than "refused".
_KINDS: Dict[int, Type[Error]] = {
    113: PermissionDeniedError,  # RESERVED_TOPIC
    120: PermissionDeniedError,  # NOT_PERMITTED
    152: PermissionDeniedError,  # INBOX_NOT_ALLOWED
    114: NotFoundError,  # NOT_SUBSCRIBED
    142: NotFoundError,  # NO_SUCH_CLIENT
    144: NotFoundError,  # NO_SUCH_STREAM
    151: NotFoundError,  # NO_SUCH_INBOX
    102: UnimplementedError,  # UNSUPPORTED
    141: UnimplementedError,  # ADMIN_UNKNOWN_REQUEST
    121: ResourceExhaustedError,  # TOO_MANY_SUBSCRIPTIONS
    161: ResourceExhaustedError,  # TOO_MANY_PRESENCE_TOPICS
    143: FailedPreconditionError,  # RECV_QUEUE_OFF
    154: FailedPreconditionError,  # GROUP_DIFFERS
    160: FailedPreconditionError,  # PRESENCE_NOT_CONFIGURED
    230: UnauthenticatedError,  # NOT_AUTHENTICATED
    233: UnauthenticatedError,  # CREDENTIALS_EXPIRED
}

# Codes of Close after which the same client must not come back: for WebSocket, whose own closing
# handshake tells nothing but the code.
NOT_RETRYABLE_CLOSES = frozenset(
    (210, 211, 212, 213, 214, 215, 221, 222, 223, 224, 225, 226, 230, 231, 232, 233))


def to_error(error: BrokerError) -> Error:
    """"code 110: the topic breaks the rules of topics: DETAIL (ADVICE)"."""
    text = f"code {error.code}: {error.text}"
    if error.detail:
        text += f": {error.detail}"
    if error.advice:
        text += f" ({error.advice})"
    return _kind_of(error)(text, error.code, error.advice)


def _kind_of(error: BrokerError) -> Type[Error]:
    if error.code in _KINDS:
        return _KINDS[error.code]
    if error.retryable:
        return UnavailableError
    return InvalidArgumentError if error.code < 200 else FailedPreconditionError

"""What a program says to the client library: how to connect, publish and subscribe.

Times are seconds, as in the standard library, unless the name ends with a unit.
"""

from __future__ import annotations

import enum
import os
import ssl
from dataclasses import dataclass, field
from typing import Awaitable, Callable, Iterable, Mapping, Optional, Tuple, Union

from esockets.start import GroupStrategy, Overflow, Start

DEFAULT_ADDRESS = "127.0.0.1:1234"

# Text is sent as UTF-8.
Bytes = Union[bytes, bytearray, memoryview, str]


def to_bytes(data: Bytes) -> bytes:
    """For the wire. Errors: TypeError of what is neither: bytes(7) would be seven zeros."""
    return data.encode() if isinstance(data, str) else bytes(memoryview(data))


class WhenFull(enum.Enum):
    """What publish does when the outgoing buffer is full: the broker is away, or slower than we."""

    BLOCK = "block"  # waits for room; inside a callback, where it must not wait, as ERROR
    DROP_NEWEST = "drop_newest"  # drops this message and counts it: dropped_messages_total
    ERROR = "error"  # raises ResourceExhaustedError


@dataclass(frozen=True)
class PublishOptions:
    """Of one message."""

    # Names and values; a name may come several times. Kept as a tuple: an iterator can be read only
    # once.
    headers: Iterable[Tuple[str, str]] = ()
    # Topic to send an answer to.
    reply_to: str = ""
    # What the message is about, within its topic.
    key: Bytes = b""
    # Milliseconds after which the message is worthless. 0: never.
    ttl_ms: int = 0
    # Names the message within its stream, which stores it once however often it is published: at
    # most 64 bytes that no other client chooses. Not of publish, which hears no answer.
    message_id: Bytes = b""

    def __post_init__(self) -> None:
        """Errors: TypeError of headers that are no pairs."""
        if isinstance(self.headers, Mapping):
            raise TypeError("headers: pairs of name and value are wanted; of a dict its items()")
        object.__setattr__(self, "headers", tuple(self.headers))


@dataclass(frozen=True)
class LastWill:
    """What the broker publishes if the client ends without close: dies, or is cut off."""

    topic: str
    payload: Bytes = b""
    options: PublishOptions = PublishOptions()
    # So long the broker waits for the client to come back; at most a day. For a client with a
    # client_id of its own.
    delay: float = 0


def _environment(name: str, otherwise: str = "") -> Callable[[], str]:
    return lambda: os.environ.get(name, otherwise)


@dataclass(frozen=True)
class TlsOptions:
    """Of an encrypted connection, TLS 1.2 or later. Files are in PEM, and read once."""

    # Authorities that are trusted; empty: those of the system.
    ca_file: str = ""
    # What the broker's certificate must name; empty: the host of the address.
    server_name: str = ""
    # For brokers that ask for a certificate of the client: with those that lead to its authority;
    # and its key, not encrypted.
    chain_file: str = ""
    key_file: str = ""
    # False: whoever answers is believed, and told the credentials: it can read all of it, change
    # it, and be anybody. For tests alone.
    verify: bool = True
    # The program's own instead of all of these but server_name: versions, authorities and whether
    # anything is verified are as it says. Its connections resume no session.
    context: Optional[ssl.SSLContext] = None

    @staticmethod
    def of_environment() -> TlsOptions:
        """The words of the command line: ESOCKETS_CA, ESOCKETS_CERT and ESOCKETS_KEY."""
        return TlsOptions(ca_file=os.environ.get("ESOCKETS_CA", ""),
                          chain_file=os.environ.get("ESOCKETS_CERT", ""),
                          key_file=os.environ.get("ESOCKETS_KEY", ""))


@dataclass(frozen=True)
class ClientOptions:
    """How to connect."""

    # "127.0.0.1:1234", "[::1]:1234", "localhost:1234", "unix:/path", "ws://host:1234/path";
    # encrypted "tls://host:1235", "wss://host:1235/path". Not given: ESOCKETS_SERVER of the
    # environment, otherwise 127.0.0.1:1234.
    address: str = field(default_factory=_environment("ESOCKETS_SERVER", DEFAULT_ADDRESS))
    # For an encrypted address, and no other. Not given: ESOCKETS_CA, ESOCKETS_CERT and ESOCKETS_KEY
    # of the environment, otherwise the system's authorities are trusted.
    tls: Optional[TlsOptions] = None

    # Names the client across connections: a second one with the same id takes over from the first.
    # Empty: the broker chooses one, a new one for each connection.
    client_id: str = ""
    # Not given: ESOCKETS_TOKEN, ESOCKETS_USER and ESOCKETS_PASSWORD of the environment.
    token: str = field(default_factory=_environment("ESOCKETS_TOKEN"), repr=False)
    user: str = field(default_factory=_environment("ESOCKETS_USER"))
    password: str = field(default_factory=_environment("ESOCKETS_PASSWORD"), repr=False)
    # Asked on the client's loop for the token of each connection for which the broker has given no
    # ticket, instead of `token`; may be async. What it raises ends the attempt, and goes to
    # on_error. Where credentials expire it is asked again when four fifths of their time are over,
    # and what it brings is shown to the broker over the same connection; what it raises then, or
    # the broker refuses, goes to on_error, and it is asked again after a second at least. With it
    # CREDENTIALS_EXPIRED is not the end: the client comes back with a fresh token.
    token_refresh: Optional[Callable[[], Union[str, Awaitable[str]]]] = None
    # For people who look at a list of clients.
    name: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    will: Optional[LastWill] = None

    # At least this often a sign of life goes to the broker, and one is expected back. 0: the
    # broker's own setting.
    keep_alive: float = 0
    # Of one attempt: from the first packet to the broker's answer to Connect.
    connect_timeout: float = 10
    # Of the calls that wait for an answer, unless they say otherwise.
    request_timeout: float = 10

    # After a lost connection: False ends the client. Endings that the broker calls not retryable
    # end it in any case.
    reconnect: bool = True
    # The wait before attempt n is random between 0 and min(backoff_max, backoff_min * 2^(n-1)):
    # full jitter, so that the clients of a broker that restarts do not come back all at once. A
    # wait that the broker asks for comes on top.
    backoff_min: float = 0.1
    backoff_max: float = 30
    # Uniform in [0, 1), asked on the client's loop. None: dice of its own.
    dice: Optional[Callable[[], float]] = None

    # Published and not yet given to a socket, in bytes of frames.
    outgoing_bytes_max: int = 8 << 20
    when_full: WhenFull = WhenFull.BLOCK


    @staticmethod
    def of(given: Union[ClientOptions, str, None]) -> ClientOptions:
        """What a program says shortly: an address, or nothing."""
        if given is None or isinstance(given, str):
            return ClientOptions(address=given) if given else ClientOptions()
        return given


@dataclass(frozen=True)
class RequestOptions:
    """Of a request to other clients."""

    # Ends when so many have answered. 0: takes all answers that come in time.
    replies_max: int = 0
    # None: request_timeout.
    timeout: Optional[float] = None
    # Headers, key and ttl of the request; its reply_to is the library's affair.
    publish: PublishOptions = PublishOptions()


@dataclass(frozen=True)
class SubscribeOptions:
    """Of one subscription."""

    # Each message that matches comes to one of all clients that subscribe to this filter with this
    # group. At most 128 bytes. Empty: no group.
    group: str = ""
    # One that the group does not have is refused.
    group_strategy: GroupStrategy = GroupStrategy.UNSPECIFIED
    # Of a group: DROP_OLDEST or DROP_NEWEST, of what waits while all of its members are behind. One
    # that the group does not have is refused.
    overflow: Overflow = Overflow.DEFAULT
    # Where in its stream it begins for the first time. After a lost connection it goes on behind
    # the last message that it got; what conflates, with the latest message of each topic.
    start: Start = Start()
    # Where the broker keeps last values of topics that match: whether they come first.
    last_values: bool = True
    # Backlog in the broker while this client is behind. 0: the broker's default. Of a group: that
    # of the member that was the first.
    max_backlog_messages: int = 0
    max_backlog_bytes: int = 0
    # Milliseconds that the oldest message waits there. 0: the broker's default.
    max_backlog_age_ms: int = 0
    # Without a callback: messages waiting for receive. When it is full the client stops reading
    # from its connection; the broker's backlog fills, and then `overflow` rules. Nothing is dropped
    # here.
    receive_queue_messages_max: int = 1000

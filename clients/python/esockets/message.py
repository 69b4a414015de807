"""What a subscriber gets: messages, and the news of those it did not get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional, Tuple

# Names and values; a name may come several times.
Headers = Tuple[Tuple[str, str], ...]


@dataclass
class Message:
    """One message. What is left out is empty or 0."""

    topic: str
    payload: bytes
    headers: Headers = ()
    # Topic to send an answer to.
    reply_to: str = ""
    # What it is about, within its topic.
    key: bytes = b""
    # Milliseconds after which it is worthless. 0: never.
    ttl_ms: int = 0
    # Of a subscription with a group; empty when it came to all.
    group: str = ""
    # Where the broker stamps them: microseconds since 1970 (UTC), and a session id.
    time_us: int = 0
    publisher: int = 0
    # Its number in the stream of its topic; 0 when it is in none.
    position: int = 0

    def text(self) -> str:
        """The payload as UTF-8; what is none is replaced."""
        return self.payload.decode(errors="replace")


# Called on the client's loop. While it runs nothing else is received: hand long work on.
MessageCallback = Callable[[Message], None]

# A reply with this header says that whoever was asked could not do it, and why.
ERROR_HEADER = "error"


def error_in(reply: Message) -> Optional[str]:
    """The value of that header; None: there is none."""
    for name, value in reply.headers:
        if name == ERROR_HEADER:
            return value
    return None


@dataclass(frozen=True)
class Gap:
    """Messages of a subscription that did not come.

    This client did not read fast enough, the broker ran short of memory, or a stream had let go of
    them.
    """

    filter: str = ""
    messages: int = 0
    bytes: int = 0
    # Microseconds since 1970 (UTC) at which the first and the last of them were published.
    from_us: int = 0
    to_us: int = 0
    # "CONFLATED", "EXPIRED", "TOO_OLD", "BACKLOG_FULL" or "BROKER_MEMORY": the gravest, in this
    # order; or "RETENTION", which is always told alone.
    reason: str = ""
    # Of the messages: those that a newer one stands for, and those whose ttl was over.
    conflated: int = 0
    expired: int = 0
    # Of RETENTION: the first and the last position of the hole. `messages` are those that the
    # stream has let go of there, whether they matched or not; their bytes and times are not known.
    from_position: int = 0
    to_position: int = 0
    # Of the subscription; empty: none. What a group has lost, one of its members is told.
    group: str = ""

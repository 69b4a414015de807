"""What became of a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Stored:
    """Where a message is in its stream."""

    epoch: int = 0
    position: int = 0
    # It was there already: its message_id is known.
    repeated: bool = False


@dataclass(frozen=True)
class Delivery:
    """Clients: each that matched is counted in one of the others."""

    matched: int = 0
    # The kernel of the broker's machine has taken all of it for these. Whether they read it, only
    # they can say.
    written: int = 0
    # It still waits for these.
    queued: int = 0
    # A newer one of its topic and key took its place.
    conflated: int = 0
    # Lost to the contract of their subscription, or its ttl was over.
    dropped: int = 0
    # They unsubscribed, or their connection ended, before it was written.
    gone: int = 0
    # None: no stream keeps its topic.
    stored: Optional[Stored] = None


@dataclass(frozen=True)
class Answer:
    """What the broker says to a request."""

    # Where the Publish asked for it.
    delivery: Optional[Delivery] = None
    # Of a Publish to a topic of a stream.
    stored: Optional[Stored] = None

"""Where a subscription begins, and what the broker says of that."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Optional


class Overflow(enum.IntEnum):
    """What is lost when this client cannot keep up. The protocol's numbers."""

    DEFAULT = 0  # the broker's setting
    DROP_OLDEST = 1  # the newest messages are kept, a Gap stands for those that were not
    DROP_NEWEST = 2  # the oldest are kept, a Gap stands behind them
    CONFLATE = 3  # the latest of each topic and key, one Gap tells how many it stands for
    DISCONNECT = 4  # the connection is closed
    # Nothing is, while the stream has it: who is behind reads it there. For a filter within one.
    REPLAY = 5


class GroupStrategy(enum.IntEnum):
    """Which member of a group gets a message. Members that are behind are passed over."""

    UNSPECIFIED = 0  # the group's own; that of a new group is ROUND_ROBIN
    ROUND_ROBIN = 1  # one after the other
    HASH = 2  # one for each key, in order; without a key one for each publisher
    FIRST = 3  # the one that has been there longest, the others stand by


class At(enum.IntEnum):
    """The kinds of Start. The protocol's numbers."""

    NOW = 0
    AFTER_POSITION = 1
    TIME = 2
    LAST = 3
    LAST_OF_EACH_TOPIC = 4


@dataclass(frozen=True)
class Start:
    """Where in its stream a subscription begins.

    All but now are for filters within one stream; the broker refuses them of others.
    """

    at: At = At.NOW
    # Position, microseconds or messages.
    number: int = 0
    epoch: int = 0

    @staticmethod
    def now() -> Start:
        """With what is published from now on."""
        return Start()

    @staticmethod
    def after_position(position: int, epoch: int) -> Start:
        """Where somebody was before. `epoch`: which StreamStart told with the position."""
        return Start(At.AFTER_POSITION, position, epoch)

    @staticmethod
    def at_time(time_us: int) -> Start:
        """With the first message since then: microseconds since 1970 (UTC)."""
        return Start(At.TIME, time_us)

    @staticmethod
    def last(messages: int) -> Start:
        """With the last messages that match, at least one."""
        return Start(At.LAST, messages)

    @staticmethod
    def last_of_each_topic(messages: int) -> Start:
        """With the last messages of each topic that matches, at least one."""
        return Start(At.LAST_OF_EACH_TOPIC, messages)

    @property
    def is_now(self) -> bool:
        return self.at == At.NOW


@dataclass(frozen=True)
class StreamStart:
    """What the broker says: where a subscription begins in a stream."""

    # Of the subscription.
    filter: str = ""
    # Of the stream.
    name: str = ""
    # Positions count within it: another epoch is another stream, after a restart of the broker.
    epoch: int = 0
    # What comes is behind it. With the epoch, and until a message tells a later one, it is where to
    # begin again: Start.after_position.
    position: int = 0
    # All that was asked for is there. False: some of it is not any more, or the epoch is another.
    recovered: bool = False
    # The contract that holds. Under CONFLATE positions do not rise.
    overflow: Overflow = Overflow.DEFAULT


@dataclass(frozen=True)
class Beginning:
    """How a subscription begins."""

    # None: its filter is within no stream.
    stream: Optional[StreamStart] = None
    # Last values come first, and then on_snapshot_end.
    last_values: bool = False

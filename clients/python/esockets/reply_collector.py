"""The replies to one request, until there are enough of them, or its time is over, or it fails."""

from __future__ import annotations

from typing import Callable, List, Optional

from esockets.message import Message
from esockets.status import DeadlineExceededError, Error, Outcome

# Called once, on the client's loop. Errors: the broker's refusal; DeadlineExceededError when
# nothing came in time; the reason when the connection broke.
RepliesCallback = Callable[[Outcome[List[Message]]], None]


class ReplyCollector:
    """`replies_max` 0: all that come in time. Each call has no effect once it has ended."""

    def __init__(self, replies_max: int, done: RepliesCallback) -> None:
        self._replies_max = replies_max
        self._done = done
        self._replies: List[Message] = []
        self._on_end: Optional[Callable[[], object]] = None
        self.ended = False

    def set_on_end(self, on_end: Callable[[], object]) -> None:
        """Called when it ends, before those who asked hear of it. REQUIRES: not ended."""
        self._on_end = on_end

    def on_reply(self, reply: Message) -> None:
        if self.ended:
            return
        self._replies.append(reply)
        if len(self._replies) == self._replies_max:
            self._end(self._replies)

    def on_timeout(self) -> None:
        if not self.ended:
            self._end(self._replies or DeadlineExceededError("no answer in time"))

    def fail(self, reason: Error) -> None:
        if not self.ended:
            self._end(reason)

    def drop(self) -> None:
        """Whoever asked does not wait any more, and is not told."""
        if not self.ended:
            self._close()

    def _close(self) -> None:
        self.ended = True
        if self._on_end:
            self._on_end()

    def _end(self, outcome: Outcome[List[Message]]) -> None:
        self._close()
        self._done(outcome)

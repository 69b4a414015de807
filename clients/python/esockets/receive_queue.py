"""The messages of a pull subscription on their way from the loop to the program: bounded by pausing
the connection, never by dropping."""

from __future__ import annotations

import threading
from collections import deque
from typing import Callable, Deque, Optional

from esockets.message import Message
from esockets.status import DeadlineExceededError, Error
from esockets.waiting import Waiters


class _Queue:
    """What both kinds have in common.

    `pause` is called, on the loop, when the queue has become full; `resume` once for each pause,
    by whoever takes, when it is half empty again or has ended.
    """

    def __init__(self, messages_max: int, pause: Callable[[], None],
                 resume: Callable[[], None]) -> None:
        self._messages_max = max(messages_max, 1)
        self._pause = pause
        self._resume = resume
        self._messages: Deque[Message] = deque()
        self._paused = False
        self.reason: Optional[Error] = None  # nothing more will come

    def size(self) -> int:
        return len(self._messages)

    def _put(self, message: Message) -> bool:
        """Is it to be paused?"""
        self._messages.append(message)
        pause = len(self._messages) >= self._messages_max and not self._paused
        self._paused |= pause
        return pause

    def _end(self, reason: Error) -> bool:
        """Is it to be resumed?"""
        self.reason = reason
        resume, self._paused = self._paused, False
        return resume

    def _may_resume(self) -> bool:
        resume = self._paused and len(self._messages) <= self._messages_max // 2
        if resume:
            self._paused = False
        return resume


class ReceiveQueue(_Queue):
    """For tasks of the loop."""

    def __init__(self, messages_max: int, pause: Callable[[], None],
                 resume: Callable[[], None]) -> None:
        super().__init__(messages_max, pause, resume)
        self._takers = Waiters()

    def on_message(self, message: Message) -> None:
        if self.reason is None:
            pause = self._put(message)
            self._takers.wake_one()
            if pause:
                self._pause()

    def on_end(self, reason: Error) -> None:
        if self.reason is None:
            resume = self._end(reason)
            self._takers.wake_all()
            if resume:
                self._resume()

    async def take(self, timeout: Optional[float]) -> Message:
        """The oldest. Errors: DeadlineExceededError; when it is empty and has ended, the reason."""
        if not self._messages:
            await self._takers.until(lambda: self._messages or self.reason, timeout,
                                     "no message in time")
        if not self._messages and self.reason:
            raise self.reason.with_traceback(None)
        message = self._messages.popleft()
        if self._may_resume():
            self._resume()
        return message


class ThreadReceiveQueue(_Queue):
    """For threads. Messages come on the loop."""

    def __init__(self, messages_max: int, pause: Callable[[], None],
                 resume: Callable[[], None]) -> None:
        super().__init__(messages_max, pause, resume)
        self._changed = threading.Condition()

    def on_message(self, message: Message) -> None:
        with self._changed:
            if self.reason is not None:
                return
            pause = self._put(message)
            self._changed.notify()
        if pause:
            self._pause()

    def on_end(self, reason: Error) -> None:
        with self._changed:
            if self.reason is not None:
                return
            resume = self._end(reason)
            self._changed.notify_all()
        if resume:
            self._resume()

    def take(self, timeout: Optional[float]) -> Message:
        """As ReceiveQueue.take."""
        with self._changed:
            self._changed.wait_for(lambda: self._messages or self.reason, timeout)
            if not self._messages:
                raise self.reason.with_traceback(None) if self.reason else \
                    DeadlineExceededError("no message in time")
            message = self._messages.popleft()
            resume = self._may_resume()
        if resume:
            self._resume()
        return message

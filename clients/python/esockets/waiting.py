"""Futures of outcomes, and waiting with a limit, in the library's own errors.

Not with asyncio.wait_for: before Python 3.12 that loses a cancellation which comes together with
the result.
"""

from __future__ import annotations

import asyncio
from typing import Callable, Dict, Optional, TypeVar

from esockets.status import DeadlineExceededError, Error, Outcome

T = TypeVar("T")


def settle(future: asyncio.Future[T], outcome: Outcome[T]) -> None:
    """The first call counts."""
    if future.done():
        return
    if isinstance(outcome, Error):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


async def within(timeout: Optional[float], future: asyncio.Future[T],
                 late: str = "no answer in time") -> T:
    """Errors: DeadlineExceededError with the text `late`, besides those of the future."""
    if timeout is None:
        return await future
    timer = future.get_loop().call_later(
        timeout, lambda: settle(future, DeadlineExceededError(late)))
    try:
        return await future
    finally:
        timer.cancel()


class Waiters:
    """Tasks that wait until something is so."""

    def __init__(self) -> None:
        self._waiting: Dict[asyncio.Future[None], None] = {}  # in the order in which they came

    def __len__(self) -> int:
        return len(self._waiting)

    async def until(self, ready: Callable[[], object], timeout: Optional[float],
                    late: str = "no answer in time") -> None:
        """Looks whenever it is woken: when it returns, `ready` has just been true. Errors: those of
        `within`."""
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        while not ready():
            if end is not None and loop.time() >= end:
                raise DeadlineExceededError(late)
            woken = loop.create_future()
            self._waiting[woken] = None
            try:
                await within(None if end is None else end - loop.time(), woken, late)
            except BaseException:
                if woken in self._waiting:
                    del self._waiting[woken]
                else:  # for what it does not take
                    self.wake_one()
                raise

    def wake_one(self) -> None:
        """The one that has waited longest."""
        while self._waiting:
            woken = next(iter(self._waiting))
            del self._waiting[woken]
            if not woken.done():
                return woken.set_result(None)

    def wake_all(self) -> None:
        while self._waiting:
            self.wake_one()

"""Futures of outcomes, and waiting with a limit, in the library's own errors."""

from __future__ import annotations

import asyncio
from typing import Awaitable, Optional, TypeVar

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


async def within(timeout: Optional[float], work: Awaitable[T],
                 late: str = "no answer in time") -> T:
    """Errors: DeadlineExceededError with the text `late`, besides those of the work."""
    try:
        return await asyncio.wait_for(work, timeout)
    except DeadlineExceededError:
        raise  # the work's own
    except asyncio.TimeoutError:
        raise DeadlineExceededError(late) from None

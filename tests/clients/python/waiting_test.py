#!/usr/bin/python3
"""Waiting with a limit."""

import asyncio

import pytest

from esockets.status import DeadlineExceededError, UnavailableError
from esockets.waiting import Waiters, settle, within
from tests.support.pytest_main import in_loop, run


@in_loop
async def test_a_result_in_time():
    future = asyncio.get_running_loop().create_future()
    settle(future, 1)
    settle(future, UnavailableError("too late"))
    assert await within(10, future) == 1


@in_loop
async def test_an_error_in_time_is_its_own():
    for error in (UnavailableError("mine"), DeadlineExceededError("mine")):
        future = asyncio.get_running_loop().create_future()
        settle(future, error)
        with pytest.raises(type(error), match="mine"):
            await within(10, future)


@in_loop
async def test_nothing_in_time():
    future = asyncio.get_running_loop().create_future()
    with pytest.raises(DeadlineExceededError, match="no luck"):
        await within(0.001, future, "no luck")
    settle(future, 1)


@in_loop
async def test_a_cancellation_that_comes_with_the_result_is_not_lost():
    future = asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(within(10, future))
    await asyncio.sleep(0)
    settle(future, 1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def begin(waiters, ready, timeout, count=1):
    tasks = [asyncio.ensure_future(waiters.until(ready, timeout)) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


@in_loop
async def test_who_has_waited_longest_is_woken_and_looks_again():
    waiters, allowed = Waiters(), []
    first, second = await begin(waiters, lambda: allowed, None, 2)
    waiters.wake_one()  # there is nothing
    await asyncio.sleep(0)
    assert not first.done() and len(waiters) == 2
    allowed.append("one")
    waiters.wake_one()
    await second
    assert not first.done()
    waiters.wake_all()
    await first
    assert len(waiters) == 0
    await waiters.until(lambda: True, 0)


@in_loop
async def test_who_is_cancelled_passes_it_on():
    waiters, allowed = Waiters(), []
    first, second = await begin(waiters, lambda: allowed, 60, 2)
    allowed.append("one")
    waiters.wake_one()
    first.cancel()
    await second
    assert first.cancelled()


@in_loop
async def test_the_limit_is_for_all_of_the_time():
    waiters = Waiters()
    task, = await begin(waiters, lambda: False, 0.02)
    while not task.done():
        waiters.wake_all()
        await asyncio.sleep(0)
    assert isinstance(task.exception(), DeadlineExceededError)
    assert len(waiters) == 0


if __name__ == "__main__":
    run(__file__)

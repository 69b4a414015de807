#!/usr/bin/python3
"""Waiting with a limit."""

import asyncio

import pytest

from esockets.status import DeadlineExceededError, UnavailableError
from esockets.waiting import settle, within
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


if __name__ == "__main__":
    run(__file__)

#!/usr/bin/python3
"""Messages on their way to the program."""

import asyncio
import threading

import pytest

from esockets.message import Message
from esockets.receive_queue import ReceiveQueue, ThreadReceiveQueue
from esockets.status import DeadlineExceededError, EndedError
from tests.support.pytest_main import in_loop, run


def message(number):
    return Message("t", str(number).encode())


def make(kind, messages_max=4):
    told = []
    return kind(messages_max, lambda: told.append("pause"), lambda: told.append("resume")), told


async def pass_turns(count):
    for _ in range(count):
        await asyncio.sleep(0)


@in_loop
async def test_pauses_when_full_and_resumes_when_half_empty():
    queue, told = make(ReceiveQueue)
    for number in range(5):  # one more: a message that matched twice
        queue.on_message(message(number))
    assert (queue.size(), told) == (5, ["pause"])
    taken = [(await queue.take(0)).payload for _ in range(3)]
    assert (taken, told) == ([b"0", b"1", b"2"], ["pause", "resume"])


@in_loop
async def test_waits_for_a_message():
    queue, _ = make(ReceiveQueue)
    with pytest.raises(DeadlineExceededError):
        await queue.take(0.001)
    taker = asyncio.ensure_future(queue.take(None))
    await asyncio.sleep(0)
    queue.on_message(message(1))
    assert (await taker).payload == b"1"


@in_loop
async def test_each_message_wakes_one_taker_also_when_one_is_cancelled():
    queue, _ = make(ReceiveQueue)
    takers = [asyncio.ensure_future(queue.take(None)) for _ in range(3)]
    await asyncio.sleep(0)
    queue.on_message(message(1))
    takers[0].cancel()
    done, _ = await asyncio.wait(takers[1:], return_when=asyncio.FIRST_COMPLETED)
    assert [task.result().payload for task in done] == [b"1"]
    for taker in takers:
        taker.cancel()


@pytest.mark.parametrize("turns", range(5))
@in_loop
async def test_a_message_that_another_has_taken_meanwhile_is_waited_for_again(turns):
    queue, _ = make(ReceiveQueue)
    slow = asyncio.ensure_future(queue.take(60))
    await pass_turns(2)
    queue.on_message(message(1))
    await pass_turns(turns)
    quick = (await queue.take(0)).payload if queue.size() else b""
    await pass_turns(5)
    queue.on_message(message(2))
    assert {quick, (await slow).payload} in ({b"1", b"2"}, {b"", b"1"})


@in_loop
async def test_takers_whose_time_is_over_are_forgotten():
    queue, _ = make(ReceiveQueue)
    for _ in range(10):
        with pytest.raises(DeadlineExceededError):
            await queue.take(0.001)
    assert len(queue._takers) == 0


@in_loop
async def test_what_is_left_is_taken_after_the_end():
    queue, told = make(ReceiveQueue, 1)
    queue.on_message(message(1))
    queue.on_end(EndedError("over"))
    queue.on_end(EndedError("again"))
    queue.on_message(message(2))
    assert told == ["pause", "resume"]
    assert (await queue.take(0)).payload == b"1"
    for _ in range(2):
        with pytest.raises(EndedError, match="over"):
            await queue.take(None)


@in_loop
async def test_the_end_wakes_all():
    queue, _ = make(ReceiveQueue)
    takers = [asyncio.ensure_future(queue.take(None)) for _ in range(3)]
    await asyncio.sleep(0)
    queue.on_end(EndedError("over"))
    results = await asyncio.gather(*takers, return_exceptions=True)
    assert [type(result) for result in results] == [EndedError] * 3


def test_threads_pause_and_resume():
    queue, told = make(ThreadReceiveQueue)
    for number in range(4):
        queue.on_message(message(number))
    assert [queue.take(0).payload for _ in range(2)] == [b"0", b"1"]
    assert told == ["pause", "resume"]
    assert queue.size() == 2


def test_threads_wait():
    queue, _ = make(ThreadReceiveQueue)
    with pytest.raises(DeadlineExceededError):
        queue.take(0)
    taken = []
    taker = threading.Thread(target=lambda: taken.append(queue.take(None).payload))
    taker.start()
    queue.on_message(message(7))
    taker.join()
    assert taken == [b"7"]
    queue.on_end(EndedError("over"))
    queue.on_message(message(8))
    with pytest.raises(EndedError):
        queue.take(None)


if __name__ == "__main__":
    run(__file__)

#!/usr/bin/python3
"""The thread of a client without asyncio."""

import asyncio
import os
import queue
import subprocess
import sys

import pytest

from esockets.loop_thread import LoopThread
from esockets.status import FailedPreconditionError
from tests.support.pytest_main import run

GIVE_UP = 60  # seconds: to give up, never to measure


@pytest.fixture
def thread():
    thread = LoopThread()
    yield thread
    thread.stop()


async def answer(outcome):
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def program(text):
    """What a program prints that ends without stop. `names()`: the threads that are there."""
    text = f"""
import atexit, threading
def names(): return [thread.name for thread in threading.enumerate()]
{text}"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True,
                          timeout=GIVE_UP, check=False,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("\n")[:-1]


def test_brings_results_and_errors(thread):
    assert thread.wait(answer(7)) == 7
    with pytest.raises(KeyError):
        thread.wait(answer(KeyError()))
    told = []
    thread.run(lambda: told.append(thread.is_current))
    assert (told, thread.is_current) == ([True], False)


def test_refuses_to_wait_on_itself(thread):
    told = queue.Queue()

    def call():
        with pytest.raises(FailedPreconditionError, match="must not wait"):
            thread.wait(answer(7))
        thread.run(lambda: told.put("at once"))

    thread.run(call)
    assert told.get_nowait() == "at once"


def test_its_end_is_told_to_those_who_wait_and_to_those_who_come_later(thread):
    async def stop():
        thread.stop()
        await asyncio.Event().wait()

    for work in (stop(), answer(7)):
        with pytest.raises(FailedPreconditionError, match="closed"):
            thread.wait(work)
    thread.run(lambda: pytest.fail("it is over"))


def test_sys_exit_does_not_end_it(thread):
    thread._loop.call_soon_threadsafe(sys.exit)
    assert thread.wait(answer(7)) == 7


def test_a_program_that_ends_without_stop_ends_it():
    assert program("""
atexit.register(lambda: print(names()))  # registered before the library's, called after it
import esockets
client = esockets.Client("127.0.0.1:1")
print(names())
""") == ["['MainThread', 'esockets']", "['MainThread']"]


def test_a_callback_that_does_not_return_does_not_keep_a_program():
    assert program("""
import esockets
told = threading.Event()
def on_state_change(state, reason):
    told.set()
    threading.Event().wait()
esockets.loop_thread._CALLBACK_AT_EXIT = 0.01
thread = esockets.loop_thread.LoopThread()
thread._loop.call_soon_threadsafe(on_state_change, None, None)
told.wait()
print("end")
""") == ["end"]


if __name__ == "__main__":
    run(__file__)

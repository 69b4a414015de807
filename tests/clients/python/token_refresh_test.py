#!/usr/bin/python3
"""A client whose credentials expire, and the program's hook for fresh ones."""

import asyncio
import contextlib

import pytest

import esockets
from esockets import ClientEvents, ClientOptions, State, aio
from tests.support.fake_python_broker import AnsweringBroker, TokenDesk
from tests.support.fake_python_transport import server_frame
from tests.support.pytest_main import in_loop, run

# Milliseconds: the hook is asked as soon as may be.
SOON = 1


def options(broker, hook):
    return ClientOptions(address=broker.address, token_refresh=hook, backoff_min=0, backoff_max=0)


class Heard:
    """A diary that is waited for."""

    def __init__(self):
        self.lines = asyncio.Queue()
        self.events = ClientEvents(
            on_state_change=lambda state, reason: self.lines.put_nowait(state),
            on_error=self.lines.put_nowait)

    async def until(self, wanted):
        while not wanted(line := await self.lines.get()):
            pass
        return line


@pytest.mark.parametrize("is_async", [False, True])
@in_loop
async def test_a_fresh_token_in_time_over_the_same_connection(is_async):
    desk, tokens = TokenDesk(first=SOON, second=0), iter(("first", "second"))

    async def bring():
        return next(tokens)

    async with AnsweringBroker(desk) as broker:
        hook = bring if is_async else lambda: next(tokens)
        async with await aio.Client.connect(options(broker, hook)) as client:
            await desk.until_shown(2)
        assert desk.shown == [("connect", "first"), ("refresh", "second")]
        assert (client.connects_total, client.reason) == (1, None)


@in_loop
async def test_the_blocking_face_has_it_too():
    desk, tokens = TokenDesk(first=SOON, second=0), iter(("first", "second"))
    loop = asyncio.get_running_loop()

    async def bring():
        return next(tokens)

    def use(address):
        with esockets.Client.connect(ClientOptions(address=address, token_refresh=bring)) as client:
            asyncio.run_coroutine_threadsafe(desk.until_shown(2), loop).result()
            return client.connects_total

    async with AnsweringBroker(desk) as broker:
        assert await asyncio.to_thread(use, broker.address) == 1
    assert desk.shown == [("connect", "first"), ("refresh", "second")]


@in_loop
async def test_a_hook_that_fails_is_told_and_the_connection_stands():
    heard, tokens = Heard(), iter(("first",))
    async with AnsweringBroker(TokenDesk(first=SOON)) as broker:
        async with await aio.Client.connect(options(broker, lambda: next(tokens)),
                                            heard.events) as client:
            error = await heard.until(lambda line: isinstance(line, Exception))
            assert isinstance(error, esockets.UnavailableError) and "token_refresh" in str(error)
            assert client.state is State.CONNECTED and client.connects_total == 1


@in_loop
async def test_who_has_expired_comes_back_with_a_fresh_token():
    desk, heard, tokens = TokenDesk(fresh=0), Heard(), iter(("old", "older", "fresh"))
    async with AnsweringBroker(desk) as broker:
        client = aio.Client(options(broker, lambda: next(tokens)), heard.events)
        await heard.until(lambda line: line is State.CONNECTED)
        assert desk.shown == [("connect", "old"), ("connect", "older"), ("connect", "fresh")]
        assert client.reason.code == 233
        await client.close()
        with pytest.raises(esockets.UnauthenticatedError) as expired:
            await aio.Client.connect(ClientOptions(address=broker.address, token="old"))
        assert expired.value.code == 233


@in_loop
async def test_who_comes_back_with_a_ticket_asks_for_no_token():
    shown, heard, tokens = [], Heard(), iter(("first", "second"))
    leave = server_frame(close={"code": 250, "retryable": True})

    def answer(frame):
        if frame.WhichOneof("kind") == "disconnect":
            return leave
        ticket = frame.connect.resume
        shown.append((frame.connect.token, ticket))
        if ticket == b"used":
            return server_frame(close={"code": 230})
        told = server_frame(connected={"client_id": "c", "ticket": b"used" if ticket else b"good"})
        return told if len(shown) == 4 else told + leave

    async with AnsweringBroker(answer) as broker:
        client = aio.Client(options(broker, lambda: next(tokens)), heard.events)
        for _ in range(3):
            await heard.until(lambda line: line is State.CONNECTED)
        assert shown == [("first", b""), ("", b"good"), ("", b"used"), ("second", b"")]
        await client.close()


@in_loop
async def test_a_token_that_is_awaited_when_the_filters_stand_is_not_lost():
    desk, asked, heard = TokenDesk(first=SOON, second=0), asyncio.Queue(), Heard()
    connected = asyncio.Event()

    async def bring():
        if not desk.shown:
            return "first"
        asked.put_nowait(True)
        await connected.wait()
        return "second"

    async with AnsweringBroker(desk) as broker:
        client = aio.Client(options(broker, bring), heard.events)
        subscribing = asyncio.ensure_future(client.subscribe("a"))
        await asked.get()
        assert client.state is State.CONNECTING
        broker.say(server_frame(subscribed={"id": 1}))
        await subscribing
        await heard.until(lambda line: line is State.CONNECTED)
        connected.set()
        await desk.until_shown(2)
        assert desk.shown[-1] == ("refresh", "second")
        client.end()


@pytest.mark.parametrize("ends", [OSError("late"), None], ids=("fails", "succeeds"))
@in_loop
async def test_a_hook_that_does_not_stop_when_told_disturbs_nobody(ends):
    """It was asked for a connection that is gone, and ends while another one is under way."""
    desk, asked = TokenDesk(token=0), asyncio.Queue()
    may_end, may_bring, heard = asyncio.Event(), asyncio.Event(), Heard()

    async def lingers():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await may_end.wait()
        if ends:
            raise ends
        return "late"

    async def brings():
        await may_bring.wait()
        raise OSError("none")

    hooks = iter((lingers, brings, lambda: "token"))

    def hook():
        asked.put_nowait(True)
        return next(hooks)()

    async with AnsweringBroker(desk) as broker:
        client = aio.Client(options(broker, hook), heard.events)
        await asked.get()
        client.core.session._transport._link.socket.abort()
        await asked.get()
        task, = [task for task in asyncio.all_tasks() if "_await_token" in repr(task)
                 and task is not client.core._token_task]
        may_end.set()
        await asyncio.wait((task,))
        may_bring.set()
        await heard.until(lambda line: "none" in str(line))
        await heard.until(lambda line: line is State.CONNECTED)
        assert desk.shown == [("connect", "token")]
        await client.close()


if __name__ == "__main__":
    run(__file__)

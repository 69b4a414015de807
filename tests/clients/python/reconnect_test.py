#!/usr/bin/python3
"""A broker that is killed and started again."""

import asyncio

import pytest

import esockets
from esockets import ClientEvents, ClientOptions, Start, State, SubscribeOptions, aio
from tests.support.pytest_main import in_loop, run
from tests.support.python_broker import CONFIG, USERS, Broker


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path, on_path=True)
    yield broker
    broker.kill()


class Diary:
    """States, and what was resumed."""

    def __init__(self):
        self.lines = asyncio.Queue()
        self.events = ClientEvents(
            on_state_change=lambda state, reason: self.lines.put_nowait(state),
            on_resumed=lambda resumed: self.lines.put_nowait(resumed))

    async def until(self, wanted):
        while (line := await self.lines.get()) is not wanted:
            pass

    async def next(self, kind):
        while not isinstance(line := await self.lines.get(), kind):
            pass
        return line


def connect(broker, events=None, **options):
    return aio.Client.connect(ClientOptions(address=broker.address, backoff_min=0.01,
                                            backoff_max=0.1, **options), events)


@in_loop
async def test_everything_is_subscribed_again_and_what_was_published_is_sent(broker):
    diary = Diary()
    async with await connect(broker, diary.events) as client:
        pulled = await client.subscribe("a/#")
        heard = []
        await client.subscribe("a/+", lambda m: heard.append(m.payload))
        broker.kill()
        await diary.until(State.WAITING)
        assert isinstance(client.reason, esockets.UnavailableError)
        await client.publish("a/1", "meanwhile")
        asked = asyncio.ensure_future(client.publish_and_wait("a/1", "asked"))
        broker.start()
        await diary.until(State.CONNECTED)
        await asked
        assert [(await pulled.receive()).payload for _ in range(2)] == [b"meanwhile", b"asked"]
        assert heard == [b"meanwhile", b"asked"]
        assert client.connects_total == 2


@in_loop
async def test_what_was_under_way_fails(broker):
    diary = Diary()
    async with await connect(broker, diary.events) as client:
        await client.subscribe("silent", lambda m: None)
        asked = asyncio.ensure_future(client.request("silent", b""))
        await client.flush()
        broker.kill()
        with pytest.raises(esockets.UnavailableError):
            await asked
        broker.start()
        await diary.until(State.CONNECTED)
        await client.subscribe("up", lambda m: client.reply(m, b"again"))
        assert await client.request("up", b"") == b"again"


@in_loop
async def test_a_request_waits_for_the_connection(broker):
    diary = Diary()
    async with await connect(broker, diary.events) as client:
        await client.subscribe("up", lambda m: client.reply(m, m.payload))
        broker.kill()
        await diary.until(State.WAITING)
        asked = asyncio.ensure_future(client.request("up", b"x"))
        broker.start()
        assert await asked == b"x"
        broker.kill()
        await diary.until(State.WAITING)
        with pytest.raises(esockets.UnavailableError, match="no connection"):
            await client.request("up", b"x", timeout=0.01)
        broker.start()


@in_loop
async def test_a_stream_of_the_broker_that_restarted_is_another_epoch(broker):
    diary = Diary()
    async with await connect(broker, diary.events) as client:
        before = await client.publish_and_store("chat/1", "before")
        pulled = await client.subscribe("chat/#", options=SubscribeOptions(start=Start.last(1)))
        assert (await pulled.receive()).payload == b"before"
        broker.kill()
        broker.start()
        resumed = await diary.next(esockets.StreamStart)
        assert (resumed.filter, resumed.position, resumed.recovered) == ("chat/#", 0, False)
        assert resumed.epoch > before.epoch
        await client.publish("chat/1", "after")
        assert (await pulled.receive()).position == 1


@in_loop
async def test_a_stream_goes_on_where_it_stopped_over_a_cut_connection(broker):
    diary = Diary()
    async with await connect(broker, diary.events) as reader, await connect(broker) as writer:
        pulled = await reader.subscribe("chat/#")
        await writer.publish_and_wait("chat/1", "0")
        assert (await pulled.receive()).payload == b"0"
        for round in range(1, 6):
            reader.core.session._transport._link.socket.abort()
            for number in range(10):
                await writer.publish_and_wait("chat/1", f"{round} {number}")
            resumed = await diary.next(esockets.StreamStart)
            assert resumed.recovered
            assert [(await pulled.receive()).text() for _ in range(10)] == [
                f"{round} {number}" for number in range(10)]


@in_loop
async def test_presence_tells_what_changed_over_a_restart(broker):
    news = asyncio.Queue()
    async with await connect(broker) as watcher:
        await watcher.watch_presence("room/1", news.put_nowait)
        member = await connect(broker, client_id="anna")
        await member.subscribe("room/1", lambda m: None)
        joined = []
        while not joined:
            joined = (await news.get()).joined
        broker.kill()
        member.end()
        broker.start()
        assert [m.client_id for m in (await news.get()).left] == ["anna"]


@in_loop
async def test_a_client_may_wait_for_a_broker_that_is_not_there_yet(broker):
    broker.kill()
    with pytest.raises(esockets.UnavailableError, match="no connection to unix:"):
        await connect(broker)
    diary = Diary()
    client = aio.Client(ClientOptions(address=broker.address, backoff_min=0.01, backoff_max=0.1),
                        diary.events)
    await client.publish("a", "1")
    asked = asyncio.ensure_future(client.subscribe("a"))
    broker.start()
    await asked
    await client.close()


@in_loop
async def test_a_broker_that_shuts_down_asks_to_leave(broker):
    diary, told = Diary(), []
    diary.events.on_close = told.append
    async with await connect(broker, diary.events) as client:
        await asyncio.to_thread(broker.stop)
        await diary.until(State.WAITING)
        assert told[0].code == 250 and told[0].retryable
        broker.start()
        await diary.until(State.CONNECTED)
        await client.flush()


@in_loop
async def test_each_connection_has_a_fresh_token(tmp_path):
    broker = Broker(tmp_path, CONFIG + USERS, on_path=True)
    asked, diary, errors = [], Diary(), []
    diary.events.on_error = errors.append

    async def token():
        asked.append(None)
        if len(asked) == 2:
            raise OSError("no token today")
        return "s3cret"

    async with await connect(broker, diary.events, token_refresh=token):
        await diary.until(State.CONNECTED)
        broker.kill()
        broker.start()
        await diary.until(State.CONNECTED)
        assert len(asked) == 3 and "no token today" in str(errors[0])
    with pytest.raises(esockets.UnauthenticatedError) as refused:
        await connect(broker, token="wrong")
    assert refused.value.code == 230
    async with await connect(broker, token_refresh=lambda: "s3cret"):
        pass
    for wrong in (lambda: None, lambda: 1 / 0, lambda: "\ud800"):
        with pytest.raises(esockets.UnavailableError, match="token_refresh"):
            await connect(broker, token_refresh=wrong)
    async with await connect(broker, user="bob", password="hunter2hunter2"):
        pass
    broker.kill()


@in_loop
async def test_a_token_that_does_not_come_is_not_waited_for_after_its_attempt(broker):
    asked, dropped = asyncio.Queue(), asyncio.Queue()

    async def token():
        asked.put_nowait(True)
        try:
            await asyncio.Event().wait()
        finally:
            dropped.put_nowait(True)

    client = aio.Client(ClientOptions(address=broker.address, token_refresh=token,
                                      connect_timeout=0.02, backoff_max=0))
    for _ in range(2):
        await asked.get()
        await dropped.get()
    await asked.get()
    client.end()
    await dropped.get()


@in_loop
async def test_a_token_whose_future_was_cancelled_is_none(broker):
    cancelled = asyncio.get_running_loop().create_future()
    cancelled.cancel()

    async def token():
        return await cancelled

    for refresh in (token, cancelled.result):
        with pytest.raises(esockets.UnavailableError, match="token_refresh: CancelledError"):
            await connect(broker, token_refresh=refresh)


@in_loop
async def test_dice_that_fail_do_not_keep_it_from_coming_back():
    errors, states = asyncio.Queue(), asyncio.Queue()
    client = aio.Client(
        ClientOptions(address="127.0.0.1:1", dice=lambda: 1 / 0, backoff_max=0, backoff_min=0),
        ClientEvents(on_error=errors.put_nowait,
                     on_state_change=lambda state, reason: states.put_nowait(state)))
    assert isinstance(await errors.get(), ZeroDivisionError)
    assert [await states.get() for _ in range(3)] == [
        State.CONNECTING, State.WAITING, State.CONNECTING]
    client.end()


@in_loop
async def test_whatever_connecting_fails_with_is_a_reason(monkeypatch):
    async def fail(*_, **__):
        raise RuntimeError("cannot schedule new futures after shutdown")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", fail)
    with pytest.raises(esockets.UnavailableError, match="after shutdown"):
        await aio.Client.connect("127.0.0.1:1")


if __name__ == "__main__":
    run(__file__)

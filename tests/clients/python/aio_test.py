#!/usr/bin/python3
"""The asyncio face against the real broker."""

import asyncio

import pytest

import esockets
from esockets import (ClientEvents, ClientOptions, LastWill, Overflow, PublishOptions,
                      RequestOptions, Start, State, SubscribeOptions, WhenFull, aio)
from tests.support.fake_python_transport import server_frame
from tests.support.pytest_main import in_loop, run
from tests.support.python_broker import broker  # a fixture


def connect(broker, events=None, **options):
    return aio.Client.connect(ClientOptions(address=broker.address, **options), events)


@in_loop
async def test_callbacks_and_pulls(broker):
    async with await connect(broker, name="thermometer") as client:
        heard = []
        subscription = await client.subscribe("t/+/c", heard.append)
        pulled = await client.subscribe("t/#")
        await client.publish("t/1/c", "21.5", PublishOptions(
            headers=[("unit", "C"), ("unit", "K")], key="k", ttl_ms=60_000, reply_to="r"))
        message = await pulled.receive(10)
        assert heard == [message]
        assert message == esockets.Message("t/1/c", b"21.5", (("unit", "C"), ("unit", "K")), "r",
                                           b"k", 60_000)
        assert (subscription.filter, subscription.group, subscription.stream) == ("t/+/c", "", None)
        subscription.unsubscribe()
        subscription.unsubscribe()
        await client.publish_and_wait("t/2/c", b"")
        assert (len(heard), (await pulled.receive(10)).payload) == (1, b"")
        with pytest.raises(esockets.DeadlineExceededError):
            await pulled.receive(0.001)
        assert client.state is State.CONNECTED and client.connects_total == 1
        assert client.session_id and client.client_id
    assert client.state is State.CLOSED and client.reason is None
    with pytest.raises(esockets.EndedError):
        await pulled.receive()


@in_loop
async def test_the_iterator_ends_with_the_subscription_and_with_the_client(broker):
    client = await connect(broker)
    async with await client.subscribe("i/#") as subscription:
        for number in range(3):
            await client.publish(f"i/{number}", b"")
        topics = []
        async for message in subscription:
            topics.append(message.topic)
            if len(topics) == 3:
                subscription.unsubscribe()
        assert topics == ["i/0", "i/1", "i/2"]
    other = await client.subscribe("i/#")
    await client.close()
    assert [message async for message in other] == []


@in_loop
async def test_a_full_queue_stops_reading_and_nothing_is_lost(broker):
    async with await connect(broker) as reader, await connect(broker) as writer:
        pulled = await reader.subscribe("q", options=SubscribeOptions(
            receive_queue_messages_max=10))
        for number in range(1000):
            await writer.publish("q", str(number))
        await writer.flush()
        got = [int((await pulled.receive(10)).payload) for _ in range(1000)]
        assert got == list(range(1000))


@in_loop
async def test_a_queue_that_nobody_holds_fills_no_more(broker):
    async with await connect(broker) as client:
        pulled = await client.subscribe("n", options=SubscribeOptions(receive_queue_messages_max=1))
        for _ in range(3):
            await client.publish("n", b"")
        async for _ in pulled:
            break
        del pulled
        await client.flush()  # is read: nothing waits for a reader
        assert (await client.publish_and_confirm("n", b"", 10)).matched == 0


@in_loop
async def test_what_a_callback_raises_goes_to_on_error(broker):
    errors = asyncio.Queue()
    async with await connect(broker, ClientEvents(on_error=errors.put_nowait)) as client:
        cancelled = asyncio.get_running_loop().create_future()
        cancelled.cancel()
        await client.subscribe("e", lambda message: 1 / 0)
        await client.subscribe("e", lambda message: cancelled.result())
        await client.publish("e", b"")
        assert isinstance(await errors.get(), ZeroDivisionError)
        assert isinstance(await errors.get(), asyncio.CancelledError)
        await client.publish("$nobody/may", b"")
        assert (await errors.get()).code == 113
        await client.publish_and_wait("e/on", b"")
        assert client.connects_total == 1


@pytest.mark.parametrize("topic, payload, options", [
    ("", b"", {}), ("a/#", b"", {}), ("a", b"", {"reply_to": "\ud800"}),
    ("a", b"", {"headers": [("a", "\ud800")]}), ("a", b"", {"message_id": "x"}),
    ("a", b"", {"ttl_ms": -1}), ("a", bytes(2 << 20), {}),
])
@in_loop
async def test_what_the_broker_would_refuse_is_not_sent(broker, topic, payload, options):
    async with await connect(broker) as client:
        with pytest.raises(esockets.InvalidArgumentError):
            await client.publish(topic, payload, PublishOptions(**options))
        await client.flush()


@pytest.mark.parametrize("topic, payload, options", [
    (7, b"", None), (b"a", b"", None), (None, b"", None),
    ("a", 7, None), ("a", None, None), ("a", {"a": 1}, None), ("a", [1, 2], None),
    ("a", b"", {"headers": [("a", "b")]}), ("a", b"", PublishOptions(headers=[(1, "b")])),
    ("a", b"", PublishOptions(ttl_ms=1.5)), ("a", b"", PublishOptions(key=7)),
    ("a", b"", PublishOptions(message_id=7)), ("a", b"", PublishOptions(reply_to=b"a")),
], ids=str)
@in_loop
async def test_the_wrong_type_is_said_at_once(topic, payload, options):
    client = aio.Client("127.0.0.1:1")
    for call in (client.publish, client.publish_and_wait):
        with pytest.raises(TypeError):
            await call(topic, payload, *([] if options is None else [options]))
    assert client.outgoing_bytes == 0
    client.end()


@in_loop
async def test_headers_may_come_from_an_iterator_and_not_from_a_dict(broker):
    options = PublishOptions(headers=zip("ab", "12"))
    async with await connect(broker) as client:
        pulled = await client.subscribe("h")
        for _ in range(2):
            await client.publish("h", memoryview(b"x"), options)
        for _ in range(2):
            assert (await pulled.receive(10)).headers == (("a", "1"), ("b", "2"))
    with pytest.raises(TypeError, match="items"):
        PublishOptions(headers={"ab": "12"})


@in_loop
async def test_a_subscription_that_cannot_be_asked_for_leaves_nothing(broker):
    async with await connect(broker) as client:
        for options in ({"max_backlog_messages": -1}, {"max_backlog_bytes": 1.5}):
            with pytest.raises(esockets.InvalidArgumentError, match="options: "):
                await client.subscribe("a", options=SubscribeOptions(**options))
        for callback in (7, SubscribeOptions(), client.flush):
            with pytest.raises(TypeError, match="callback: "):
                await client.subscribe("a", callback)
            with pytest.raises(TypeError, match="callback: "):
                await client.watch_presence("room/1", callback)
        assert not client.core.session._subscriptions._dispatcher.names()


@pytest.mark.parametrize("options", [
    {"token": "\ud800"}, {"name": 7}, {"metadata": {"a": "\ud800"}}, {"keep_alive": -1},
    {"keep_alive": 1e9}, {"keep_alive": float("inf")}, {"will": LastWill("\ud800")},
    {"will": "gone"}, {"will": LastWill("gone", 7)}, {"connect_timeout": "10"},
    {"request_timeout": None}, {"backoff_min": float("nan")}, {"backoff_max": -1},
    {"outgoing_bytes_max": "1"}, {"when_full": "block"}, {"address": "nowhere"}], ids=str)
@in_loop
async def test_options_that_no_connection_can_begin_with(broker, options):
    with pytest.raises(esockets.InvalidArgumentError):
        await connect(broker, **options) if "address" not in options else aio.Client("nowhere")


@in_loop
async def test_options_of_the_wrong_type():
    for options in (7, aio.Client):
        with pytest.raises(esockets.InvalidArgumentError):
            aio.Client(options)
    for name in ("token_refresh", "dice"):
        with pytest.raises(TypeError, match=name):
            aio.Client(ClientOptions(address="127.0.0.1:1", **{name: "token"}))
    for events in (print, ClientEvents(on_error="log"), ClientEvents(on_gap=aio.Client.flush)):
        with pytest.raises(TypeError):
            aio.Client("127.0.0.1:1", events)


@in_loop
async def test_the_buffer_while_there_is_no_broker():
    def client(when_full):
        return aio.Client(ClientOptions(address="127.0.0.1:1", outgoing_bytes_max=100,
                                        backoff_min=60, backoff_max=60, when_full=when_full))

    dropping = client(WhenFull.DROP_NEWEST)
    for _ in range(10):
        await dropping.publish("a", bytes(40))
    assert (dropping.dropped_messages_total, dropping.outgoing_bytes) == (8, 96)
    failing = client(WhenFull.ERROR)
    await failing.publish("a", bytes(90))
    with pytest.raises(esockets.ResourceExhaustedError):
        await failing.publish("a", bytes(90))
    waiting = client(WhenFull.BLOCK)
    await waiting.publish("a", bytes(90))
    with pytest.raises(esockets.ResourceExhaustedError):
        waiting.publish_nowait("a", bytes(90))
    blocked = asyncio.ensure_future(waiting.publish("a", bytes(90)))
    await asyncio.sleep(0)
    assert not blocked.done()
    for one in (dropping, failing, waiting):
        one.end()
    with pytest.raises(esockets.FailedPreconditionError, match="closed"):
        await blocked


@in_loop
async def test_requests(broker):
    async with await connect(broker) as asker, await connect(broker) as answerer:
        await answerer.subscribe("up", lambda m: answerer.reply(m, m.payload.upper()))
        await answerer.subscribe("up", lambda m: answerer.reply(m, b"second"))
        await answerer.subscribe("bad", lambda m: answerer.reply_error(m, "not today"))
        await answerer.subscribe("silent", lambda m: None)
        assert await asker.request("up", "hello") == b"HELLO"
        replies = await asker.request_many("up", "x", RequestOptions(
            replies_max=2, publish=PublishOptions(headers=[("a", "b")])))
        assert [reply.payload for reply in replies] == [b"X", b"second"]
        assert len(await asker.request_many("up", "x", RequestOptions(timeout=0.2))) == 2
        with pytest.raises(esockets.AbortedError, match="not today"):
            await asker.request("bad", "")
        with pytest.raises(esockets.UnavailableError) as nobody:
            await asker.request("nobody", "")
        assert nobody.value.code == esockets.NO_RESPONDERS
        with pytest.raises(esockets.DeadlineExceededError):
            await asker.request("silent", "", timeout=0.05)
        answerer.reply(esockets.Message("no/reply/wanted", b""), b"")
        arrived = asyncio.Event()
        await answerer.subscribe("silent", lambda m: arrived.set())
        given_up = asyncio.ensure_future(asker.request("silent", ""))
        await arrived.wait()
        assert len(asker.core.session._requests) == 1
        given_up.cancel()
        await asyncio.wait([given_up])
        assert len(asker.core.session._requests) == 0


@in_loop
async def test_confirmations(broker):
    async with await connect(broker) as client:
        await client.subscribe("c", lambda m: None)
        told = await client.publish_and_confirm("c", "x", 10)
        assert (told.matched, told.written, told.stored) == (1, 1, None)
        for settle in (0, 10, float("inf")):
            assert (await client.publish_and_confirm("nobody", "x", settle)).matched == 0
        assert await client.publish_and_store("c", "x") is None


@in_loop
async def test_streams(broker):
    async with await connect(broker) as client:
        stored = await client.publish_and_store("chat/1", "one", PublishOptions(message_id="m1"))
        again = await client.publish_and_store("chat/1", "one", PublishOptions(message_id="m1"))
        assert not stored.repeated and again.repeated and stored.position == again.position
        await client.publish_and_wait("chat/2", "two")
        history = await client.subscribe("chat/#", options=SubscribeOptions(
            start=Start.after_position(stored.position - 1, stored.epoch)))
        assert (history.stream.name, history.stream.epoch) == ("chat", stored.epoch)
        assert [(await history.receive(10)).payload for _ in range(2)] == [b"one", b"two"]
        last = await client.subscribe("chat/#", options=SubscribeOptions(
            start=Start.last(1), overflow=Overflow.REPLAY))
        assert (await last.receive(10)).position == stored.position + 1
        with pytest.raises(esockets.InvalidArgumentError):
            await client.subscribe("elsewhere", options=SubscribeOptions(start=Start.last(1)))


@in_loop
async def test_groups_share(broker):
    async with await connect(broker) as one, await connect(broker) as two:
        heard = {"one": 0, "two": 0}

        def count(name):
            def on_message(message):
                assert message.group == "g"
                heard[name] += 1
            return on_message

        options = SubscribeOptions(group="g")
        await one.subscribe("jobs", count("one"), options)
        await two.subscribe("jobs", count("two"), options)
        with pytest.raises(esockets.AlreadyExistsError):
            await one.subscribe("jobs", count("one"), options)
        for number in range(10):
            await one.publish_and_confirm("jobs", str(number), 10)
        await asyncio.gather(one.flush(), two.flush())
        assert heard == {"one": 5, "two": 5}


@in_loop
async def test_last_values(broker):
    ends = asyncio.Queue()
    async with await connect(broker, ClientEvents(on_snapshot_end=ends.put_nowait)) as client:
        await client.publish_and_wait("state/a", "1")
        heard = []
        subscription = await client.subscribe("state/#", lambda m: heard.append(m.payload))
        assert subscription.last_values and await ends.get() == "state/#"
        assert heard == [b"1"]
        without = await client.subscribe("state/a", options=SubscribeOptions(last_values=False))
        assert not without.last_values


@in_loop
async def test_presence(broker):
    news = asyncio.Queue()
    async with await connect(broker) as watcher:
        watch = await watcher.watch_presence("room/1", news.put_nowait)
        assert ((first := await news.get()).first, first.count) == (True, 0)
        async with await connect(broker, client_id="anna", name="Anna",
                                 metadata={"k": "v"}) as anna:
            await anna.subscribe("room/1", lambda m: None)
            joined = (await news.get()).joined
            assert [(m.client_id, m.name, m.metadata) for m in joined] == [
                ("anna", "Anna", {"k": "v"})]
        assert [m.client_id for m in (await news.get()).left] == ["anna"]
        watch.stop()
        with pytest.raises(esockets.FailedPreconditionError):
            await watcher.watch_presence("elsewhere", news.put_nowait)


@in_loop
async def test_a_gap_that_a_watch_makes_good_is_not_told(broker):
    news, gaps = asyncio.Queue(), []
    async with await connect(broker, ClientEvents(on_gap=gaps.append)) as client:
        await client.watch_presence("room/2", news.put_nowait)
        await news.get()
        for filter in ("$presence/room/2", "other"):
            client.core.session.on_bytes(server_frame(gap={"filter": filter, "messages": 1}))
        assert [gap.filter for gap in gaps] == ["other"]
        await client.subscribe("room/2", lambda m: None)
        assert [m.client_id for m in (await news.get()).joined] == [client.client_id]


@in_loop
async def test_a_last_will(broker):
    async with await connect(broker) as client:
        gone = await client.subscribe("gone")
        dying = await connect(broker, will=LastWill("gone", "me"))
        dying.end()
        assert (await gone.receive(10)).payload == b"me"
        leaving = await connect(broker, will=LastWill("gone", "me"))
        await leaving.close()
        await client.publish("gone", "nobody")
        assert (await gone.receive(10)).payload == b"nobody"


@in_loop
async def test_a_client_that_was_taken_over_does_not_come_back(broker):
    closes = asyncio.Queue()
    first = await connect(broker, ClientEvents(on_close=closes.put_nowait), client_id="same")
    async with await connect(broker, client_id="same"):
        close = await closes.get()
        assert (close.code, close.retryable) == (231, False)
        assert first.state is State.CLOSED and first.reason.code == 231
        with pytest.raises(esockets.Error) as refused:
            await first.publish("a", b"")
        assert refused.value.code == 231
        with pytest.raises(esockets.Error):
            await first.request("a", b"")


@in_loop
async def test_a_cancelled_close_is_an_end_all_the_same():
    client = aio.Client(ClientOptions(address="127.0.0.1:1", backoff_min=60, backoff_max=60))
    await client.publish("a", "waits for a broker")
    closing = asyncio.ensure_future(client.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert client.state is State.CLOSED


@in_loop
async def test_close_without_anything_to_wait_for_needs_no_time():
    client = aio.Client("127.0.0.1:1")
    await client.close(timeout=0)
    assert client.state is State.CLOSED


@in_loop
async def test_a_cancelled_request_leaves_no_timer(broker):
    loop = asyncio.get_running_loop()
    async with await connect(broker) as client:
        await client.subscribe("silent", lambda m: None)
        asking = asyncio.ensure_future(client.request("silent", b"", timeout=3600))
        await client.flush()
        asking.cancel()
        await asyncio.wait([asking])
        assert [timer for timer in loop._scheduled
                if not timer.cancelled() and timer.when() > loop.time() + 100] == []


@in_loop
async def test_a_cancelled_subscribe_leaves_nothing(broker):
    async with await connect(broker) as client:
        asking = asyncio.ensure_future(client.subscribe("x"))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await client.flush()
        assert (await client.publish_and_confirm("x", b"", 10)).matched == 0


if __name__ == "__main__":
    run(__file__)

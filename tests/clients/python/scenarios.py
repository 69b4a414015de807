"""One scenario for each feature that a client may have, by its id: messages, and what keeps them.

Each gets a Room: a broker of the test's own, and clients that end with the scenario.
"""

import asyncio

import pytest

import esockets
from esockets import (Overflow, PublishOptions, RequestOptions, Start, SubscribeOptions,
                      WhenFull)
from esockets.address import Address


async def publish(room):
    client, other = await room.client(), await room.client()
    pulled = await other.subscribe("p")
    for number in range(10):
        await client.publish("p", str(number))
    assert [(await pulled.receive()).text() for _ in range(10)] == [str(n) for n in range(10)]
    away = room.begin(address="127.0.0.1:1", outgoing_bytes_max=60, when_full=WhenFull.ERROR)
    await away.publish("p", bytes(50))
    with pytest.raises(esockets.ResourceExhaustedError):
        await away.publish("p", bytes(50))


async def publish_and_wait(room):
    client = await room.client()
    await client.publish_and_wait("p/w", b"x")
    with pytest.raises(esockets.PermissionDeniedError) as refused:
        await client.publish_and_wait("$reserved", b"x")
    assert refused.value.code == 113 and refused.value.advice


async def publish_and_store(room):
    client = await room.client()
    options = PublishOptions(message_id=b"id 1")
    first = await client.publish_and_store("chat/store", b"x", options)
    again = await client.publish_and_store("chat/store", b"x", options)
    assert (again.repeated, again.position, again.epoch) == (True, first.position, first.epoch)
    with pytest.raises(esockets.Error) as used:
        await client.publish_and_store("chat/store", b"y", options)
    assert used.value.code == 127
    assert await client.publish_and_store("nowhere", b"x") is None


async def publish_and_confirm(room):
    client, other = await room.client(), await room.client()
    await other.subscribe("p/c", lambda m: None)
    told = await client.publish_and_confirm("p/c", b"x", 10)
    assert (told.matched, told.written, told.queued, told.dropped) == (1, 1, 0, 0)


async def subscribe(room):
    client = await room.client()
    heard = {filter: [] for filter in ("s/+/x", "s/#", "s/1/x")}
    for filter, messages in heard.items():
        await client.subscribe(filter, messages.append)
    await client.publish_and_confirm("s/1/x", b"", 10)
    await client.publish_and_confirm("s/1", b"", 10)
    assert [len(messages) for messages in heard.values()] == [1, 2, 1]


async def subscribe_iterator(room):
    client = await room.client()
    subscription = await client.subscribe("it")
    for number in range(5):
        await client.publish("it", str(number))
    got = []
    async for message in subscription:
        got.append(message.text())
        if len(got) == 5:
            subscription.unsubscribe()
    assert got == ["0", "1", "2", "3", "4"]


async def subscribe_pull(room):
    client = await room.client()
    pulled = await client.subscribe("pull", options=SubscribeOptions(receive_queue_messages_max=2))
    with pytest.raises(esockets.DeadlineExceededError):
        await pulled.receive(0.01)
    for number in range(100):
        await client.publish("pull", str(number))
    assert [int((await pulled.receive()).payload) for _ in range(100)] == list(range(100))


async def overflow(room):
    """A reader that stops, and publishes of which the latest of each key is enough."""
    reader, writer = await room.client(), await room.client()
    options = SubscribeOptions(overflow=Overflow.CONFLATE, receive_queue_messages_max=1)
    pulled = await reader.subscribe("o", options=options)
    for number in range(600):
        await writer.publish("o", bytes(20_000), PublishOptions(key="a"))
    await writer.publish_and_wait("o", b"last", PublishOptions(key="a"))
    count = 1
    while (await pulled.receive()).payload != b"last":
        count += 1
    await room.until(lambda: room.gaps)
    gap = room.gaps[-1]
    assert (gap.reason, gap.filter, count < 601) == ("CONFLATED", "o", True)
    with pytest.raises(esockets.Error) as refused:
        await reader.subscribe("not/in/a/stream", options=SubscribeOptions(
            overflow=Overflow.REPLAY, max_backlog_messages=1, max_backlog_bytes=1,
            max_backlog_age_ms=1))
    assert refused.value.code == 124


async def gaps(room):
    reader, writer = await room.client(), await room.client()
    pulled = await reader.subscribe("g", options=SubscribeOptions(
        max_backlog_messages=1, receive_queue_messages_max=1))
    for number in range(600):
        await writer.publish("g", bytes(20_000))
    await writer.publish_and_wait("g", b"last")
    count = 1
    while (await pulled.receive()).payload != b"last":
        count += 1
    gap = room.gaps[0]
    assert (gap.filter, gap.reason) == ("g", "BACKLOG_FULL")
    assert gap.bytes >= gap.messages * 20_000 and gap.from_us <= gap.to_us
    assert count + sum(gap.messages for gap in room.gaps) == 601


async def headers(room):
    client = await room.client()
    pulled = await client.subscribe("h")
    await client.publish("h", b"x", PublishOptions(headers=[("a", "1"), ("a", "ü")], key=b"\0k",
                                                   ttl_ms=60_000, reply_to="r/1"))
    got = await pulled.receive()
    assert (got.headers, got.key, got.ttl_ms, got.reply_to) == (
        (("a", "1"), ("a", "ü")), b"\0k", 60_000, "r/1")


async def request(room):
    client, other = await room.client(), await room.client()
    await other.subscribe("up", lambda m: other.reply(m, m.payload.upper()))
    assert await client.request("up", "x") == b"X"
    with pytest.raises(esockets.UnavailableError) as nobody:
        await client.request("nobody", "x")
    assert nobody.value.code == esockets.NO_RESPONDERS


async def request_many(room):
    client, others = await room.client(), [await room.client() for _ in range(3)]
    for other in others:
        await other.subscribe("many", lambda m, other=other: other.reply(m, other.client_id))
    replies = await client.request_many("many", "", RequestOptions(replies_max=3))
    assert {reply.text() for reply in replies} == {other.client_id for other in others}
    assert len(await client.request_many("many", "", RequestOptions(2))) == 2
    assert len(await client.request_many("many", "", RequestOptions(timeout=0.3))) == 3


async def reply(room):
    client, other = await room.client(), await room.client()
    await other.subscribe("bad", lambda m: other.reply_error(m, "not today"))
    words = PublishOptions(headers=[("a", "b")])
    await other.subscribe("good", lambda m: other.reply(m, b"", words))
    with pytest.raises(esockets.AbortedError, match="not today"):
        await client.request("bad", "")
    answer, = await client.request_many("good", "", RequestOptions(1))
    assert answer.headers == (("a", "b"),)


async def groups(room):
    members = [await room.client() for _ in range(2)]
    heard = [[], []]
    for member, messages in zip(members, heard):
        await member.subscribe("jobs", messages.append, SubscribeOptions(
            group="g", group_strategy=esockets.GroupStrategy.ROUND_ROBIN))
    for _ in range(10):
        await members[0].publish_and_confirm("jobs", b"", 10)
    for member in members:
        await member.flush()
    assert [len(messages) for messages in heard] == [5, 5]
    with pytest.raises(esockets.FailedPreconditionError):
        third = await room.client()
        await third.subscribe("jobs", options=SubscribeOptions(
            group="g", group_strategy=esockets.GroupStrategy.HASH))


async def stream_start(room):
    client = await room.client()
    first = await client.publish_and_store("chat/start/a", "1")
    for topic, payload in (("b", "2"), ("a", "3"), ("b", "4")):
        await client.publish_and_wait(f"chat/start/{topic}", payload)

    async def begin(start, count):
        async with await client.subscribe("chat/start/#",
                                          options=SubscribeOptions(start=start)) as pulled:
            assert pulled.stream.name == "chat"
            return [(await pulled.receive()).text() for _ in range(count)]

    assert await begin(Start.after_position(first.position, first.epoch), 3) == ["2", "3", "4"]
    assert await begin(Start.at_time(1), 4) == ["1", "2", "3", "4"]
    assert await begin(Start.last(2), 2) == ["3", "4"]
    assert sorted(await begin(Start.last_of_each_topic(1), 2)) == ["3", "4"]


async def last_values(room):
    client = await room.client()
    await client.publish_and_wait("state/a", "1")
    heard = room.heard()
    subscription = await client.subscribe("state/#", lambda m: heard.append(m.text()))
    assert subscription.last_values
    await room.until(lambda: room.snapshot_ends)
    assert (room.snapshot_ends, heard) == (["state/#"], ["1"])


async def presence(room):
    watcher, news = await room.client(), room.heard()
    await watcher.watch_presence("room/conformance", news.append)
    await room.until(lambda: news)
    anna = await room.client(client_id="anna", name="Anna")
    await anna.subscribe("room/conformance", lambda m: None)
    await room.until(lambda: len(news) > 1)
    await anna.close()
    await room.until(lambda: len(news) > 2)
    assert [news[0].first, [m.name for m in news[1].joined], [m.client_id for m in news[2].left]
            ] == [True, ["Anna"], ["anna"]]


async def websocket(room):
    client = await room.client(address=f"ws://{room.broker.address}/any/path")
    pulled = await client.subscribe("ws")
    await client.publish("ws", bytes(100_000))
    assert len((await pulled.receive()).payload) == 100_000
    await client.close()
    assert client.reason is None


async def tcp(room):
    assert Address.parse(room.broker.address).port
    await (await room.client()).flush()


async def unix(room):
    broker = room.another_broker(on_path=True)
    await (await room.client(address=broker.address)).flush()


async def flush_and_close(room):
    client, other = await room.client(), await room.client()
    heard = room.heard()
    await other.subscribe("f", heard.append)
    for _ in range(1000):
        await client.publish("f", b"x")
    await client.flush()
    await room.until(lambda: len(heard) == 1000)
    for _ in range(1000):
        await client.publish("f", b"x")
    await asyncio.wait_for(client.close(), 60)
    await room.until(lambda: len(heard) == 2000)
    assert client.reason is None

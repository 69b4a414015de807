"""The same: connections, how they begin and how they end."""

import asyncio

import pytest

import esockets
from esockets import LastWill, Start, State, SubscribeOptions
from esockets.topic import filter_error, filter_matches, topic_error
from tests.conformance.vectors import load
from tests.support.fake_python_transport import server_frame
from tests.support.python_broker import CONFIG, USERS


async def connect(room):
    client = await room.client(client_id="me", name="n", metadata={"a": "b"})
    assert (client.client_id, client.state) == ("me", State.CONNECTED)
    assert client.session_id > 0 and client.core.session.frame_bytes_max == 1 << 20
    assert (await room.client()).client_id


async def credentials(room):
    broker = room.another_broker(CONFIG + USERS)
    for right in ({"token": "s3cret"}, {"user": "bob", "password": "hunter2hunter2"}):
        await room.client(address=broker.address, **right)
    with pytest.raises(esockets.UnauthenticatedError):
        await room.client(address=broker.address, token="wrong")
    wrong = room.begin(address=broker.address, token="wrong")
    await room.until(lambda: wrong.state is State.CLOSED)
    assert (wrong.reason.code, wrong.connects_total) == (230, 0)


async def token_refresh(room):
    tokens = iter(("s3cret", "s3cret", "wrong"))
    broker = room.another_broker(CONFIG + USERS, on_path=True)
    client = await room.client(address=broker.address, token_refresh=lambda: next(tokens))
    broker.kill()
    broker.start()
    await room.until(lambda: client.connects_total == 2)
    broker.kill()
    broker.start()
    await room.until(lambda: client.state is State.CLOSED)
    assert client.reason.code == 230
    tokens = iter(("first", "second", "expired", "third"))
    scripted, desk = room.token_broker(first=1, second=0, third=0)
    async with scripted as broker:
        client = await room.client(address=broker.address, token_refresh=lambda: next(tokens))
        await desk.until_shown(2)
        assert client.connects_total == 1
        broker.say(server_frame(close={"code": 233}))
        await room.until(lambda: client.connects_total == 2)
    assert desk.shown == [("connect", "first"), ("refresh", "second"), ("connect", "expired"),
                          ("connect", "third")]


async def tickets(room):
    tokens = ["s3cret"]
    broker = room.another_broker(CONFIG + USERS + 'ticket_key_file: "ticket_key"', on_path=True)
    client = await room.client(address=broker.address, token_refresh=tokens.pop)
    for times in (2, 3):
        broker.kill()
        broker.start()
        await room.until(lambda times=times: client.connects_total == times)
    assert tokens == []


async def resume(room):
    broker = room.another_broker(on_path=True)
    reader = await room.client(address=broker.address)
    writer = await room.client(address=broker.address)
    pulled = await reader.subscribe("chat/#", options=SubscribeOptions(start=Start.last(1)))
    for round in range(3):
        for number in range(20):
            await writer.publish_and_wait("chat/1", f"{round} {number}")
            if number == 10:
                reader.core.session._transport._link.socket.abort()
        assert [(await pulled.receive()).text() for _ in range(20)] == [
            f"{round} {number}" for number in range(20)]
    assert len(room.resumed) == 3 and all(told.recovered for told in room.resumed)
    broker.kill()
    broker.start()
    await room.until(lambda: len(room.resumed) == 4)
    assert not room.resumed[-1].recovered


async def will(room):
    client = await room.client()
    gone = await client.subscribe("will")
    (await room.client(will=LastWill("will", "me"))).end()
    assert (await gone.receive()).payload == b"me"


async def close_codes(room):
    first = await room.client(client_id="twin")
    await room.client(client_id="twin")
    await room.until(lambda: first.state is State.CLOSED)
    close, = room.closes
    assert (close.code, close.retryable, bool(close.text), bool(close.advice)) == (
        231, False, True, True)
    assert first.reason.code == 231
    broker = room.another_broker()
    client = await room.client(address=broker.address)
    await asyncio.to_thread(broker.stop)
    await room.until(lambda: client.state is State.WAITING)
    assert (room.closes[-1].code, room.closes[-1].retryable) == (250, True)


async def reconnect(room):
    broker = room.another_broker(on_path=True)
    client = await room.client(address=broker.address)
    pulled = await client.subscribe("r/#")
    broker.kill()
    await room.until(lambda: client.state is State.WAITING)
    await client.publish("r/1", "buffered")
    broker.start()
    assert (await pulled.receive()).payload == b"buffered"
    await room.until(lambda: client.state is State.CONNECTED)
    states = [state for one, state in room.states if one is client]
    assert states[:3] == [State.CONNECTING, State.CONNECTED, State.WAITING]
    assert states[-2:] == [State.CONNECTING, State.CONNECTED]


async def keep_alive(room):
    client = await room.client(keep_alive=0.1)
    await room.pings(client, 6)
    assert client.connects_total == 1
    async with room.mute_broker(keep_alive_ms=50) as broker:
        dead = room.begin(address=broker.address)
        await room.until(lambda: dead.reason is not None)
        assert "nothing was heard" in str(dead.reason)


async def vectors(room):
    """Against the client as a program uses it; frames_test writes them, frame_reader_test cuts them
    into pieces of any size."""
    connected = next(v for v in load("server_frames") if v["name"] == "connected_inbox")
    for vector in load("server_frames"):
        async with room.scripted_broker(connected["bytes"] + vector["bytes"]) as broker:
            client = room.begin(address=broker.address, backoff_min=60, backoff_max=60)
            await room.until(lambda: client.state in (State.WAITING, State.CLOSED))
            assert client.connects_total == 1, vector["name"]
            close = vector["server"].close
            assert client.reason.code == close.code
            retryable = close.retryable or not close.code
            assert client.state is (State.WAITING if retryable else State.CLOSED)
    for vector in load("broken_server_frames"):
        async with room.scripted_broker(connected["bytes"] + vector["bytes"], "stay") as broker:
            client = room.begin(address=broker.address, backoff_min=60, backoff_max=60)
            await room.until(lambda: client.state is State.WAITING)
            assert isinstance(client.reason, esockets.ProtocolError), vector["name"]
    for vector in load("topics"):
        if "valid" in vector:
            told = topic_error(vector["topic"]) if "topic" in vector \
                else filter_error(vector["filter"])
            assert (not told) == vector["valid"], vector
        elif "matches" in vector:
            assert filter_matches(vector["filter"], vector["topic"]) == vector["matches"], vector

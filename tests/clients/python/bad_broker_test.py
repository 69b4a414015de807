#!/usr/bin/python3
"""Whatever a broker sends, the client says what is wrong, and neither hangs nor breaks."""

import asyncio
import random
import re

import pytest

import esockets
from esockets import ClientEvents, ClientOptions, State, aio
from tests.conformance.vectors import load
from tests.support.fake_python_broker import CONNECTED, FakeBroker
from tests.support.fake_python_transport import server_frame
from tests.support.pytest_main import in_loop, run

pytestmark = pytest.mark.filterwarnings("ignore:Unexpected end-group")


async def outcome(script, then="close", **options):
    """Why the first connection ended."""
    ended = asyncio.get_running_loop().create_future()

    def on_state_change(state, reason):
        if state in (State.WAITING, State.CLOSED) and not ended.done():
            ended.set_result(reason)

    async with FakeBroker(script, then=then) as broker:
        client = aio.Client(ClientOptions(address=broker.address, reconnect=False, **options),
                            ClientEvents(on_state_change=on_state_change))
        reason = await ended
        client.end()
        return reason


@pytest.mark.parametrize("script, text", [
    (b"", "closed by the broker"),
    (b"\x05ab", "closed by the broker"),
    (CONNECTED + b"\x05ab", "closed by the broker"),
    (b"\0\0", "a frame of 0 bytes"),
    (b"\xff\xff\xff\xff\x7f", "a frame of [0-9]+ bytes"),
    (b"\xff\xff\xff\xff\xff", "a length without end"),
    (b"HTTP/1.1 400 Bad Request\r\n\r\n" + b" " * 100, "not the protocol"),
    (b"\x02\x0a\xff", "not the protocol"),
    (CONNECTED + b"\x05\x12\x03\x0a\x01\xff", "not the protocol"),  # a topic that is no UTF-8
    (CONNECTED + b"\x04\x12\x7f\x0a\x01", "not the protocol"),  # a message longer than its frame
    (server_frame(close={"code": 230, "text": "who are you"}), "code 230: who are you"),
], ids=str)
@in_loop
async def test_clear_errors(script, text):
    reason = await outcome(script)
    assert isinstance(reason, esockets.Error)
    assert re.search(text, str(reason)), str(reason)


@in_loop
async def test_a_reset_is_told():
    assert isinstance(await outcome(b"", then="reset"), esockets.UnavailableError)


@in_loop
async def test_a_broker_that_says_nothing_has_its_time():
    reason = await outcome(b"", then="stay", connect_timeout=0.05)
    assert isinstance(reason, esockets.DeadlineExceededError)
    reason = await outcome(b"\x50half", then="stay", connect_timeout=0.05)
    assert isinstance(reason, esockets.DeadlineExceededError)


@in_loop
async def test_calls_have_their_time_when_a_broker_answers_nothing():
    async with FakeBroker(CONNECTED, then="stay") as broker:
        client = await aio.Client.connect(ClientOptions(address=broker.address,
                                                        request_timeout=0.05))
        for call in (client.publish_and_wait("a", b""), client.subscribe("a"), client.flush(),
                     client.request("a", b""), client.watch_presence("a", lambda n: None),
                     client.publish_and_confirm("a", b"", 0.01), client.close(0.05)):
            with pytest.raises(esockets.DeadlineExceededError):
                await call
            assert len(client.core.session._requests) == 0
        assert client.state is State.CLOSED


@in_loop
async def test_waiting_for_room_counts():
    """In the time of a call that waits for an answer."""
    async with FakeBroker(CONNECTED, then="stay") as broker:
        client = aio.Client(ClientOptions(
            address=broker.address, request_timeout=0.05, outgoing_bytes_max=10))
        client.core.session.drain = lambda: None  # the buffer stays full
        await client.publish("a", bytes(20))
        for call in (client.publish_and_wait("a", b""), client.publish_and_confirm("a", b"", 0.01),
                     client.request("a", b"")):
            with pytest.raises(esockets.DeadlineExceededError, match="no room"):
                await call
        client.end()


@in_loop
async def test_what_a_broker_does_not_read_stays_in_the_buffer():
    async with FakeBroker(CONNECTED, then="stay") as broker:
        client = await aio.Client.connect(ClientOptions(address=broker.address,
                                                        outgoing_bytes_max=100 << 20))
        for _ in range(60):
            await client.publish("a", bytes(1_000_000))
        with pytest.raises(esockets.DeadlineExceededError):
            await client.flush(0.2)
        assert client.outgoing_bytes > 30_000_000
        client.end()


@in_loop
async def test_fields_and_kinds_of_a_newer_broker_are_read_over():
    newer = b"\x0c\x12\x0a\x0a\x01a\x12\x01b\xaa\x06\x01\x01"  # a message with field 101
    unknown = b"\x05\xa2\x06\x02\x08\x01"
    async with FakeBroker(CONNECTED + server_frame(subscribed={"id": 1}) + newer + unknown
                          + server_frame(message={"topic": "a", "payload": b"2"}),
                          then="stay") as broker:
        client = aio.Client(broker.address)
        pulled = await client.subscribe("a")
        assert [(await pulled.receive()).payload for _ in range(2)] == [b"b", b"2"]
        client.end()


@in_loop
async def test_every_frame_of_the_vectors_may_come_at_any_time():
    """Whether it makes sense or not."""
    for vector in load("server_frames"):
        for script in (vector["bytes"], CONNECTED + vector["bytes"] * 2):
            await outcome(script)


@pytest.mark.parametrize("vector", load("broken_server_frames"), ids=lambda v: v["name"])
@in_loop
async def test_what_no_broker_sends_is_the_end_of_a_connection(vector):
    reason = await outcome(CONNECTED + vector["bytes"], then="stay")
    assert isinstance(reason, esockets.ProtocolError)


@in_loop
async def test_random_garbage():
    seed = random.randrange(1 << 32)
    dice = random.Random(seed)
    frames = b"".join(v["bytes"] for v in load("server_frames"))
    for _ in range(100):
        garbage = bytearray(CONNECTED + frames)
        for _ in range(dice.randrange(1, 5)):
            garbage[dice.randrange(len(CONNECTED), len(garbage))] = dice.randrange(256)
        reason = await outcome(bytes(garbage))
        assert isinstance(reason, esockets.Error), f"seed {seed}"


if __name__ == "__main__":
    run(__file__)

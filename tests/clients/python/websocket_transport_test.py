#!/usr/bin/python3
"""The native stream over WebSocket."""

import asyncio
import http
import sys

import pytest
import websockets
from websockets.utils import accept_key

import esockets
from esockets import ClientEvents, ClientOptions, State, aio
from esockets.websocket_transport import SUBPROTOCOL
from tests.support.fake_python_transport import server_frame
from tests.support.pytest_main import in_loop, run
from tests.support.python_broker import broker  # a fixture

CONNECTED = server_frame(connected={"client_id": "c", "session_id": 1, "keep_alive_ms": 100})


async def serve(handler, **options):
    return await websockets.serve(handler, "127.0.0.1", 0,
                                  **{"subprotocols": [SUBPROTOCOL], **options})


async def serve_and_be_dead(last):
    """Shakes hands, greets, sends the last bytes, and neither reads nor ends from then on."""

    async def handler(reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        key = request.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0].decode()
        writer.write((f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                      f"Connection: Upgrade\r\nSec-WebSocket-Accept: {accept_key(key)}\r\n"
                      f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n").encode())
        writer.write(b"\x82" + bytes([len(CONNECTED)]) + CONNECTED + last)

    return await asyncio.start_server(handler, "127.0.0.1", 0)


def url(server):
    return "ws://127.0.0.1:%d" % server.sockets[0].getsockname()[1]


async def first_end(address, **options):
    """Why the first connection ended, and whether it was for good."""
    ended = asyncio.get_running_loop().create_future()

    def on_state_change(state, reason):
        if state in (State.WAITING, State.CLOSED) and not ended.done():
            ended.set_result((reason, state))

    client = aio.Client(ClientOptions(address=address, **options),
                        ClientEvents(on_state_change=on_state_change))
    result = await ended
    client.end()
    return result


@in_loop
async def test_everything_works(broker):
    async with await aio.Client.connect(f"ws://{broker.address}/any/path?x=1") as client:
        pulled = await client.subscribe("w/#")
        for size in (0, 1, 125, 126, 70_000, 900_000):
            await client.publish_and_wait("w/1", bytes(size))
            assert len((await pulled.receive()).payload) == size
        for number in range(1000):
            await client.publish("w/2", str(number))
        assert [int((await pulled.receive()).payload) for _ in range(1000)] == list(range(1000))
        await client.subscribe("up", lambda m: client.reply(m, m.payload.upper()))
        assert await client.request("up", "x") == b"X"
    assert client.reason is None


@in_loop
async def test_frames_lie_in_messages_as_it_comes():
    data = CONNECTED + server_frame(subscribed={"id": 1}) + b"".join(
        server_frame(message={"topic": "a", "payload": bytes(size)}) for size in (0, 1, 500))

    async def handler(socket, path):
        await socket.recv()
        for byte in data[:len(data) // 2]:
            await socket.send(bytes([byte]))
        await socket.send([data[len(data) // 2:-10], b"", data[-10:]])  # in fragments
        await socket.wait_closed()

    async with await serve(handler) as server:
        client = aio.Client(url(server))
        pulled = await client.subscribe("a")
        assert [len((await pulled.receive()).payload) for _ in range(3)] == [0, 1, 500]
        client.end()


@in_loop
async def test_the_broker_says_why_it_ends_it(broker):
    first = await aio.Client.connect(ClientOptions(address=f"ws://{broker.address}",
                                                   client_id="ws twin"))
    async with await aio.Client.connect(ClientOptions(address=f"ws://{broker.address}",
                                                      client_id="ws twin")):
        await first.core.until(lambda: first.state is State.CLOSED, None)
        assert first.reason.code == 231


def test_the_blocking_face_has_it_too(broker):
    with esockets.Client.connect(f"ws://{broker.address}") as client:
        assert client.publish_and_confirm("a", b"", 10).matched == 0


@pytest.mark.parametrize("code, text, native, final", [
    (4231, "another connection took over", 231, State.CLOSED),
    (4250, "shutting down", 250, State.WAITING),
    (1009, "too large", 0, State.CLOSED),
    (1011, "failed", 0, State.WAITING),
])
@in_loop
async def test_without_a_close_of_the_protocol_its_own_code_counts(code, text, native, final):
    async def handler(socket, path):
        await socket.recv()
        await socket.close(code, text)

    async with await serve(handler) as server:
        reason, state = await first_end(url(server))
        assert (reason.code, state) == (native, final)
        assert text in str(reason)


@pytest.mark.parametrize("hook, final", [
    (None, State.CLOSED), (lambda: "t0ken", State.WAITING)], ids=("without a hook", "with a hook"))
@in_loop
async def test_credentials_that_expire_in_its_own_code_alone(hook, final):
    async def handler(socket, path):
        await socket.recv()
        await socket.close(4233, "the credentials have expired")

    async with await serve(handler) as server:
        reason, state = await first_end(url(server), token_refresh=hook)
        assert (reason.code, state) == (233, final)


@in_loop
async def test_the_close_of_the_protocol_counts_more():
    async def handler(socket, path):
        await socket.recv()
        await socket.send(server_frame(close={"code": 232, "text": "kicked"}))
        await socket.close(4250, "shutting down")

    async with await serve(handler) as server:
        reason, state = await first_end(url(server))
        assert (reason.code, state) == (232, State.CLOSED)


@in_loop
async def test_text_is_not_the_protocol():
    codes = asyncio.Queue()

    async def handler(socket, path):
        await socket.send("hello")
        await socket.wait_closed()
        codes.put_nowait(socket.close_code)

    async with await serve(handler) as server:
        reason, _ = await first_end(url(server))
        assert "a text message" in str(reason)
        assert await codes.get() == 1003


@in_loop
async def test_a_server_of_another_kind_is_refused():
    async def handler(socket, path):
        await socket.wait_closed()

    async def refuse(path, headers):
        return http.HTTPStatus.BAD_REQUEST, [], b"no"

    async with await serve(handler, subprotocols=None) as server:
        reason, state = await first_end(url(server))
        assert "does not speak esockets.v1" in str(reason) and state is State.CLOSED
    async with await serve(handler, process_request=refuse) as server:
        reason, state = await first_end(url(server))
        assert "HTTP 400" in str(reason) and state is State.CLOSED

    async def plain(reader, writer):
        await reader.read(1)
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        reason, _ = await first_end(url(server))
        assert "handshake was refused" in str(reason)


@in_loop
async def test_the_brokers_pings_are_signs_of_life_and_their_lack_is_noticed():
    pinged = asyncio.Queue()

    async def handler(socket, path):
        await socket.recv()
        await socket.send(CONNECTED)
        await (await socket.ping())  # the client answers
        pinged.put_nowait(await socket.recv())

    async with await serve(handler, ping_interval=None) as server:
        client = await aio.Client.connect(url(server))
        await client.publish("a", b"x")
        assert b"x" in await pinged.get()
        client.end()

    async with await serve_and_be_dead(b"") as server:
        reason, _ = await first_end(url(server))
        assert "nothing was heard" in str(reason)


@in_loop
async def test_a_close_that_comes_with_what_is_to_be_answered_is_heard():
    async with await serve_and_be_dead(b"\x88\x02" + (4231).to_bytes(2, "big")) as server:
        reason, state = await first_end(url(server))
        assert (reason.code, state) == (231, State.CLOSED)


@pytest.mark.parametrize("garbage", [
    b"\x83\0", b"\x82\x81\0\0\0\0x", b"\x80\1a", b"\x88\1a", b"\xc2\1a"],
    ids=("unknown", "masked", "continued", "half a code", "compressed"))
@in_loop
async def test_what_is_no_websocket_ends_the_connection(garbage):
    async with await serve_and_be_dead(garbage) as server:
        reason, state = await first_end(url(server))
        assert "not the protocol" in str(reason) and state is State.WAITING


@in_loop
async def test_without_the_package_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "websockets.client", None)
    with pytest.raises(esockets.FailedPreconditionError, match="python3-websockets"):
        aio.Client("ws://127.0.0.1:1")


if __name__ == "__main__":
    run(__file__)

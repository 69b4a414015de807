"""A listener that says what a test wants, well formed or not."""

import asyncio
import contextlib

from esockets.frame_reader import FrameReader
from esockets.proto.esockets_pb2 import ClientFrame
from tests.support.fake_python_transport import server_frame

CONNECTED = server_frame(connected={"protocol_version": 1, "client_id": "c", "session_id": 1,
                                    "inbox": "$INBOX/c"})


class FakeBroker:
    """`async with FakeBroker(*scripts)`: connection n gets the bytes of script n, the last one for
    all that follow, once it has sent something. `then` is "close", "reset" or "stay"."""

    def __init__(self, *scripts, then="close"):
        self._scripts = list(scripts)
        self._then = then
        self._writers = []
        self.connections = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = "127.0.0.1:%d" % self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader, writer):
        self._writers.append(writer)
        script = self._scripts[min(self.connections, len(self._scripts) - 1)]
        self.connections += 1
        await reader.read(1)
        writer.write(script)
        if self._then == "close":
            writer.close()
        elif self._then == "reset":
            writer.transport.abort()


class AnsweringBroker(FakeBroker):
    """One that says to each frame what `answer(frame)` returns, in bytes; None: nothing."""

    def __init__(self, answer):
        super().__init__()
        self._answer = answer

    async def _serve(self, reader, writer):
        self._writers.append(writer)
        self.connections += 1
        frames = FrameReader()
        with contextlib.suppress(ConnectionError):  # some clients are cut off
            while data := await reader.read(1 << 16):
                frames.feed(data)
                while (body := frames.next()) is not None:
                    writer.write(self._answer(ClientFrame.FromString(body)) or b"")
        writer.close()

    def say(self, data):
        """To the last one who came."""
        self._writers[-1].write(data)


class TokenDesk:
    """What an AnsweringBroker may say of tokens: those that it is told of are good for so many
    milliseconds, 0: for ever; others have expired. Keeps what it was shown."""

    def __init__(self, **expire_in_ms):
        self._expire_in_ms = expire_in_ms
        self._changed = asyncio.Event()
        self.shown = []

    async def until_shown(self, count):
        while len(self.shown) < count:
            self._changed.clear()
            await self._changed.wait()

    def __call__(self, frame):
        kind = frame.WhichOneof("kind")
        if kind == "disconnect":
            return server_frame(close={"code": 200, "retryable": True})
        if kind not in ("connect", "refresh"):
            return None
        token = getattr(frame, kind).token
        self.shown.append((kind, token))
        self._changed.set()
        expire_in_ms = self._expire_in_ms.get(token)
        if kind == "refresh":
            return server_frame(error={"code": 129}) if expire_in_ms is None else \
                server_frame(refreshed={"credentials_expire_in_ms": expire_in_ms})
        return server_frame(close={"code": 233}) if expire_in_ms is None else server_frame(
            connected={"client_id": "c", "credentials_expire_in_ms": expire_in_ms})

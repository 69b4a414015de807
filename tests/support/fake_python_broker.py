"""A listener that says what a test wants, well formed or not."""

import asyncio

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

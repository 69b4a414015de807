"""WebSocket in front of a broker that has none: its port's bytes in binary messages."""

import asyncio

import websockets

SUBPROTOCOL = "esockets.v1"


class WebSocketBridge:
    """`async with WebSocketBridge(host, port) as bridge`: listens at bridge.url."""

    def __init__(self, host, port, chunk_bytes=65536):
        self._broker = host, port
        self._chunk_bytes = chunk_bytes
        self.paths = []  # that clients asked for
        self.native = bytearray()  # what clients sent

    async def __aenter__(self):
        self._server = await websockets.serve(self._serve, "127.0.0.1", 0, max_size=None,
                                              subprotocols=[SUBPROTOCOL])
        self.url = "ws://127.0.0.1:%d" % self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, socket, path):
        self.paths.append(path)
        reader, writer = await asyncio.open_connection(*self._broker)
        down = asyncio.ensure_future(self._down(reader, socket))
        try:
            async for message in socket:
                self.native += message
                writer.write(message)
        except websockets.ConnectionClosed:
            pass
        finally:
            down.cancel()
            writer.close()

    async def _down(self, reader, socket):
        while data := await reader.read(self._chunk_bytes):
            await socket.send(data)
        await socket.close(4200, "goodbye")

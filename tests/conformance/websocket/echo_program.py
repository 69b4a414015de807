"""The echo example over WebSocket, on a port of its own."""

import threading

from tests.support import listening


class EchoProgram:

    def __init__(self):
        self._process, address = listening.start("examples/echo/echo", "--port=0", "--websocket")
        self.url = f"ws://{address}"
        # It prints a line for each message.
        self._reader = threading.Thread(target=self._process.stdout.read)
        self._reader.start()

    def stop(self):
        """Its exit code."""
        self._process.terminate()
        self._reader.join()
        self._process.stdout.close()
        return self._process.wait()

"""The echo example over WebSocket, on a port of its own."""

import re
import subprocess
import threading


class EchoProgram:

    def __init__(self):
        self._process = subprocess.Popen(["examples/echo/echo", "--port=0", "--websocket"],
                                         stdout=subprocess.PIPE, text=True)
        for line in self._process.stdout:
            if found := re.search(r"listening on (\S+)", line):
                self.url = f"ws://{found[1]}"
                break
        else:
            raise RuntimeError("the program ended without listening")
        # It prints a line for each message.
        self._reader = threading.Thread(target=self._process.stdout.read)
        self._reader.start()

    def stop(self):
        """Its exit code."""
        self._process.terminate()
        self._reader.join()
        self._process.stdout.close()
        return self._process.wait()

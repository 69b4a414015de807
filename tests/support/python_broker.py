"""The broker's program, for tests of the Python client."""

import os
import tempfile

import pytest

from tests.support import listening

CONFIG = """
stream { name: "chat" filter: "chat/#" }
stream { name: "short" filter: "short/#" max_messages: 3 }
last_value { filter: "state/#" }
presence { filter: "room/+" window_ms: 10 grace_ms: 0 visible_to: "ANYBODY" }
admin_listen: "off"
"""

USERS = """
users { name: "alice" token: "s3cret" }
users { name: "bob" password: "hunter2hunter2" }
"""


class Broker:
    """Listens on a port of its own; or on a path, where it can be killed and started again: nobody
    takes a path meanwhile."""

    def __init__(self, folder, config=CONFIG, on_path=False):
        self._config = os.path.join(folder, "broker.textproto")
        with open(self._config, "w", encoding="utf-8") as file:
            file.write(config)
        self.address = "127.0.0.1:0"
        if on_path:
            # That of the test may be too long for a socket.
            self._short = tempfile.TemporaryDirectory(dir="/tmp")
            self.address = f"unix:{self._short.name}/socket"
        self.start()

    def start(self):
        self._process, self.address = listening.start(
            "app/broker", f"--config={self._config}", f"--listen={self.address}",
            "--log_level=error")

    def next_address(self):
        """After each start: of the listeners of its configuration, in their order; without what is
        spoken there."""
        return listening.next_address(self._process).rpartition("://")[2]

    @property
    def pid(self):
        return self._process.pid

    @property
    def host_and_port(self):
        return listening.host_and_port(self.address)

    def kill(self):
        """At once: nobody is told."""
        self._process.kill()
        self._end()

    def stop(self):
        """Asks clients to leave, and ends when they have left: not on the loop that they run on."""
        self._process.terminate()
        self._end()

    def _end(self):
        if self._process.stdout.closed:
            return  # it has ended before
        with self._process.stdout:
            self._process.stdout.read()
        self._process.wait()


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    """One for all tests of a file, which imports it."""
    broker = Broker(tmp_path_factory.mktemp("broker"))
    yield broker
    broker.kill()

#!/usr/bin/python3
"""The Python client's column of the feature matrix: a scenario for each feature, on a real broker.

Writes {"client": "python", "features": {"publish": "yes", ...}} to features.json among Bazel's
undeclared outputs, which tests/conformance/conform.py compares with clients/README.md.
"""

import asyncio
import json
import os

import pytest

from esockets import ClientEvents, ClientOptions, aio
from tests.clients.python import scenarios, scenarios_of_connections
from tests.support.fake_python_broker import AnsweringBroker, FakeBroker, TokenDesk
from tests.support.fake_python_transport import server_frame
from tests.support.pytest_main import in_loop, run
from tests.support.python_broker import CONFIG, Broker

# In the order of the matrix.
FEATURES = (
    "connect", "credentials", "publish", "publish_and_wait", "publish_and_store",
    "publish_and_confirm", "subscribe", "subscribe_iterator", "subscribe_pull", "overflow",
    "headers", "request", "request_many", "reply", "groups", "stream_start", "resume",
    "last_values", "presence", "will", "gaps", "close_codes", "reconnect", "keep_alive",
    "flush_and_close", "tcp", "unix", "websocket", "token_refresh", "tickets",
    "vectors",
)

# Those that this client does not have: {id: reason}.
MISSING = {}

passed = {}


class Heard(list):

    def __init__(self, changed):
        super().__init__()
        self._changed = changed

    def append(self, one):
        super().append(one)
        self._changed.set()


class Room:
    """What a scenario uses; it ends with it."""

    def __init__(self, broker, folder):
        self.broker, self.folder = broker, folder
        self.states, self.gaps, self.resumed = [], [], []
        self.closes, self.snapshot_ends = [], []
        self._clients, self._brokers = [], []
        self._changed = asyncio.Event()

    def _noting(self, list_, of=lambda value: value):
        def note(*values):
            list_.append(of(*values))
            self._changed.set()
        return note

    def begin(self, **options):
        """A client that begins to connect."""
        client = None
        events = ClientEvents(
            on_state_change=self._noting(self.states, lambda state, _: (client, state)),
            on_gap=self._noting(self.gaps), on_resumed=self._noting(self.resumed),
            on_close=self._noting(self.closes), on_snapshot_end=self._noting(self.snapshot_ends))
        defaults = {"address": self.broker.address, "backoff_min": 0.01, "backoff_max": 0.1}
        client = aio.Client(ClientOptions(**{**defaults, **options}), events)
        # It was told before there was a name for it.
        self.states[:] = [(one or client, state) for one, state in self.states]
        self._clients.append(client)
        return client

    async def client(self, **options):
        """One that is connected."""
        client = self.begin(**options)
        await client.core.until_connected(30)
        return client

    def another_broker(self, config=CONFIG, **options):
        os.makedirs(folder := f"{self.folder}/{len(self._brokers)}")
        self._brokers.append(Broker(folder, config, **options))
        return self._brokers[-1]

    def scripted_broker(self, script, then="close"):
        return FakeBroker(script, then=then)

    def mute_broker(self, **connected):
        """Greets, and says nothing more."""
        return FakeBroker(server_frame(connected={"client_id": "c", **connected}), then="stay")

    def token_broker(self, **expire_in_ms):
        """A broker that knows these tokens; and its desk, where they are shown."""
        desk = TokenDesk(**expire_in_ms)
        return AnsweringBroker(desk), desk

    def heard(self):
        """A list; what is appended is news."""
        return Heard(self._changed)

    async def until(self, wanted):
        """Looks after each piece of news."""
        while not wanted():
            self._changed.clear()
            await self._changed.wait()

    async def pings(self, client, count):
        """Until so many answers to signs of life have come."""
        session, seen = client.core.session, self.heard()
        on_bytes = session.on_bytes
        session.on_bytes = lambda data: (seen.append(data), on_bytes(data))
        await self.until(lambda: len(seen) >= count)
        del session.on_bytes

    def end(self):
        for client in self._clients:
            client.end()
        for broker in self._brokers:
            broker.kill()


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    broker = Broker(tmp_path_factory.mktemp("broker"))
    yield broker
    broker.kill()
    write_column()


def write_column():
    folder = os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR")
    column = {id: f"no: {MISSING[id]}" if id in MISSING else "yes"
              for id in FEATURES if id in MISSING or id in passed}
    if folder:
        with open(os.path.join(folder, "features.json"), "w", encoding="utf-8") as file:
            json.dump({"client": "python", "features": column}, file, indent=1)


@pytest.mark.parametrize("id", [id for id in FEATURES if id not in MISSING])
@in_loop
async def test_feature(broker, tmp_path, id):
    scenario = getattr(scenarios, id, None) or getattr(scenarios_of_connections, id)
    room = Room(broker, tmp_path)
    try:
        await scenario(room)
        passed[id] = True
    finally:
        room.end()


if __name__ == "__main__":
    run(__file__)

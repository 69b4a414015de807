#!/usr/bin/python3
"""The load generator against the real broker and the limit: nothing is lost or out of order."""

import functools
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from tests.support import listening
from tests.support.python_authority import Authority

LOAD = "bench/load/load"
SERVERS = {
    "limit": ["bench/load/limit", "--listen=127.0.0.1:0"],
    "broker": ["app/broker", "--listen=127.0.0.1:0", "--log_level=warning"],
}
STREAM = 'stream { name: "load" filter: "load/#" max_messages: 50000 }'

# Scenario, its flags, and the servers that can do it.
CASES = (
    ("fan_out", ["--subscribers=20"], ("limit", "broker")),
    ("fan_out", ["--subscribers=5", "--payload=16", "--look_every=1"], ("limit", "broker")),
    ("fan_out", ["--subscribers=5", "--payload=16384", "--look_every=3"], ("limit", "broker")),
    ("fan_out", ["--subscribers=20", "--window=4"], ("limit", "broker")),
    ("many_to_many", ["--pairs=10"], ("limit", "broker")),
    # A window that a debug build on a busy machine goes through several times in the time given.
    ("wildcard", ["--literals=100", "--wildcards=10", "--window=16"], ("broker",)),
    ("latency", ["--subscribers=10"], ("limit", "broker")),
    ("latency", ["--subscribers=10", "--stopped=1", "--payload=16384"], ("broker",)),
    ("idle", ["--clients=50"], ("limit", "broker")),
    ("churn", ["--clients=10", "--literals=100"], ("limit", "broker")),
    ("slow", ["--subscribers=10"], ("broker",)),
    ("fan_out", ["--subscribers=20"], ("stream",)),
    ("replay", ["--messages=20000"], ("stream",)),
    ("fan_out", ["--subscribers=20", "--transport=websocket"], ("broker",)),
    ("fan_out", ["--subscribers=20", "--transport=websocket_deflate"], ("broker",)),
    ("idle", ["--clients=50", "--transport=websocket"], ("broker",)),
    ("reconnect", ["--clients=10"], ("broker",)),
    *((*case, ("tls",)) for version in ("--transport=tls1.2", "--transport=tls1.3") for case in (
        ("reconnect", ["--clients=10", version]),
        ("reconnect", ["--clients=10", "--resume", version]),
        ("fan_out", ["--subscribers=20", version]),
        ("fan_out", ["--subscribers=5", "--payload=16384", version]),
        ("idle", ["--clients=50", version]),
        ("latency", ["--subscribers=10", "--storm=10", version]),
    )),
)


FOLDER = os.environ.get("TEST_TMPDIR", tempfile.gettempdir())


def config(name):
    path = os.path.join(FOLDER, f"{name}.textproto")
    with open(path, "w", encoding="utf-8") as file:
        file.write(STREAM if name == "stream" else tls())
    return path


@functools.cache
def tls():
    chain, key = Authority(pathlib.Path(FOLDER)).issue("broker")
    return f"""listener {{
  address: "127.0.0.1:0"
  tls {{ certificate {{ chain_file: "{chain}" key_file: "{key}" }} }}
}}"""


class Server:
    """One of the servers, on a free port."""

    def __init__(self, name):
        command = SERVERS.get(name) or [*SERVERS["broker"], f"--config={config(name)}"]
        self._process, self.address = listening.start(*command)
        self.pid = self._process.pid
        self.flags = []
        if name == "tls":
            address = listening.next_address(self._process).removeprefix("tls://")
            self.flags = [f"--tls_address={address}"]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._process.kill()
        self._process.communicate()


class LoadSmokeTest(unittest.TestCase):

    def run_load(self, server, scenario, flags):
        """A busy machine may not let the server run in a tenth of a second: then for longer."""
        for seconds in (0.1, 1, 10):
            command = [LOAD, scenario, f"--address={server.address}", f"--server_pid={server.pid}",
                       "--warm_up=0.02", f"--seconds={seconds}", "--json", *server.flags, *flags]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, (command, done.stdout, done.stderr))
            result = json.loads(done.stdout)
            if result["per_s"] > 0:
                break
        return result

    def test_every_scenario(self):
        for scenario, flags, servers in CASES:
            for name in servers:
                with self.subTest(scenario=scenario, flags=flags, server=name), \
                        Server(name) as server:
                    result = self.run_load(server, scenario, flags)
                    self.assertTrue(result["valid"], result)
                    self.assertEqual(result["lost"] + result["reordered"] + result["broken"], 0)
                    self.assertGreater(result["per_s"], 0, result)
                    self.assertEqual(result.get("slow_lost_untold", 0), 0, result)

    def test_no_broker(self):
        done = subprocess.run([LOAD, "fan_out", "--address=127.0.0.1:1"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, "^load: ")


if __name__ == "__main__":
    unittest.main()

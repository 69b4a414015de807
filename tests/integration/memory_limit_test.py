#!/usr/bin/python3
"""The broker's program at its memory_bytes_max: who loses what, and that the process has no more."""

import os
import re
import tempfile
import unittest

from proto.admin_pb2 import Metrics
from proto.esockets_pb2 import Gap
from tests.conformance.minimal_client import Client, Closed, RequestFailed
from tests.support import python_broker

MEMORY_BYTES_MAX = 96 << 20
# Between two looks of the broker there may come more.
NEVER_BYTES = MEMORY_BYTES_MAX * 5 // 4
# So much is published before it is waited for a look, and so far it may be from what there is.
STEP_MESSAGES = 100
KNOWN_WITHIN_BYTES = 8 << 20
PAYLOAD = bytes(16 << 10)
# More than there is memory for.
MESSAGES = 2 * MEMORY_BYTES_MAX // len(PAYLOAD)
BROKER_BUSY = 122  # docs/PROTOCOL.md
SLOW_CONSUMER = 241
TOO_MANY_CLIENTS = 251

CONFIG = f"""
admin_listen: "off"
limits {{ memory_bytes_max: {MEMORY_BYTES_MAX}
         backlog_bytes_max: 1000000000 backlogs_bytes_max: 10000000000 backlog_messages_max: 1000000 }}
stream {{ name: "kept" filter: "kept/#" max_messages: 100000000 max_bytes: 10000000000 }}
users {{ name: "operator" token: "operator" admin: true }}
users {{ name: "user" token: "user" }}
"""


class MemoryLimitTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ["TEST_TMPDIR"])
        self.addCleanup(folder.cleanup)
        self.broker = python_broker.Broker(folder.name, CONFIG)
        self.addCleanup(self.broker.kill)

    def connect(self, token="user"):
        client = Client(*self.broker.host_and_port, token=token)
        self.addCleanup(client._socket.close)
        return client

    def resident_bytes(self):
        with open(f"/proc/{self.broker.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) * 1024

    def known_bytes(self, operator):
        """What the broker has seen when it looked last."""
        operator.send(publish={"topic": "$SYS/metrics", "reply_to": "answer"})
        metrics = Metrics.FromString(operator.receive().payload).metrics
        return next(metric.value for metric in metrics if metric.name == "memory_bytes")

    def check_memory(self, operator):
        """Also waits for a look: how often the broker comes to that is the machine's affair."""
        resident = self.resident_bytes()
        self.assertLess(resident, NEVER_BYTES)
        while abs(self.known_bytes(operator) - resident) > KNOWN_WITHIN_BYTES:
            resident = self.resident_bytes()
            self.assertLess(resident, NEVER_BYTES)

    def test_when_streams_fill_it_nothing_more_is_kept_and_all_else_goes_on(self):
        publisher, reader, operator = self.connect(), self.connect(), self.connect("operator")
        reader.subscribe("news")
        with self.assertRaises(RequestFailed) as failed:
            for number in range(MESSAGES):
                publisher.publish("kept/a", PAYLOAD)
                if number % STEP_MESSAGES == 0:
                    self.check_memory(operator)
        self.assertEqual(failed.exception.args[0].code, BROKER_BUSY)
        self.check_memory(operator)
        with self.assertRaises(Closed) as refused:
            self.connect()
        close = refused.exception.args[0]
        self.assertEqual((close.code, close.detail),
                         (TOO_MANY_CLIENTS, "the broker is short of memory"))
        self.assertTrue(close.retryable)
        self.connect("operator")
        publisher.publish("news", b"still here")
        self.assertEqual(reader.receive().payload, b"still here")

    def test_when_slow_clients_fill_it_they_lose_and_nobody_else(self):
        publisher, reader, operator = self.connect(), self.connect(), self.connect("operator")
        stopped = [self.connect() for _ in range(4)]
        for client in [reader, *stopped]:
            client.subscribe("data")
        for number in range(MESSAGES):
            publisher.publish("data", b"%d " % number + PAYLOAD)
            self.assertEqual(int(reader.receive().payload.split(b" ")[0]), number)
            if number % STEP_MESSAGES == 0:
                self.check_memory(operator)
        for client in stopped:
            self.assert_told_why(client)

    def assert_told_why(self, client):
        """It has lost messages, or its connection, and hears the reason."""
        try:
            while not isinstance(said := client.receive(), Gap):
                pass
            self.assertEqual(said.reason, Gap.BROKER_MEMORY)
        except Closed as closed:
            if close := closed.args[0]:  # cut off, if it has not read for too long
                self.assertEqual(close.code, SLOW_CONSUMER)
                self.assertIn("short of memory", close.detail)


if __name__ == "__main__":
    unittest.main()

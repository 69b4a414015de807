#!/usr/bin/python3
"""The minimal client and the vectors against the broker itself."""

import socket
import unittest

from proto.admin_pb2 import Clients, Drain, Kick, KickRequest
from proto.esockets_pb2 import Gap
from tests.conformance.minimal_client import Client, Closed, RequestFailed
from tests.conformance.vectors import codes, load
from tests.support import listening

CODES = codes()
TIMEOUT = 10  # seconds: to give up, never to measure


class Broker:
    """The real program on a port of its own."""

    def __init__(self):
        self._process, address = listening.start("app/broker", "--port=0")
        self.address = listening.host_and_port(address)

    def stop(self):
        self._process.terminate()
        return self.wait()

    def wait(self):
        """Its exit code."""
        with self._process.stdout:
            self._process.stdout.read()
        return self._process.wait()


class RawClient(Client):
    """Sends bytes and frames as they are; requests have the id that they have."""

    @classmethod
    def unconnected(cls, address):
        """Only the socket: Connect has not been sent."""
        client = cls.__new__(cls)
        client._socket, client._bytes = socket.create_connection(address), b""
        client._deliveries, client._ping_after = [], TIMEOUT
        return client

    def send_bytes(self, data):
        self._socket.sendall(data)

    def send_frame(self, frame):
        kind = frame.WhichOneof("kind")
        self.send(**{kind: getattr(frame, kind)})

    def hang_up(self):
        self._socket.close()


class MinimalClientTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.broker = Broker()

    @classmethod
    def tearDownClass(cls):
        code = cls.broker.stop()
        assert code == 0, f"the broker ended with {code}"

    def connect(self, **fields):
        client = RawClient(*self.broker.address, **fields)
        self.addCleanup(client.hang_up)
        return client

    def received(self, client, count):
        messages = [client.receive(TIMEOUT) for _ in range(count)]
        return [(m.topic, m.payload) for m in messages]

    def close_of(self, client):
        """Reads on until the broker's Close."""
        with self.assertRaises(Closed) as caught:
            while client.receive(TIMEOUT):
                pass
        self.assertIsNotNone(caught.exception.args[0], "cut without a Close")
        return caught.exception.args[0]

    def test_two_clients_chat(self):
        anna, ben = self.connect(client_id="anna"), self.connect(client_id="ben")
        self.assertEqual(anna.connected.client_id, "anna")
        self.assertNotEqual(anna.connected.session_id, ben.connected.session_id)
        anna.subscribe("room/42/#")
        ben.subscribe("room/+/chat")
        said = [("room/42/chat", f"{i} grüß".encode()) for i in range(100)]
        for i, (topic, text) in enumerate(said):
            (anna, ben)[i % 2].publish(topic, text)
        for client in anna, ben:
            heard = self.received(client, 100)
            # In the order of each publisher; between the two none is promised.
            self.assertEqual([m for m in heard if m in said[0::2]], said[0::2])
            self.assertEqual([m for m in heard if m in said[1::2]], said[1::2])
        for client in anna, ben:
            self.assertEqual(client.close("bye").code, CODES["GOODBYE"])

    def test_a_message_arrives_as_it_was_published(self):
        client = self.connect()
        client.subscribe("a/b")
        client.subscribe("a/+")
        options = dict(headers=[{"name": "n", "value": "1"}, {"name": "n", "value": "2"}],
                       reply_to="inbox/1", key=b"\0k", ttl_ms=5000)
        client.publish("a/b", b"\0\xff", **options)
        client.publish("a/b", b"last")
        message = client.receive(TIMEOUT)
        self.assertEqual((message.topic, message.payload), ("a/b", b"\0\xff"))
        self.assertEqual([(h.name, h.value) for h in message.headers], [("n", "1"), ("n", "2")])
        self.assertEqual((message.reply_to, message.key, message.ttl_ms),
                         ("inbox/1", b"\0k", 5000))
        self.assertEqual(client.receive(TIMEOUT).payload, b"last", "delivered twice")

    def test_unsubscribed_is_silence(self):
        client = self.connect()
        client.subscribe("a")
        client.subscribe("b")
        client.request("unsubscribe", "unsubscribed", filter="a")
        client.publish("a", b"")
        client.publish("b", b"")
        self.assertEqual(client.receive(TIMEOUT).topic, "b")

    def test_first_packet_may_hold_everything(self):
        frames = {vector["name"]: vector["bytes"] for vector in load("client_frames")}
        names = "connect", "subscribe", "publish_with_id", "ping", "disconnect"
        packet = b"".join(frames[name] for name in names)
        for size in len(packet), 1:
            with socket.create_connection(self.broker.address) as raw:
                for i in range(0, len(packet), size):
                    raw.sendall(packet[i:i + size])
                raw.settimeout(TIMEOUT)
                data = b""
                while more := raw.recv(65536):
                    data += more
            reader = RawClient.__new__(RawClient)
            reader._bytes = data
            kinds = []
            while frame := reader._cut():
                kinds.append(frame.WhichOneof("kind"))
            self.assertEqual(kinds[0], "connected")
            self.assertEqual(kinds[-1], "close")
            self.assertCountEqual(kinds[1:-1], ["subscribed", "message", "published", "pong"])

    def test_ping(self):
        client = self.connect()
        self.assertEqual(client.request("ping", "pong").id, 1)
        self.assertEqual(client.request("ping", "pong").id, 2)

    def test_who_connects_with_the_same_id_takes_over(self):
        old, new = self.connect(client_id="twin"), self.connect(client_id="twin")
        close = self.close_of(old)
        self.assertEqual(close.code, CODES["TAKEN_OVER"])
        self.assertFalse(close.retryable)
        new.request("ping", "pong")

    def test_refused_frames(self):
        bystander = self.connect()
        bystander.subscribe("calm")
        for vector in load("refused_frames"):
            with self.subTest(vector["name"]):
                client = self.connect()
                client.send_bytes(vector["bytes"])
                close = self.close_of(client)
                self.assertEqual(close.code, CODES[vector["close"]])
                self.assertTrue(close.text and close.advice)
        bystander.publish("calm", b"still here")
        self.assertEqual(self.received(bystander, 1), [("calm", b"still here")])

    def test_refused_connects(self):
        for vector in load("refused_connects"):
            with self.subTest(vector["name"]):
                client = RawClient.unconnected(self.broker.address)
                self.addCleanup(client.hang_up)
                client.send_frame(vector["client"])
                self.assertEqual(self.close_of(client).code, CODES[vector["close"]])

    def test_refused_requests(self):
        for vector in load("refused_requests"):
            with self.subTest(vector["name"]):
                client = self.connect()
                client.send_frame(vector["client"])
                if "close" in vector:
                    self.assertEqual(self.close_of(client).code, CODES[vector["close"]])
                    continue
                kind = vector["client"].WhichOneof("kind")
                with self.assertRaises(RequestFailed) as caught:
                    client.receive(TIMEOUT)
                error = caught.exception.args[0]
                self.assertEqual(error.code, CODES[vector["answer"]], error)
                self.assertEqual(error.id, getattr(vector["client"], kind).id)
                client.request("ping", "pong")

    def test_request_ids_rise(self):
        client = self.connect()
        client.send(subscribe=dict(id=7, filter="a"))
        client._wait("subscribed", 7)
        for kind in dict(subscribe=dict(id=7, filter="b")), dict(publish=dict(id=6, topic="t")):
            client.send(**kind)
            with self.assertRaises(RequestFailed) as caught:
                client.receive(TIMEOUT)
            self.assertEqual(caught.exception.args[0].code, CODES["DUPLICATE_REQUEST_ID"])
        client.send(publish=dict(id=8, topic="t"))
        client._wait("published", 8, TIMEOUT)

    def test_payload_over_the_limit(self):
        client = self.connect()
        limit = client.connected.limits.payload_bytes_max
        client.publish("t", b"x" * limit)
        with self.assertRaises(RequestFailed) as caught:
            client.publish("t", b"x" * (limit + 1))
        self.assertEqual(caught.exception.args[0].code, CODES["PAYLOAD_TOO_LARGE"])
        client.request("ping", "pong")

    def test_administration(self):
        client = self.connect(client_id="operator", metadata={"k": "v"})
        client.send(publish=dict(topic="$SYS/clients", reply_to="answers", id=1))
        answer = client.receive(TIMEOUT)
        self.assertEqual(answer.topic, "answers")
        clients = Clients.FromString(answer.payload)
        self.assertIn("operator", [c.client_id for c in clients.clients])
        self.assertFalse(clients.more)

    def test_kick(self):
        operator, victim = self.connect(), self.connect(client_id="victim")
        request = KickRequest(client_id="victim", reason="enough")
        operator.send(publish=dict(topic="$SYS/kick", payload=request.SerializeToString(),
                                   reply_to="answers", id=1))
        answer = Kick.FromString(operator.receive(TIMEOUT).payload)
        self.assertEqual(answer.session_id, victim.connected.session_id)
        close = self.close_of(victim)
        self.assertEqual((close.code, close.detail), (CODES["KICKED"], "enough"))
        self.assertFalse(close.retryable)

    def test_what_a_slow_reader_misses_it_is_told(self):
        """Published = received + reported, with a reader that stops until all is published."""
        count, payload = 20_000, b"x" * 1000
        reader, publisher = self.connect(), self.connect()
        reader.subscribe("flood/#", max_backlog_messages=100)
        for _ in range(count):
            publisher.send(publish=dict(topic="flood/1", payload=payload))
        publisher.publish("flood/end", b"")
        received = missed = gaps = 0
        while True:
            delivery = reader.receive(TIMEOUT)
            if isinstance(delivery, Gap):
                self.assertEqual(delivery.filter, "flood/#")
                self.assertLessEqual(delivery.from_us, delivery.to_us)
                missed, gaps = missed + delivery.messages, gaps + 1
            elif delivery.topic == "flood/end":
                break
            else:
                received += 1
        self.assertEqual(received + missed, count)
        self.assertGreater(gaps, 0, "the network took it all: publish more")

    def test_too_much_before_connect(self):
        client = RawClient.unconnected(self.broker.address)
        self.addCleanup(client.hang_up)
        client.send_bytes(b"\x81\x80\x04")  # 64 KiB and 1 byte
        self.assertEqual(self.close_of(client).code, CODES["FIRST_PACKET_TOO_LARGE"])

    def test_garbage_instead_of_connect(self):
        for garbage in b"\x01\x02\x03\x04\x05\x06\x07\x08", b"\0", b"GET / HTTP/1.1\r\n\r\n":
            with self.subTest(garbage), socket.create_connection(self.broker.address) as raw:
                raw.sendall(garbage)
                raw.settimeout(TIMEOUT)
                while raw.recv(65536):
                    pass


class DrainTest(unittest.TestCase):

    def test_drain_asks_to_leave_and_ends(self):
        broker = Broker()
        client = RawClient(*broker.address)
        client.send(publish=dict(topic="$SYS/drain", reply_to="answers", id=1))
        self.assertEqual(Drain.FromString(client.receive(TIMEOUT).payload).clients, 1)
        with self.assertRaises(Closed) as caught:
            client.receive(TIMEOUT)
        close = caught.exception.args[0]
        self.assertEqual(close.code, CODES["SHUTTING_DOWN"])
        self.assertTrue(close.retryable)
        self.assertEqual(client.go_away.code, close.code)
        client.hang_up()
        self.assertEqual(broker.wait(), 0)


if __name__ == "__main__":
    unittest.main()

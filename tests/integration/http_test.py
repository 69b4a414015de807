#!/usr/bin/python3
"""Administration over HTTP on the real broker, as scripts, Prometheus and Grafana use it."""

import base64
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import unittest

from tests.conformance.minimal_client import Client, Closed

PROGRAM = "app/broker"
DASHBOARD = "deploy/grafana/esockets.json"
TIMEOUT = 30  # seconds: to give up, never to measure
KICKED = 232  # docs/PROTOCOL.md


class Broker:
    """A broker that runs, on ports of its own unless the flags say otherwise."""

    def __init__(self, *flags):
        self.process = subprocess.Popen([PROGRAM, *flags], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.listening, self.administration = [], []
        for line in self.process.stdout:
            words = line.split()
            if line.startswith("listening on "):
                self.listening.append(words[2])
            elif line.startswith("administration on "):
                self.administration.append(words[2].removeprefix("http://"))
            elif line.startswith("pid "):
                return

    @property
    def address(self):
        host, port = self.listening[0].rsplit(":", 1)
        return host, int(port)

    def log_until(self, text):
        for line in self.process.stderr:
            if text in line:
                return line
        raise AssertionError(f"the broker ended without '{text}'")

    def stop(self):
        """Its exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class HttpTest(unittest.TestCase):

    def start(self, *flags):
        broker = Broker(*(flags or ("--port=0",)))
        self.addCleanup(broker.end)
        return broker

    def connect(self, broker, **fields):
        client = Client(*broker.address, **fields)
        self.addCleanup(client._socket.close)
        return client

    def ask(self, broker, method, path, body=None, **fields):
        """(status, body) of one request."""
        connection = http.client.HTTPConnection(broker.administration[0], timeout=TIMEOUT)
        fields = {name.replace("_", "-"): value for name, value in fields.items()}
        if body is not None:
            fields["Content-Type"] = "application/json"
            body = json.dumps(body)
        connection.request(method, path, body, fields)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, text

    def get(self, broker, path, **fields):
        status, body = self.ask(broker, "GET", path, **fields)
        self.assertEqual(status, 200, body)
        return body

    def write(self, text):
        path = os.path.join(os.environ["TEST_TMPDIR"], self.id() + ".textproto")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


def samples(text):
    """{(name, {(label, value)}): value} of Prometheus' text format; what is none fails."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#") or not line:
            continue
        match = re.fullmatch(r'([a-z_]\w*)(?:\{((?:\w+="[^"]*",?)*)\})? (\S+)', line)
        if not match:
            raise AssertionError(f"no sample: {line}")
        key = match[1], frozenset(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
        if key in found:
            raise AssertionError(f"twice: {line}")
        found[key] = float(match[3])
    return found


class ProbesTest(HttpTest):

    def test_probes_and_drain(self):
        broker = self.start("--port=0", "--drain_timeout_ms=600000")
        self.assertEqual(self.get(broker, "/healthz"), "ok\n")
        self.assertEqual(self.get(broker, "/readyz"), "ready\n")
        # A client that reads nothing keeps the broker from stopping.
        reader = self.connect(broker)
        reader.subscribe("data")
        publisher = self.connect(broker)
        for _ in range(16):
            publisher.publish("data", bytes(900_000))
        publisher.close()
        status, body = self.ask(broker, "POST", "/api/v1/drain", {})
        self.assertEqual(status, 200, body)
        broker.log_until("draining")
        # By the main thread, which is on its way.
        while self.ask(broker, "GET", "/readyz")[0] == 200:
            pass
        status, body = self.ask(broker, "GET", "/readyz")
        self.assertEqual((status, json.loads(body)["error"]["detail"]),
                         (503, "the broker is draining"))
        self.assertEqual(self.get(broker, "/healthz"), "ok\n")
        with self.assertRaises(Closed):
            while reader.receive():
                pass
        reader._socket.close()
        broker.process.communicate(timeout=TIMEOUT)
        self.assertEqual(broker.process.returncode, 0)


class MetricsTest(HttpTest):

    def traffic(self, broker):
        subscriber = self.connect(broker, client_id="subscriber")
        subscriber.subscribe("a")
        publisher = self.connect(broker, client_id="publisher")
        for _ in range(10):
            publisher.publish("a", b"payload")
            subscriber.receive()
        return subscriber, publisher

    def test_counts_what_happens(self):
        broker = self.start("--port=0", "--loops=2")
        clients = self.traffic(broker)
        found = samples(self.get(broker, "/metrics"))

        def total(name):
            return sum(value for (n, _), value in found.items() if n == name)

        self.assertEqual(total("esockets_clients"), len(clients))
        self.assertEqual(total("esockets_published_messages_total"), 10)
        self.assertEqual(total("esockets_published_bytes_total"), 70)
        self.assertEqual(total("esockets_delivered_messages_total"), 10)
        self.assertGreater(total("esockets_received_bytes_total"), 70)
        self.assertGreater(total("esockets_sent_bytes_total"), 70)
        self.assertEqual({dict(labels)["loop"] for _, labels in found}, {"0", "1"})

    def test_the_dashboard_asks_for_what_there_is(self):
        path = self.write('stream { name: "chat" filter: "chat/#" }\n')
        broker = self.start("--port=0", f"--config={path}")
        clients = self.traffic(broker)
        found = samples(self.get(broker, "/metrics"))
        self.assertTrue(clients)
        labels_of = {}
        for name, labels in found:
            labels_of.setdefault(name, {"instance", "job"}).update(label for label, _ in labels)
        queries = list(dashboard_queries())
        self.assertGreater(len(queries), 20)
        for query in queries:
            names = re.findall(r"\besockets_\w+", query)
            self.assertTrue(names, query)
            for name in names:
                self.assertIn(name, labels_of, query)
            for label in re.findall(r"\bby \((\w+)\)", query) + re.findall(r"[{,](\w+)=~?\"", query):
                self.assertIn(label, labels_of[names[0]], query)

    def test_the_dashboard_has_no_two_panels_in_one_place(self):
        with open(DASHBOARD, encoding="utf-8") as file:
            panels = json.load(file)["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        taken = set()
        for panel in panels:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells


def dashboard_queries():
    """Every expression of every panel, and of the variables."""
    with open(DASHBOARD, encoding="utf-8") as file:
        dashboard = json.load(file)
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"]["query"]


class ApiTest(HttpTest):

    def test_clients_recv_and_kick(self):
        broker = self.start("--port=0", "--recv_queue")
        client = self.connect(broker, client_id="viewer")
        client.publish("t", b"\xff")
        clients = json.loads(self.get(broker, "/api/v1/clients?client_id=viewer"))["clients"]
        self.assertEqual([c["client_id"] for c in clients], ["viewer"])
        self.assertEqual(clients[0]["messages_in_total"], 1)
        status, body = self.ask(broker, "POST", "/api/v1/recv", {"client_id": "viewer"})
        self.assertEqual(status, 200, body)
        self.assertEqual(json.loads(body)["messages"], [{"topic": "t", "payload_base64": "/w=="}])
        status, body = self.ask(broker, "POST", "/api/v1/kick",
                                {"client_id": "viewer", "reason": "noise"})
        self.assertEqual(status, 200, body)
        with self.assertRaises(Closed) as closed:
            client.receive()
        self.assertEqual(closed.exception.args[0].code, KICKED)
        status, body = self.ask(broker, "POST", "/api/v1/kick", {"client_id": "viewer"})
        self.assertEqual((status, json.loads(body)["error"]["name"]), (404, "NO_SUCH_CLIENT"))

    def test_the_index_names_what_can_be_asked(self):
        broker = self.start()
        for request in json.loads(self.get(broker, "/api/v1/"))["requests"]:
            if request["method"] == "GET" and "topic" not in request["fields"]:
                self.assertIsInstance(json.loads(self.get(broker, request["path"])), dict)

    def test_pages_from_elsewhere_are_refused(self):
        broker = self.start()
        own = "http://" + broker.administration[0]
        self.assertEqual(self.ask(broker, "GET", "/api/v1/info", Origin=own)[0], 200)
        for fields in ({"Origin": "http://evil.example"}, {"Origin": "null"},
                       {"Sec_Fetch_Site": "cross-site"}, {"Host": "evil.example"}):
            for method, path in (("GET", "/metrics"), ("POST", "/api/v1/drain")):
                status, _ = self.ask(broker, method, path, **fields)
                self.assertEqual(status, 403, fields)


class StreamsTest(HttpTest):

    CONFIG = ('stream { name: "the chat" filter: "chat/#" max_messages: 3 }\n'
              'stream { name: "state" filter: "fleet/#" }\n')

    def start_with_streams(self, loops):
        broker = self.start("--port=0", f"--loops={loops}", "--config=" + self.write(self.CONFIG))
        publisher = self.connect(broker)
        for number in range(5):
            publisher.publish("chat/1", b"%d" % number)
        return broker

    def test_what_they_keep(self):
        for loops in (1, 2):
            with self.subTest(loops=loops):
                broker = self.start_with_streams(loops)
                streams = json.loads(self.get(broker, "/api/v1/streams"))["streams"]
                self.assertEqual([s["name"] for s in streams], ["state", "the chat"])
                chat = json.loads(self.get(broker, "/api/v1/streams/the%20chat"))["streams"][0]
                self.assertEqual((chat["first_position"], chat["last_position"]), (3, 5))
                self.assertEqual((chat["messages"], chat["messages_max"]), (3, 3))
                self.assertEqual(chat["readers"], 0)
                self.assertLess(chat["home_loop"], loops)
                self.assertEqual(json.loads(self.get(broker, "/api/v1/streams?name=the+chat"))
                                 ["streams"][0]["epoch"], chat["epoch"])

    def test_an_unknown_name(self):
        broker = self.start_with_streams(2)
        for path in ("/api/v1/streams/chat", "/api/v1/streams?name=chat"):
            status, body = self.ask(broker, "GET", path)
            self.assertEqual((status, json.loads(body)["error"]["name"]), (404, "NO_SUCH_STREAM"))

    def test_their_metrics(self):
        broker = self.start_with_streams(2)

        def total(name):
            return sum(value for (n, labels), value in samples(self.get(broker, "/metrics")).items()
                       if n == name and dict(labels).get("stream", "the chat") == "the chat")

        # Counters of the loop at once, what is kept when the loop has looked.
        self.assertEqual(total("esockets_stored_messages_total"), 5)
        while total("esockets_stream_messages") != 3:
            pass
        self.assertEqual(total("esockets_stream_last_position"), 5)
        self.assertEqual(total("esockets_stream_retired_messages_total"), 2)
        self.assertGreater(total("esockets_stream_memory_bytes"), total("esockets_stream_bytes"))
        self.assertEqual(total("esockets_stream_readers"), 0)


class UsersTest(HttpTest):

    CONFIG = ('listen: "127.0.0.1:0"\n'
              'users { name: "ops" token: "s3cret" admin: true }\n'
              'users { name: "root" password: "pass" admin: true }\n'
              'users { name: "viewer" token: "look" }\n')

    def test_administrators_alone_and_as_the_configuration_changes(self):
        path = self.write(self.CONFIG)
        broker = self.start(f"--config={path}")
        basic = base64.b64encode(b"root:pass").decode()
        self.assertEqual(self.ask(broker, "GET", "/metrics")[0], 401)
        for authorization, status in (("Bearer guess", 401), ("Bearer look", 403),
                                      ("Bearer s3cret", 200), ("Basic " + basic, 200)):
            self.assertEqual(
                self.ask(broker, "GET", "/metrics", Authorization=authorization)[0], status)
        self.assertEqual(self.ask(broker, "GET", "/readyz")[0], 200)
        self.assertEqual(self.ask(broker, "GET", "/metrics", Host="b.example",
                                  Authorization="Bearer s3cret")[0], 403)

        self.write(self.CONFIG.replace("s3cret", "other") + 'admin_hosts: "b.example"\n')
        broker.process.send_signal(signal.SIGHUP)
        broker.log_until("configuration reloaded")
        self.assertEqual(
            self.ask(broker, "GET", "/metrics", Authorization="Bearer s3cret")[0], 401)
        self.assertEqual(self.ask(broker, "GET", "/metrics", Host="b.example:80",
                                  Authorization="Bearer other")[0], 200)


class ListenTest(HttpTest):

    def test_off(self):
        broker = self.start("--port=0", "--admin_listen=off")
        self.assertEqual(broker.administration, [])
        self.assertEqual(broker.stop(), 0)

    def test_several_addresses(self):
        path = f"/tmp/http_test.{os.getpid()}"
        broker = self.start("--port=0", f"--admin_listen=unix:{path}",
                            "--admin_listen=127.0.0.1:0")
        self.assertEqual(broker.administration[0], f"unix:{path}")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            self.assertTrue(client.makefile("rb").read().endswith(b"\r\n\r\nok\n"))
        self.assertEqual(broker.stop(), 0)
        self.assertFalse(os.path.exists(path))

    def test_an_address_that_is_taken_ends_the_start_if_somebody_chose_it(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = subprocess.run([PROGRAM, "--port=0", f"--admin_listen=127.0.0.1:{port}"],
                                  capture_output=True, text=True, timeout=TIMEOUT, check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(f"cannot listen on 127.0.0.1:{port}: Address already in use", done.stderr)

    def test_the_default_address_may_be_taken(self):
        with self.hold_the_default_address(), socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            port = chosen.getsockname()[1]
            chosen.close()
            broker = self.start(f"--port={port}")
            self.assertEqual(broker.administration, [])
            line = broker.log_until("no administration over HTTP")
            self.assertIn("--admin_listen=off", line)
            self.connect(broker)

    def hold_the_default_address(self):
        """Whoever has it: this test, or another program."""
        try:
            return socket.create_server(("127.0.0.1", 9234))
        except OSError:
            return socket.socket()


if __name__ == "__main__":
    unittest.main()

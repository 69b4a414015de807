#!/usr/bin/python3
"""The broker as its users run it: a process with flags, a file, signals and output."""

import base64
import hmac
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.request

from proto.admin_pb2 import Drain, Metrics
from proto.esockets_pb2 import ClientFrame
from tests.conformance.minimal_client import Client, Closed, RequestFailed
from tests.support.python_authority import Authority

PROGRAM = "app/broker"
SHUTTING_DOWN = 250  # docs/PROTOCOL.md
NOT_AUTHENTICATED = 230
CREDENTIALS_EXPIRED = 233
CREDENTIALS_REVOKED = 235
NOT_PERMITTED = 120
FOREVER_MS = 10 * 60 * 1000  # a drain of this length only ends otherwise


def run(*flags):
    """(exit code, stdout, stderr) of a broker that ends by itself."""
    done = subprocess.run([PROGRAM, *flags], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class Broker:
    """A broker that runs, on a port of its own unless the flags say otherwise."""

    def __init__(self, *flags, port="--port=0"):
        self._process = subprocess.Popen([PROGRAM, port, *flags] if port else [PROGRAM, *flags],
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.banner = []
        for line in self._process.stdout:
            self.banner.append(line.rstrip("\n"))
            if line.startswith("pid "):
                break
        self.listening = [line.removeprefix("listening on ") for line in self.banner
                          if line.startswith("listening on ")]

    @property
    def address(self):
        host, port = self.listening[0].removeprefix("tls://").rsplit(":", 1)
        return host, int(port)

    def signal(self, number):
        self._process.send_signal(number)

    def log_until(self, text):
        """Lines without their times, up to the one with the text, which is waited for."""
        lines = []
        for line in self._process.stderr:
            lines.append(line.rstrip("\n").split(" ", 1)[1])
            if text in line:
                return lines
        raise AssertionError(f"the broker ended without '{text}': {lines}")

    def wait(self):
        """Its exit code and the rest of its log."""
        log = self._process.stderr.read()
        self._process.stdout.read()
        return self._process.wait(), log

    def end(self):
        """Whatever has become of it."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


class ProcessTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ["TEST_TMPDIR"])
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.config = os.path.join(self.folder, "broker.textproto")

    def write(self, text):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)

    def start(self, *flags, **options):
        broker = Broker(*flags, **options)
        self.addCleanup(broker.end)
        return broker

    def connect(self, broker, **fields):
        client = Client(*broker.address, **fields)
        self.addCleanup(client._socket.close)
        return client

    PUBLISHED = 16

    def stopped_reader(self, broker):
        """A client that reads nothing although more waits for it than the kernel takes."""
        reader = self.connect(broker, client_id="reader")
        reader.subscribe("data")
        publisher = self.connect(broker)
        for _ in range(self.PUBLISHED):
            publisher.publish("data", bytes(900_000))
        publisher.close()
        publisher._socket.close()
        return reader


class StartTest(ProcessTest):

    def test_the_banner_says_what_runs(self):
        broker = self.start()
        self.assertEqual(broker.banner[0].split()[0], "ESocketS")
        self.assertRegex(broker.banner[1], r"^listening on 127\.0\.0\.1:[1-9]\d*$")
        self.assertRegex(broker.banner[2], r"^administration on http://127\.0\.0\.1:[1-9]\d*$")
        self.assertEqual(broker.banner[3], broker.banner[1].replace("listening on ",
                                                                    "websocket on ws://"))
        self.assertRegex(broker.banner[4], r"^loops: \d+; descriptors: \d+ \(.*\)$")
        self.assertRegex(broker.banner[5], r"^limits: 1000000 clients, frame 1048576 bytes;")
        self.assertEqual(broker.banner[6], "no users: everybody on this machine may come in")
        self.assertEqual(broker.banner[7], "configuration: defaults")
        self.assertRegex(broker.banner[8], r"^pid \d+: SIGTERM drains")

    def test_serves_pages_where_it_says(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "index.html"), "w", encoding="utf-8") as file:
                file.write("<p>hello")
            broker = self.start(f"--serve=/site={folder}")
            url = broker.banner[4].removeprefix("pages on ")
            self.assertRegex(url, r"^http://127\.0\.0\.1:\d+/site/$")
            with urllib.request.urlopen(url) as answer:
                self.assertEqual(answer.read(), b"<p>hello")
            with urllib.request.urlopen(url.removesuffix("/")) as answer:
                self.assertEqual(answer.url, url)

    def test_listens_in_several_places(self):
        path = f"/tmp/broker_process_test.{os.getpid()}"
        broker = self.start(f"--listen=unix:{path}", "--listen=127.0.0.1:0", "--listen=127.0.0.2:0",
                            port=None)
        self.assertEqual(broker.listening[0], f"unix:{path}")
        self.assertEqual(len(broker.listening), 3)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
        broker.signal(signal.SIGTERM)
        self.assertEqual(broker.wait()[0], 0)
        self.assertFalse(os.path.exists(path))

    def test_a_port_in_use_is_told_with_advice(self):
        port = self.start().address[1]
        code, out, error = run(f"--port={port}")
        self.assertEqual((code, out), (1, ""))
        self.assertEqual(error, f"broker: cannot listen on 127.0.0.1:{port}: Address already in "
                                "use; another process listens there: stop it or choose another "
                                "port\n")

    def test_wrong_configurations_end_the_start(self):
        for text, why in [
            ("port: 1", ':1:5: Message type "esockets.app.Config" has no field named "port".'),
            ("limits {\n  clients_max: x\n}", ":2:16: Expected integer, got: x"),
            ("\nlog_level: \"loud\"",
             ":2:1: log_level: must be debug, info, warning, error or off"),
            ("listen: \"0.0.0.0:0\"",
             ":1:1: listen[0]: without users only loopback is listened on, not 0.0.0.0:0; "
             "configure users, or allow it with --allow_remote_without_auth"),
        ]:
            self.write(text)
            for flags in [(), ("--check_config",)]:
                self.assertEqual(run(f"--config={self.config}", *flags),
                                 (2, "", f"broker: {self.config}{why}\n"))

    def test_unreadable_configurations_end_the_start(self):
        folder = os.environ["TEST_TMPDIR"]
        self.assertEqual(run(f"--config={folder}/none"),
                         (2, "", f"broker: {folder}/none: there is no such file\n"))
        self.assertEqual(run(f"--config={folder}"),
                         (2, "", f"broker: {folder}: this is a folder\n"))

    def test_wrong_flags_end_the_start(self):
        code, out, error = run("--prot=1")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("--prot=1", error)

    def test_check_config_only_checks(self):
        self.write("listen: \"0.0.0.0:1234\" allow_remote_without_auth: true")
        code, out, error = run(f"--config={self.config}", "--check_config")
        self.assertEqual((code, error), (0, ""))
        self.assertEqual(out, "warning: anybody who can reach 0.0.0.0:1234 may read and publish "
                              "everything, and administrate: there are no users\n"
                              f"{self.config}: right\n")

    def test_listening_to_everybody_is_warned_of(self):
        broker = self.start("--listen=0.0.0.0:0", "--allow_remote_without_auth", port=None)
        self.assertIn("no users: everybody may come in", broker.banner)
        broker.log_until("anybody who can reach 0.0.0.0:0 may read and publish everything")


class ReloadTest(ProcessTest):

    def test_takes_over_what_can_change_and_says_so(self):
        self.write("limits { subscriptions_max: 5 }")
        broker = self.start(f"--config={self.config}")
        before = self.connect(broker)
        self.assertEqual(before.connected.limits.subscriptions_max, 5)
        before.close()
        self.write("limits { subscriptions_max: 6 } stamps { time: true }\n"
                   "users { name: \"a\" token: \"s3cret\" }")
        broker.signal(signal.SIGHUP)
        self.assertEqual(broker.log_until("configuration reloaded"), [
            "info    configuration changed field=users[a] from=absent to=present",
            "info    configuration changed field=limits.subscriptions_max from=5 to=6",
            "warning configuration changes with the next start field=stamps.time from=default "
            "to=true",
            "info    configuration reloaded changed=2 with_next_start=1",
        ])
        self.assertEqual(self.connect(broker, token="s3cret").connected.limits.subscriptions_max,
                         6)
        with self.assertRaises(Closed):
            self.connect(broker)

    def test_changes_nothing_when_there_is_a_mistake(self):
        self.write("limits { subscriptions_max: 5 }")
        broker = self.start(f"--config={self.config}")
        before = self.connect(broker)
        for text, why in [
            ("limits { subscriptions_max: 6 }\nport: 1", ":2:5: Message type"),
            ("limits { subscriptions_max: 6 }\nlog_level: \"x\"", ":2:1: log_level: must be"),
        ]:
            self.write(text)
            broker.signal(signal.SIGHUP)
            self.assertIn(f'reason="{self.config}{why}',
                          broker.log_until("configuration not reloaded, nothing has changed")[-1])
            self.assertEqual(self.connect(broker).connected.limits.subscriptions_max, 5)
        before.subscribe("it/goes/on")

    def test_other_certificates_take_their_place(self):
        folder = pathlib.Path(self.config).parent
        authority = Authority(folder)
        chain, key = (folder / "chain.pem", folder / "key.pem")

        def write(name):
            for source, target in zip(authority.issue(name), (chain, key)):
                target.write_text(pathlib.Path(source).read_text(encoding="utf-8"),
                                  encoding="utf-8")

        def served():
            context = ssl.create_default_context(cafile=authority.path)
            connection = socket.create_connection(broker.address)
            return context.wrap_socket(connection, server_hostname="localhost")

        def name(connection):
            return dict(part[0] for part in connection.getpeercert()["subject"])["commonName"]

        write("first")
        self.write('listener { address: "127.0.0.1:0" tls { certificate {'
                   ' chain_file: "chain.pem" key_file: "key.pem" } } }')
        broker = self.start(f"--config={self.config}", port=None)
        with served() as before:
            self.assertEqual(name(before), "first")
            write("second")
            broker.signal(signal.SIGHUP)
            self.assertIn("info    certificates read again listeners=1",
                          broker.log_until("configuration reloaded"))
            with served() as after:
                self.assertEqual(name(after), "second")
            key.write_text("half of a k", encoding="utf-8")
            broker.signal(signal.SIGHUP)
            self.assertIn(f"{key}: there is no private key in PEM",
                          broker.log_until("configuration not reloaded")[-1])
            with served() as still:
                self.assertEqual(name(still), "second")
            before.sendall(b"\x04\x0a\x02\x08\x01")
            self.assertTrue(before.recv(1), "who was connected before goes on")

    def assert_refused(self, broker, code, **fields):
        with self.assertRaises(Closed) as refused:
            self.connect(broker, **fields)
        self.assertEqual(refused.exception.args[0].code, code)

    def test_passwords_are_read_again_or_nothing_changes(self):
        passwords = os.path.join(self.folder, "passwords")

        def passwd(user, password):
            subprocess.run(["clients/cli/esockets", "passwd", passwords, user], check=True,
                           input=password.encode(), capture_output=True)

        passwd("ann", "correct horse")
        self.write('password_file: "passwords"')
        broker = self.start("--config=" + self.config)
        self.assertIn("users: 1", broker.banner)
        self.connect(broker, user="ann", password="correct horse")
        self.assert_refused(broker, NOT_AUTHENTICATED, user="ann", password="incorrect horse")
        self.assert_refused(broker, NOT_AUTHENTICATED, user="bob", password="correct horse")

        passwd("bob", "battery staple")
        broker.signal(signal.SIGHUP)
        broker.log_until("configuration reloaded")
        self.connect(broker, user="bob", password="battery staple")

        with open(passwords, encoding="utf-8") as file:
            whole = file.read()
        for wrong in (whole[:-20], "", None):
            os.remove(passwords)
            if wrong:
                with open(passwords, "w", encoding="utf-8") as file:
                    file.write(wrong)
            elif wrong is not None:
                os.mkdir(passwords)
            broker.signal(signal.SIGHUP)
            line = broker.log_until("nothing has changed")[-1]
            self.assertIn("password_file", line)
            self.assertNotIn("argon2id$", line)
            self.connect(broker, user="bob", password="battery staple")
            if os.path.isdir(passwords):
                os.rmdir(passwords)
                with open(passwords, "w", encoding="utf-8") as file:
                    file.write(whole)

    def assert_revoked(self, client):
        with self.assertRaises(Closed) as closed:
            client.receive(timeout=60)
        close = closed.exception.args[0]
        self.assertEqual(close.code, CREDENTIALS_REVOKED)
        self.assertTrue(close.retryable)

    def test_who_is_no_user_any_more_is_closed_and_nobody_else(self):
        def users(*names, admins=()):
            return "".join(f'users {{ name: "{name}" token: "{name}\'s" '
                           f'admin: {str(name in admins).lower()} }}\n' for name in names)

        def reload(text):
            self.write(text)
            broker.signal(signal.SIGHUP)
            broker.log_until("configuration reloaded")

        self.write("")
        broker = self.start("--config=" + self.config)
        anybody = self.connect(broker)
        reload(users("ann", "bob", "root", admins=["root"]))
        self.assert_revoked(anybody)
        ann, bob, root = [self.connect(broker, token=name + "'s")
                          for name in ("ann", "bob", "root")]
        ask = {"topic": "$SYS/info", "reply_to": "answer", "id": 1}
        root.send(publish=ask)
        self.assertEqual(root.receive(timeout=60).topic, "answer")
        reload(users("bob", "root", "new"))
        self.assert_revoked(ann)
        self.assert_refused(broker, NOT_AUTHENTICATED, token="ann's")
        with self.assertRaises(RequestFailed) as refused:
            root.send(publish=dict(ask, id=2))
            root.receive(timeout=60)
        self.assertEqual(refused.exception.args[0].code, NOT_PERMITTED)
        bob.subscribe("it/goes/on")

    def test_tokens_of_an_issuer_expire_and_are_refreshed(self):
        key = b"a secret of thirty-two letters!!"

        def base64url(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

        def token(**claims):
            parts = [base64url(json.dumps(part).encode())
                     for part in ({"alg": "HS256", "kid": "k"}, claims)]
            signed = ".".join(parts)
            return signed + "." + base64url(hmac.digest(key, signed.encode(), "sha256"))

        with open(os.path.join(self.folder, "jwks.json"), "w", encoding="utf-8") as file:
            json.dump({"keys": [{"kty": "oct", "kid": "k", "alg": "HS256", "k": base64url(key)}]},
                      file)
        self.write('jwt { jwks_file: "jwks.json" leeway_seconds: 0 }')
        broker = self.start("--config=" + self.config)
        now = int(time.time())
        self.assert_refused(broker, CREDENTIALS_EXPIRED, token=token(sub="ann", exp=now - 1))
        self.assert_refused(broker, NOT_AUTHENTICATED, token=token(sub="ann"))
        self.assert_refused(broker, NOT_AUTHENTICATED, token=token(sub="ann", exp=now + 60)[:-4])
        short = self.connect(broker, token=token(sub="ann", exp=int(time.time()) + 5))
        refreshed = self.connect(broker, token=token(sub="ann", exp=int(time.time()) + 5))
        refreshed.send(refresh=dict(id=5, token=token(sub="ann", exp=now + 600)))
        answer = refreshed._wait("refreshed")
        self.assertEqual(answer.id, 5)
        self.assertGreater(answer.credentials_expire_in_ms, 500_000)
        refreshed.send(refresh=dict(id=6, token=token(sub="eve", exp=now + 600)))
        with self.assertRaises(RequestFailed):
            refreshed._wait("refreshed")
        with self.assertRaises(Closed) as expired:
            short.receive(timeout=60)
        self.assertEqual(expired.exception.args[0].code, CREDENTIALS_EXPIRED)
        refreshed.subscribe("a")
        refreshed.publish("a", b"still here")
        self.assertEqual(refreshed.receive(timeout=60).payload, b"still here")

    def test_without_a_file_nothing_changes(self):
        broker = self.start()
        broker.signal(signal.SIGHUP)
        self.assertEqual(broker.log_until("configuration reloaded"),
                         ["info    configuration reloaded changed=0 with_next_start=0"])


class StopTest(ProcessTest):

    def assert_drained(self, client):
        """The client was asked to leave, and told why it was closed."""
        with self.assertRaises(Closed) as closed:
            client.receive()
        self.assertEqual(client.go_away.code, SHUTTING_DOWN)
        self.assertEqual(closed.exception.args[0].code, SHUTTING_DOWN)
        self.assertTrue(closed.exception.args[0].retryable)
        client._socket.close()

    def read_to_the_end(self, client):
        """How many messages came, and how many were reported lost, before the Close."""
        messages = lost = 0
        with self.assertRaises(Closed) as closed:
            while delivery := client.receive():
                lost += getattr(delivery, "messages", 0)  # of a Gap
                messages += hasattr(delivery, "topic")
        self.assertEqual(closed.exception.args[0].code, SHUTTING_DOWN)
        client._socket.close()
        return messages, lost

    def test_sigterm_drains(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            broker = self.start(f"--drain_timeout_ms={FOREVER_MS}")
            client = self.connect(broker)
            client.subscribe("a")
            broker.signal(number)
            self.assert_drained(client)
            code, log = broker.wait()
            self.assertEqual(code, 0)
            self.assertRegex(log, r'info    draining; .* asked_by="a signal" clients=1 timeout_ms='
                                  rf"{FOREVER_MS}\n(.*\n)*.* info    stopped\n$")

    def test_what_waits_is_sent_before_the_close(self):
        broker = self.start(f"--drain_timeout_ms={FOREVER_MS}")
        reader = self.stopped_reader(broker)
        broker.signal(signal.SIGTERM)
        broker.log_until("draining")
        messages, lost = self.read_to_the_end(reader)
        self.assertEqual(messages + lost, self.PUBLISHED)
        self.assertEqual(broker.wait()[0], 0)

    def test_a_client_without_connect_is_not_waited_for(self):
        broker = self.start(f"--drain_timeout_ms={FOREVER_MS}")
        with socket.create_connection(broker.address) as silent:
            self.connect(broker)._socket.close()  # the broker has taken both
            broker.signal(signal.SIGTERM)
            while silent.recv(4096):
                pass
        self.assertEqual(broker.wait()[0], 0)

    def test_nobody_can_connect_while_it_drains(self):
        broker = self.start(f"--drain_timeout_ms={FOREVER_MS}")
        self.stopped_reader(broker)
        other = self.connect(broker)
        broker.signal(signal.SIGTERM)
        self.assert_drained(other)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(broker.address)

    def test_the_drain_ends_after_its_timeout(self):
        broker = self.start("--drain_timeout_ms=1")
        self.stopped_reader(broker)
        broker.signal(signal.SIGTERM)
        self.assertEqual(broker.wait()[0], 0)

    def test_a_second_signal_stops_at_once(self):
        broker = self.start(f"--drain_timeout_ms={FOREVER_MS}")
        self.stopped_reader(broker)
        broker.signal(signal.SIGTERM)
        broker.log_until("draining")
        broker.signal(signal.SIGTERM)
        code, log = broker.wait()
        self.assertEqual(code, 0)
        self.assertRegex(log, r"warning stopping at once\n(.*\n)*.* info    stopped\n$")

    def test_an_administrator_can_drain_but_not_hurry(self):
        broker = self.start(f"--drain_timeout_ms={FOREVER_MS}")
        reader = self.stopped_reader(broker)
        admin = self.connect(broker)
        admin.subscribe("answer")
        request = ClientFrame(publish={"topic": "$SYS/drain", "reply_to": "answer", "id": 10})
        again = ClientFrame(publish={"topic": "$SYS/drain", "reply_to": "answer", "id": 11})
        # In one packet; the second one must not stop the broker at once.
        admin._socket.sendall(b"".join(bytes([frame.ByteSize()]) + frame.SerializeToString()
                                       for frame in (request, again)))
        for _ in range(2):
            self.assertEqual(Drain.FromString(admin.receive().payload).clients, 2)
        self.assert_drained(admin)
        self.read_to_the_end(reader)
        code, log = broker.wait()
        self.assertEqual(code, 0)
        self.assertIn('asked_by="an administrator"', log)
        self.assertNotIn("at once\n", log)


def table(heading):
    """First cells of the table below that heading of OPERATIONS.md, without the title."""
    with open("docs/OPERATIONS.md", encoding="utf-8") as file:
        rows = file.read().partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    return re.findall(r"`([^`]+)`", " ".join(row.split("|")[1] for row in rows.split("\n")[2:]))


class OperationsTest(ProcessTest):
    """docs/OPERATIONS.md is about this program."""

    def test_has_every_flag(self):
        self.assertEqual(sorted(table("Flag")),
                         sorted(set(re.findall(r"^ *(?:-\w,)?(--\w+)", run("--help")[1], re.M))))

    def test_has_every_metric(self):
        self.write('stream { name: "chat" filter: "chat/#" }\n')
        client = self.connect(self.start("--config=" + self.config))
        client.send(publish={"topic": "$SYS/metrics", "reply_to": "answer", "id": 1})
        metrics = Metrics.FromString(client.receive().payload).metrics
        self.assertEqual(sorted(table("Metric")), sorted({metric.name for metric in metrics}))


if __name__ == "__main__":
    unittest.main()

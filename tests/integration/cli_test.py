#!/usr/bin/python3
"""The esockets program against the real broker, as people and scripts use it."""

import base64
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import unittest

from tests.support import listening
from tests.support.python_authority import Authority

ESOCKETS = "clients/cli/esockets"
TIMEOUT = 20  # seconds: to give up, never to measure
COMMANDS = ("pub", "sub", "req", "reply", "clients", "subscriptions", "streams", "slow", "closed", "trace", "acl", "kick", "recv",
            "info", "metrics", "limits", "drain", "top", "ping", "passwd", "bench")


class Broker:
    """The real program on a port of its own."""

    def __init__(self, *flags):
        self.process, self.address = listening.start("app/broker", "--port=0", *flags)

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=TIMEOUT)


class CliTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.broker = Broker("--recv_queue")

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()

    def environment(self, **more):
        return {**os.environ, "ESOCKETS_SERVER": self.broker.address, **more}

    def run_cli(self, *arguments, stdin=b"", code=0, **environment):
        done = subprocess.run([ESOCKETS, *arguments], input=stdin, capture_output=True,
                              timeout=TIMEOUT, env=self.environment(**environment))
        self.stderr = done.stderr.decode()
        if code is not None:
            self.assertEqual(done.returncode, code, f"{arguments}: {self.stderr}")
        return done.stdout

    def start(self, *arguments):
        """Runs on in the background; ended with the test."""
        process = subprocess.Popen([ESOCKETS, *arguments], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment())

        def end():
            process.kill()
            process.communicate()

        self.addCleanup(end)
        return process

    def subscribe(self, client_id, *arguments):
        """A sub that the broker has confirmed."""
        process = self.start("sub", f"--id={client_id}", *arguments)
        wanted = sum(not a.startswith("--") for a in arguments)
        while len(self.subscriptions(client_id)) < wanted:
            self.assertIsNone(process.poll())
        return process

    def subscriptions(self, client_id):
        return [s for s in json.loads(self.run_cli("subscriptions", "--json"))
                if s["client_id"] == client_id]

    def finish(self, process, code=0):
        stdout, stderr = process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, code, stderr.decode())
        return stdout

    def test_published_lines_arrive_once_and_in_order(self):
        sub = self.subscribe("lines", "lines/#", "lines/+", "--count=1000")
        lines = b"".join(b"line %d\n" % i for i in range(1000))
        self.run_cli("pub", "lines/a", stdin=lines)
        self.assertEqual(self.finish(sub), lines)

    def test_formats(self):
        binary = bytes(range(256))
        with tempfile.NamedTemporaryFile() as file:
            file.write(binary)
            file.flush()
            for format, expected in (
                ("payload", binary + b"\n"),
                ("line", None),
                ("json", None),
            ):
                sub = self.subscribe("format-" + format, "format/" + format, "--count=1",
                                     "--format=" + format)
                self.run_cli("pub", "format/" + format, "--file=" + file.name, "--header=a=1",
                             "--ack")
                got = self.finish(sub)
                if format == "json":
                    message = json.loads(got)
                    self.assertEqual(message["topic"], "format/json")
                    self.assertEqual(base64.b64decode(message["payload_base64"]), binary)
                    self.assertEqual(message["headers"], [{"name": "a", "value": "1"}])
                elif format == "line":
                    topic, payload = got.decode().rstrip("\n").split("\t")
                    self.assertEqual(topic, "format/line")
                    self.assertIn("\\x00", payload)
                else:
                    self.assertEqual(got, expected)

    def test_timestamps(self):
        sub = self.subscribe("times", "times", "--count=2", "--timestamps")
        self.run_cli("pub", "times", "x", "--count=2", "--rate=1000")
        for line in self.finish(sub).decode().splitlines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\tx$")

    def test_exit_codes(self):
        for code, arguments in (
            (1, []),
            (1, ["no-such-command"]),
            (1, ["sub"]),
            (1, ["pub", "a/+", "x"]),
            (1, ["pub", "a", "--file=/nonexistent"]),
            (1, ["pub", "a", "x", "--header=wrong"]),
            (1, ["sub", "a/#/b"]),
            (1, ["ping", "--server=nowhere"]),
            (1, ["ping", "--password_file=/nonexistent"]),
            (2, ["ping", "--server=127.0.0.1:1"]),
            (3, ["pub", "$reserved", "x"]),
            (3, ["pub", "$reserved", "x", "--ack"]),
            (3, ["kick", "nobody"]),
            (3, ["clients", "nobody"]),
            (4, ["sub", "nothing", "--count=1", "--within=0.05"]),
            (0, ["sub", "nothing", "--within=0.05"]),
        ):
            with self.subTest(arguments=arguments):
                self.run_cli(*arguments, code=code)
                if code not in (0, 1):
                    self.assertTrue(self.stderr.startswith("esockets: "), self.stderr)

    def test_ctrl_c(self):
        for flags, code in ((["--count=5"], 130), ([], 0)):
            sub = self.subscribe("interrupted", "interrupted", *flags)
            sub.send_signal(signal.SIGINT)
            self.assertEqual(self.finish(sub, code), b"")
        pub = subprocess.Popen([ESOCKETS, "pub", "a"], stdin=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=self.environment())
        self.addCleanup(pub.stdin.close)
        sub = self.subscribe("pub-waits", "a", "--count=1")
        pub.stdin.write(b"x\n")
        pub.stdin.flush()
        self.finish(sub)
        pub.send_signal(signal.SIGINT)
        with pub.stderr:
            pub.stderr.read()
        self.assertEqual(pub.wait(TIMEOUT), 130)

    def test_a_closed_pipe_ends_sub(self):
        sub = self.subscribe("piped", "piped")
        sub.stdout.close()
        self.run_cli("pub", "piped", "x", "--ack")
        self.assertNotEqual(sub.wait(TIMEOUT), 0)

    def test_administration(self):
        sub = self.subscribe("viewer", "room/+", "--overflow=drop-oldest")
        client, = json.loads(self.run_cli("clients", "viewer", "--json"))
        self.assertEqual((client["client_id"], client["subscriptions"]), ("viewer", 1))
        self.assertIn(b"viewer", self.run_cli("clients"))
        self.assertEqual(self.subscriptions("viewer")[0]["overflow"], "DROP_OLDEST")
        self.assertIn(b"room/+", self.run_cli("subscriptions", "viewer"))
        self.assertIn(b"kicked viewer", self.run_cli("kick", "viewer", "--reason=test"))
        self.finish(sub, code=3)
        info = self.run_cli("info")
        self.assertIn(b"ESocketS", info)
        loops = json.loads(self.run_cli("info", "--json"))["loop"]
        self.assertEqual(b"FORWARDED" in info, len(loops) > 1, "a table, when there are several")
        self.assertGreater(json.loads(self.run_cli("metrics", "--json"))["connects_total"], 0)
        self.assertIn(b"connects_total", self.run_cli("metrics"))

    def test_recv(self):
        pub = subprocess.Popen([ESOCKETS, "pub", "--id=sensor", "recv/a", "--ack"],
                               stdin=subprocess.PIPE, env=self.environment())
        sub = self.subscribe("recv-viewer", "recv/a", "--count=2")
        pub.stdin.write(b"1\n2\n")
        pub.stdin.flush()
        self.finish(sub)
        self.assertEqual(self.run_cli("recv", "sensor", "--limit=1"), b"recv/a\t1\n")
        reply = json.loads(self.run_cli("recv", "sensor", "--json"))
        self.assertEqual(reply["messages"], [{"topic": "recv/a", "payload": "2"}])
        pub.stdin.close()
        self.assertEqual(pub.wait(TIMEOUT), 0)

    def test_top_and_ping(self):
        self.subscribe("watched", "watched/#")
        screen = self.run_cli("top", "--once", "--interval=0.05").decode()
        self.assertIn("published", screen)
        self.assertIn("watched", screen)
        pongs = self.run_cli("ping", "--count=2", "--interval=0", "--json").splitlines()
        self.assertEqual([json.loads(p)["number"] for p in pongs], [1, 2])

    def stuck(self, client_id, filter, *flags):
        """A sub whose output nobody reads, and which has lost messages."""
        sub = self.subscribe(client_id, filter, "--backlog=10", *flags)
        with tempfile.NamedTemporaryFile() as file:
            file.write(bytes(100_000))
            file.flush()
            while not self.subscriptions(client_id)[0]["dropped_messages_total"]:
                self.run_cli("pub", filter, "--file=" + file.name, "--count=100", "-q")
        return sub

    def await_slow(self, client_id, verdict):
        while True:
            slow = json.loads(self.run_cli("slow", "--json", client_id))
            if slow and slow[0]["verdict"] == verdict:
                return slow[0]

    def test_slow(self):
        healthy = self.subscribe("healthy", "healthy")
        self.assertEqual(json.loads(self.run_cli("slow", "healthy", "--json")), [])
        self.assertEqual(self.run_cli("slow", "healthy"), b"healthy is not slow\n")
        self.run_cli("slow", "nobody", code=3)
        stuck = self.stuck("stuck", "flood")
        watch = self.start("slow", "--watch", "stuck")
        self.assertRegex(watch.stdout.readline(), rb"Z  stuck  (unknown|reader)  oldest ")
        slow = self.await_slow("stuck", "reader")
        self.assertTrue(slow["behind"])
        self.assertIn("receive window", slow["evidence"]["text"])
        table = self.run_cli("slow").decode()
        self.assertRegex(table, r"CLIENT .* VERDICT +EVIDENCE\n(.*\n)*stuck .* reader  +the receive")
        text = self.run_cli("slow", "stuck").decode()
        self.assertRegex(text, r"verdict +reader: the client does not read")
        self.assertRegex(text, r"\d+  BACKLOG_FULL  flood\n")
        self.assertIn("VERDICT", self.run_cli("top", "--once", "--interval=0.05").decode())
        threading.Thread(target=stuck.stdout.read).start()
        for line in watch.stdout:
            if b"  caught_up  was slow for " in line:
                break
        else:
            self.fail("no event says that it has caught up")
        self.await_slow("stuck", "caught_up")
        watch.send_signal(signal.SIGINT)
        self.finish(watch)
        self.assertIsNone(healthy.poll())

    def test_slow_events_as_json(self):
        self.stuck("stuck-json", "flood/json")
        watch = self.start("slow", "--watch", "--json")
        while True:
            event = json.loads(watch.stdout.readline())
            if event["client_id"] == "stuck-json":
                break
        self.assertRegex(event["time"], "Z$")
        self.assertIn("evidence", event)

    def await_closed(self, id, **fields):
        """The ending of that id which has these fields."""
        while True:
            for ending in json.loads(self.run_cli("closed", "--json", id)):
                if fields.items() <= ending.items():
                    return ending

    def test_closed(self):
        self.assertEqual(self.run_cli("closed", "nobody"), b"no connection has ended\n")
        kicked = self.subscribe("kicked", "room/1")
        session = str(json.loads(self.run_cli("clients", "kicked", "--json"))[0]["session_id"])
        self.run_cli("kick", "kicked", "--reason=enough")
        self.finish(kicked, code=3)
        self.assertEqual(self.await_closed("kicked", reason="KICKED")["code"], 232)
        self.assertEqual(self.await_closed(session, client_id="kicked")["reason"], "KICKED")
        self.assertRegex(self.run_cli("closed").decode(),
                         rf"CLIENT .* DETAIL\n(.*\n)*kicked +{session} .*Z .* 232  KICKED ")
        self.assertRegex(self.run_cli("closed", session).decode(),
                         r"client +kicked\n(.*\n)*code +232 KICKED: (.*\n)*advice +Ask the operator")

    def test_flight_record(self):
        crashed = self.start("pub", "--id=crashed", "room/2")
        sub = self.subscribe("witness", "room/2", "--count=1")
        crashed.stdin.write(b"x\n")
        crashed.stdin.flush()
        self.finish(sub)
        crashed.kill()
        flight = self.await_closed("crashed")["flight"]
        self.assertEqual([step["kind"] for step in flight], ["connect", "publish"])
        self.assertRegex(self.run_cli("closed", "crashed").decode(),
                         r"TIME  KIND .*\n(.*\n)* *-\d+\.\d{3}s  publish .* room/2\n")

    def test_confirm(self):
        confirm = lambda *more, **code: self.run_cli("pub", "sure", "x", *more, **code)
        self.assertEqual(confirm("--confirm"), b"matched 0: nobody is subscribed\n")
        self.subscribe("sure-1", "sure")
        self.subscribe("sure-2", "#")
        self.assertEqual(confirm("--confirm=60", "--count=2"), b"matched 2: 2 written\n" * 2)
        self.assertEqual(json.loads(confirm("--confirm=60", "--json")),
                         {"matched": 2, "written": 2, "queued": 0, "conflated": 0, "dropped": 0,
                          "gone": 0})

    def test_confirm_of_what_is_not_written(self):
        stuck = self.stuck("stuck-newest", "full/newest", "--overflow=drop-newest")
        self.assertEqual(self.run_cli("pub", "full/newest", "x", "--confirm=60", code=6),
                         b"matched 1: 1 dropped\n")
        self.stuck("stuck-oldest", "full/oldest")
        self.assertEqual(self.run_cli("pub", "full/oldest", "x", "--confirm=1", code=4),
                         b"matched 1: 1 queued\n")
        dropped = lambda: self.subscriptions("stuck-oldest")[0]["dropped_messages_total"]
        before = dropped()
        waits = self.start("pub", "full/oldest", "x", "--confirm=60")
        while dropped() == before:
            self.assertIsNone(waits.poll())
        waits.send_signal(signal.SIGINT)
        self.finish(waits, code=130)
        stuck.kill()

    def test_trace(self):
        self.subscribe("traced", "trace/+", "elsewhere")
        self.assertRegex(self.run_cli("trace", "trace/a").decode(),
                         r"^1 client would receive it\n\nCLIENT .* WHY\ntraced +trace/\+ .* yes ")
        self.assertRegex(self.run_cli("trace", "trace/a", "--client=traced").decode(),
                         r"traced +elsewhere .* no +no_match ")
        self.subscribe("twice", "both/+", "both/#")
        both = self.run_cli("trace", "both/a").decode()
        self.assertRegex(both, r"^1 client would receive it\n")
        self.assertRegex(both, r"twice +both/. .* no .* once is enough: ")
        self.assertEqual(self.run_cli("trace", "trace/a/b/c"), b"nobody would receive it\n")
        self.assertRegex(self.run_cli("trace", "$reserved").decode(), "^refused: ")
        trace = json.loads(self.run_cli("trace", "trace/a", "--key=k", "--bytes=5", "--json"))
        self.assertEqual((trace["receivers"], trace["entries"][0]["client_id"]), (1, "traced"))
        self.assertNotIn("more", trace)

    def test_limits(self):
        table = self.run_cli("limits").decode()
        self.assertRegex(table, r"broker +clients_max +1000000 +\d+ +\d+\n")
        self.assertRegex(table, r"listener 127\.0\.0\.1:\d+ +connections_max +none +\d+ +0\n")
        self.assertRegex(table, r"client +payload_bytes_max +1000000 +\d+\n")
        limits = json.loads(self.run_cli("limits", "--json"))
        clients = next(l for l in limits if l["name"] == "clients_max")
        self.assertGreaterEqual(int(clients["used"]), 1, "the one that asks")
        self.run_cli("limits", "nobody", code=3)
        self.assertIn("no client with this id", self.stderr)

    def test_acl(self):
        self.assertEqual(self.run_cli("acl", "explain", "ann", "publish", "a"),
                         b"allowed: there are no permissions: everything is allowed (ann, administrator)\n")
        config = os.path.join(os.environ["TEST_TMPDIR"], "acl.textproto")
        with open(config, "w", encoding="utf-8") as file:
            file.write('users { name: "root" token: "of the administrator" admin: true }\n'
                       'users { name: "ann" token: "of another client" groups: "staff" }\n'
                       'permission { name: "all" groups: "staff" actions: "SUBSCRIBE" topics: "#" }\n'
                       'permission { name: "no pay" actions: "SUBSCRIBE" topics: "pay/{client_id}" deny: true }\n')
        broker = Broker(f"--config={config}")
        self.addCleanup(broker.stop)
        root = {"ESOCKETS_SERVER": broker.address, "ESOCKETS_TOKEN": "of the administrator"}

        def explain(*arguments, code=0):
            return self.run_cli("acl", "explain", *arguments, code=code, **root).decode()

        self.assertEqual(explain("ann", "subscribe", "#"),
                         'allowed: the permission "all" allows it, all but what "no pay" denies (ann, of staff)\n')
        self.assertEqual(explain("ann", "subscribe", "pay/7", "--client=7", code=3),
                         'denied: the permission "no pay" denies it (ann, of staff)\n')
        self.assertEqual(explain("", "publish", "a", code=3), "denied: no permission allows it (anonymous)\n")
        answer = json.loads(explain("bob", "subscribe", "a", "--group=staff", "--json"))
        self.assertEqual((answer["rule"], answer["groups"]), ("all", ["staff"]))
        # Who is no administrator may not ask.
        root["ESOCKETS_TOKEN"] = "of another client"
        explain("ann", "publish", "a", code=3)
        self.assertIn("120", self.stderr)
        self.run_cli("acl", code=1)

    def respond(self, client_id, filter, *arguments):
        """A reply that the broker has confirmed."""
        process = self.start("reply", f"--id={client_id}", filter, *arguments)
        while not self.subscriptions(client_id):
            self.assertIsNone(process.poll())
        return process

    def test_requests(self):
        responder = self.respond("upper", "upper/+", "--count=3", "--", "sh", "-c",
                                 'printf "%s: " "$TOPIC"; tr a-z A-Z')
        self.assertEqual(self.run_cli("req", "upper/a", "hello"), b"upper/a: HELLO\n")
        self.assertEqual(self.run_cli("req", "upper/b", stdin=b"two\nlines\n"),
                         b"upper/b: TWO\nLINES\n")
        reply = json.loads(self.run_cli("req", "upper/c", "x", "--json"))
        self.assertEqual(reply["payload"], "upper/c: X")
        self.assertTrue(reply["topic"].startswith("$INBOX/"), reply)
        self.assertEqual(self.finish(responder), b"")

    def test_any_bytes_make_their_way_there_and_back(self):
        responder = self.respond("echo", "echo", "--count=1", "--", "cat")
        binary = bytes(range(256)) * 3000
        self.assertEqual(self.run_cli("req", "echo", stdin=binary), binary + b"\n")
        self.finish(responder)

    def test_a_request_that_nobody_answers(self):
        self.run_cli("req", "nobody", "x", "--timeout=20", code=3)
        self.assertIn("code 150", self.stderr)
        self.subscribe("silent", "silent")
        self.run_cli("req", "silent", "x", "--timeout=0.05", code=4)
        self.run_cli("req", "silent", "x", "--gather=0.05", code=4)

    def join(self, count, topic, *flags):
        """So many subs, each of which has got something: their outputs, and how much it took."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        members = {}
        for i in range(count):
            path = os.path.join(folder.name, str(i))
            with open(path, "wb") as output:
                members[path] = subprocess.Popen([ESOCKETS, "sub", topic, "--json", *flags],
                                                 stdout=output, env=self.environment())
            self.addCleanup(members[path].wait)
            self.addCleanup(members[path].kill)
        published = 0
        while not all(map(os.path.getsize, members)):
            self.run_cli("pub", topic, str(published), "--ack")
            published += 1
        return members, published

    def test_groups_share_what_is_published(self):
        members, published = self.join(3, "jobs/a", "--group=workers")
        self.run_cli("pub", "jobs/a", stdin=b"".join(b"%d\n" % i for i in range(published, 1000)))
        got = []
        for path, process in members.items():
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(TIMEOUT), 0)
            with open(path) as output:
                lines = [json.loads(line) for line in output]
            self.assertGreater(len(lines), 100)
            got += lines
        self.assertEqual({line["group"] for line in got}, {"workers"})
        numbers = sorted(int(line["payload"]) for line in got)
        self.assertEqual(numbers, list(range(numbers[0], 1000)), "from the first member on")

    def test_a_group_has_one_strategy(self):
        self.join(1, "ordered/a", "--group=workers", "--strategy=hash")
        self.run_cli("sub", "ordered/a", "--group=workers", "--strategy=first", code=3)
        self.assertIn("code 154", self.stderr)
        self.run_cli("sub", "ordered/a", "--group=workers", "--within=0.01")

    def test_what_no_group_can_be_is_known_without_the_broker(self):
        for flags in (["--overflow=conflate"], ["--from=last:1"], ["--group=" + 129 * "x"]):
            self.run_cli("sub", "a", "--group=workers", *flags, code=1)
            self.assertNotIn("code ", self.stderr)

    def test_repliers_of_a_group_answer_once(self):
        for i in range(3):
            self.start("reply", "paint", "--group=painters", "--", "echo", str(i))
        answers = set()
        while len(answers) < 3:
            answers.update(self.run_cli("req", "paint", "", code=None).splitlines())
        self.assertEqual(answers, {b"0", b"1", b"2"})
        self.run_cli("req", "paint", "", "--count=2", "--gather=0.5", code=4)

    def test_gathered_answers(self):
        for i in range(3):
            self.respond(f"node-{i}", "nodes", "--", "echo", f"node {i}")
        self.assertEqual(sorted(self.run_cli("req", "nodes", "", "--count=3").splitlines()),
                         [b"node 0", b"node 1", b"node 2"])
        self.assertEqual(len(self.run_cli("req", "nodes", "", "--count=2").splitlines()), 2)
        some = self.run_cli("req", "nodes", "", "--count=4", "--gather=1", code=4)
        self.assertIn("of 4 answers in time", self.stderr)
        self.assertLessEqual(len(some.splitlines()), 3)

    def test_a_command_that_fails_is_told_on_both_sides(self):
        responder = self.respond("fails", "fails", "--count=2", "--", "sh", "-c",
                                 "echo partly; exit $(cat)")
        self.assertEqual(self.run_cli("req", "fails", "3", code=7), b"partly\n")
        self.assertIn("exit code 3", self.stderr)
        self.run_cli("req", "fails", "0")
        stderr = responder.communicate(timeout=TIMEOUT)[1].decode()
        self.assertEqual(responder.returncode, 0)
        self.assertEqual(stderr, "esockets: reply: sh: exit code 3\n")
        responder = self.respond("cannot", "cannot", "--", "/nonexistent")
        self.run_cli("req", "cannot", "x", code=7)
        self.finish(responder, code=1)

    def test_reply_leaves_out_what_is_no_request(self):
        responder = self.respond("picky", "picky", "--count=1", "--", "cat")
        self.run_cli("pub", "picky", "no request", "--ack")
        self.assertEqual(self.run_cli("req", "picky", "x"), b"x\n")
        stderr = responder.communicate(timeout=TIMEOUT)[1].decode()
        self.assertEqual(stderr, "esockets: reply: a message without reply_to on picky\n")

    def test_reply_ends_with_ctrl_c_and_takes_its_command_along(self):
        with tempfile.TemporaryDirectory() as folder:
            fifo = os.path.join(folder, "runs")
            os.mkfifo(fifo)
            for flags, code in (([], 0), (["--count=1"], 130)):
                responder = self.respond("slow-reply", "slow-reply", *flags, "--", "sh", "-c",
                                         f"exec 3>{fifo}; sleep 1000")
                asks = self.start("req", "slow-reply", "x")
                with open(fifo) as runs:
                    responder.send_signal(signal.SIGTERM)
                    self.finish(responder, code)
                    self.assertEqual(runs.read(), "", "until the command and its child have ended")
                asks.kill()
        idle = self.respond("idle-reply", "idle-reply", "--", "cat")
        idle.send_signal(signal.SIGINT)
        self.finish(idle)

    def test_bench(self):
        for flags in (["--messages=2000"], ["--messages=100", "--rate=2000"]):
            result = json.loads(self.run_cli("bench", "--subscribers=3", "--json", *flags))
            self.assertEqual(result["subscribers"], 3)
            self.assertAlmostEqual(result["deliveries_per_s"], 3 * result["messages_per_s"],
                                   delta=1)
            self.assertLessEqual(result["latency_p50_us"], result["latency_p99_us"])
        self.assertIn("deliveries/s", self.run_cli("bench", "--messages=10").decode())

    def test_help_has_examples_that_are_right(self):
        """Every example's command line is one that the program takes: the broker answers it, or
        nobody does at the other address; wrong arguments would end it with 1."""
        for command in COMMANDS:
            help = self.run_cli(command, "--help").decode()
            examples = help.partition("Examples:")[2]
            lines = [l for l in examples.splitlines() if "esockets " in l]
            self.assertTrue(lines, command)
            for line in lines:
                part = next(p for p in re.split(r"\||&&", line) if "esockets " in p)
                if "broker.example" in part or "--file" in part or command == "passwd":
                    continue  # passwd speaks with no broker
                done = subprocess.run(
                    ["sh", "-c", part.replace("esockets", ESOCKETS, 1)], capture_output=True,
                    stdin=subprocess.DEVNULL, timeout=TIMEOUT,
                    env=self.environment(ESOCKETS_SERVER="127.0.0.1:1"))
                self.assertEqual(done.returncode, 2, f"{part}: {done.stderr.decode()}")


class SecretsTest(unittest.TestCase):

    def test_credentials_come_from_the_environment_or_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            config = os.path.join(folder, "broker.textproto")
            with open(config, "w") as file:
                file.write('users { name: "ann" password: "secret" }\n'
                           'users { name: "robot" token: "t0ken" admin: true }\n')
            password = os.path.join(folder, "password")
            with open(password, "w") as file:
                file.write("secret\n")
            token = os.path.join(folder, "token")
            with open(token, "w") as file:
                file.write("t0ken\n")
            broker = Broker("--config=" + config)
            self.addCleanup(broker.stop)
            for code, arguments, environment in (
                (3, [], {}),
                (3, ["--user=ann"], {"ESOCKETS_PASSWORD": "wrong"}),
                (0, ["--user=ann"], {"ESOCKETS_PASSWORD": "secret"}),
                (0, ["--user=ann", "--password_file=" + password], {}),
                (0, [], {"ESOCKETS_TOKEN": "t0ken"}),
                (0, ["--token_file=" + token], {}),
                (1, ["--token_file=" + folder + "/none"], {}),
            ):
                with self.subTest(arguments=arguments, environment=environment):
                    done = subprocess.run(
                        [ESOCKETS, "pub", "a", "x", "--ack", *arguments], capture_output=True,
                        timeout=TIMEOUT,
                        env={**os.environ, "ESOCKETS_SERVER": broker.address, **environment})
                    self.assertEqual(done.returncode, code, done.stderr)
            admin = subprocess.run([ESOCKETS, "clients", "--user=ann"], capture_output=True,
                                   timeout=TIMEOUT, env={**os.environ, "ESOCKETS_PASSWORD": "secret",
                                                         "ESOCKETS_SERVER": broker.address})
            self.assertEqual(admin.returncode, 3, admin.stderr)
            self.assertIn(b"code 120", admin.stderr)


class PasswdTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "passwords")

    def passwd(self, *arguments, stdin=b"", code=0):
        done = subprocess.run([ESOCKETS, "passwd", self.path, *arguments], input=stdin,
                              capture_output=True, timeout=TIMEOUT)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, b"")
        return done.stderr.decode()

    def text(self):
        return pathlib.Path(self.path).read_text()

    def test_sets_changes_and_deletes(self):
        self.assertIn("the password of ann is set", self.passwd("ann", stdin=b"correct horse\n"))
        self.passwd("bob", stdin=b"battery staple")
        before = self.text().splitlines()
        self.assertEqual([line.split(":")[0] for line in before], ["ann", "bob"])
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)
        self.passwd("ann", stdin=b"another horse\n")
        after = self.text().splitlines()
        self.assertNotEqual(after[0], before[0])
        self.assertEqual(after[1], before[1])
        self.assertIn("bob is removed", self.passwd("bob", "--delete"))
        self.assertEqual(self.text().splitlines(), after[:1])
        self.assertNotIn("horse", self.text())

    def test_mistakes_change_nothing(self):
        self.passwd("ann", stdin=b"correct horse\n")
        before = self.text()
        for arguments, stdin, why in (
                (["bob"], b"short\n", "8 to 1024 bytes"),
                (["bob"], b"", "no password on stdin"),
                (["b:b"], b"long enough\n", "colon"),
                (["bob", "--delete"], b"", "has no user bob"),
        ):
            self.assertIn(why, self.passwd(*arguments, stdin=stdin, code=1))
        self.assertEqual(self.text(), before)
        pathlib.Path(self.path).write_text(before[:-10])
        self.assertIn("cut off", self.passwd("bob", stdin=b"long enough\n", code=1))

    def at_a_terminal(self, *answers):
        """What it shows, and its exit code."""
        controller, terminal = os.openpty()
        process = subprocess.Popen([ESOCKETS, "passwd", self.path, "ann"], stdin=terminal,
                                   stderr=subprocess.PIPE)
        shown = b""
        for answer in answers:
            while not shown.endswith(b": "):
                shown += process.stderr.read(1)
            os.write(controller, answer)
            shown += b"|"
        shown += process.stderr.read()
        code = process.wait()
        process.stderr.close()
        echoed = b""
        os.set_blocking(controller, False)
        try:
            echoed = os.read(controller, 1000)
        except (BlockingIOError, OSError):
            pass
        os.close(terminal)
        os.close(controller)
        self.assertNotIn(b"horse", echoed)
        return shown.decode(), code

    def test_a_terminal_is_asked_twice_and_shows_nothing(self):
        shown, code = self.at_a_terminal(b"correct horse\n", b"correct horse\n")
        self.assertEqual(code, 0, shown)
        self.assertIn("New password: |", shown)
        self.assertIn("The same again: |", shown)
        shown, code = self.at_a_terminal(b"correct horse\n", b"incorrect horse\n")
        self.assertEqual(code, 1)
        self.assertIn("not the same", shown)


class StreamsTest(unittest.TestCase):

    def setUp(self):
        with tempfile.NamedTemporaryFile("w", suffix=".textproto") as config:
            config.write('stream { name: "chat" filter: "chat/#" }\n'
                         'last_value { filter: "state/+" max_topics: 2 }\n')
            config.flush()
            self.broker = Broker("--config=" + config.name)
        self.addCleanup(self.broker.stop)

    def run_cli(self, *arguments, code=0, stdin=b""):
        done = subprocess.run([ESOCKETS, *arguments, "--server=" + self.broker.address],
                              input=stdin, capture_output=True, timeout=TIMEOUT)
        self.stderr = done.stderr.decode()
        if code is not None:
            self.assertEqual(done.returncode, code, f"{arguments}: {self.stderr}")
        return done.stdout.decode()

    def test_begins_anywhere(self):
        self.assertEqual(self.run_cli("pub", "chat/1", "--ack", stdin=b"a\nb\nc\n"),
                         "stored at 1\nstored at 2\nstored at 3\n")
        self.run_cli("pub", "chat/2", "d", "--ack")
        self.assertEqual(self.run_cli("sub", "chat/#", "--from=all", "--count=4", "--positions"),
                         "1\ta\n2\tb\n3\tc\n4\td\n")
        found = re.search(r"chat/# begins behind 0@(\d+) of the stream chat\n", self.stderr)
        self.assertTrue(found, self.stderr)
        for start, printed in (
            ("last:2", "c\nd\n"),
            ("each:1", "c\nd\n"),
            ("2@" + found[1], "c\nd\n"),
            ("10m", "a\nb\nc\nd\n"),
            ("2020-01-31T12:00:00Z", "a\nb\nc\nd\n"),
        ):
            with self.subTest(start=start):
                self.assertEqual(self.run_cli("sub", "chat/#", "--from=" + start,
                                              "--count=%d" % printed.count("\n"),
                                              "--overflow=replay"), printed)
                self.assertEqual(self.stderr, "")
        message = json.loads(self.run_cli("sub", "chat/2", "--from=all", "--count=1", "--json"))
        self.assertEqual(message["position"], 4)
        self.run_cli("sub", "chat/#", "--from=2@1", "--count=1")
        self.assertIn("is not all there any more", self.stderr)
        self.run_cli("sub", "other", "--from=all", code=3)
        self.run_cli("sub", "chat/#", "--from=2", code=1)

    def test_last_values(self):
        for topic, value in (("state/1", "a"), ("state/2", "b"), ("state/1", "c")):
            self.run_cli("pub", topic, value, "--ack")
        printed = self.run_cli("sub", "state/#", "--snapshot", "--format=line")
        self.assertEqual(sorted(printed.splitlines()), ["state/1\tc", "state/2\tb"])
        self.assertEqual(self.run_cli("sub", "state/2", "state/3", "--snapshot"), "b\n")
        self.run_cli("pub", "state/3", "d", "--ack", code=3)
        self.assertIn("code 128: no more last values are kept", self.stderr)
        self.run_cli("pub", "state/1", "", "--ack")
        self.run_cli("pub", "state/3", "d", "--ack")
        self.assertEqual(self.run_cli("sub", "state/+", "--snapshot"), "b\nd\n")
        self.run_cli("sub", "other", "--snapshot", code=1)
        self.assertIn("keeps no last values of other", self.stderr)

    def test_what_they_keep(self):
        self.run_cli("pub", "chat/1", "--ack", stdin=b"a\nb\nc\n")
        self.run_cli("pub", "chat/2", "d", "--message_id=one")
        self.assertRegex(self.run_cli("streams"),
                         r"^STREAM .* READERS  IDS\nchat +chat/# +all +\d +1 +4 +4 .* 0 +1\n"
                         r"state/\+ +state/\+ +last ")
        self.assertRegex(self.run_cli("streams", "chat"),
                         r"(?s)^stream +chat\n.*positions +1 to 4\nmessages +4 of at most 100000\n")
        stream, = json.loads(self.run_cli("streams", "chat", "--json"))
        self.assertEqual((stream["last_position"], stream["topics"], stream["message_ids"]),
                         (4, 2, 1))
        self.run_cli("streams", "room", code=3)
        self.assertIn("no stream has this name: room", self.stderr)

    def test_who_reads(self):
        filling = b"x" * 1000 + b"\n"
        self.run_cli("pub", "chat/1", stdin=filling * 20_000)
        sub = subprocess.Popen([ESOCKETS, "sub", "chat/#", "--from=all", "--count=20000",
                                "--server=" + self.broker.address], stdout=subprocess.PIPE)
        readers = lambda: json.loads(self.run_cli("streams", "--json"))[0]["readers"]
        while readers() != 1:  # nobody reads its output
            self.assertIsNone(sub.poll())
        self.assertEqual(sub.communicate(timeout=TIMEOUT)[0], filling * 20_000)
        while readers() != 0:
            pass

    def test_last_will(self):
        watcher = subprocess.Popen([ESOCKETS, "sub", "gone/+", "--count=1", "--format=line",
                                    "--timestamps", "--server=" + self.broker.address],
                                   stdout=subprocess.PIPE)
        self.addCleanup(watcher.stdout.close)
        mortal = subprocess.Popen([ESOCKETS, "sub", "any", "--will=gone/mortal",
                                   "--will_message=farewell", "--server=" + self.broker.address])
        while len(json.loads(self.run_cli("subscriptions", "--json"))) < 2:
            self.assertIsNone(mortal.poll())
        mortal.kill()
        mortal.wait()
        self.assertRegex(watcher.communicate(timeout=TIMEOUT)[0], rb"\tgone/mortal\tfarewell\n$")
        self.run_cli("sub", "any", "--will=$SYS/kick", "--count=1", code=3)
        self.assertIn("will: topics below $", self.stderr)

    def test_message_id(self):
        publish = ("pub", "chat/1", "x", "--message_id=one")
        self.assertEqual(self.run_cli(*publish), "stored at 1\n")
        self.assertEqual(self.run_cli(*publish), "stored at 1 already\n")
        stored = json.loads(self.run_cli(*publish, "--json"))["stored"]
        self.assertEqual((stored["position"], stored["repeated"]), (1, True))
        self.assertEqual(self.run_cli("pub", "chat/1", "x", "--confirm"),
                         "matched 0: nobody is subscribed; stored at 2\n")
        self.run_cli("pub", "chat/1", "y", "--message_id=one", code=3)


class PresenceTest(unittest.TestCase):

    def setUp(self):
        with tempfile.NamedTemporaryFile("w", suffix=".textproto") as config:
            config.write('presence { filter: "room/+" window_ms: 20 grace_ms: 0 }\n')
            config.flush()
            self.broker = Broker("--config=" + config.name)
        self.addCleanup(self.broker.stop)

    def run_cli(self, *arguments, code=0):
        done = subprocess.run([ESOCKETS, *arguments, "--server=" + self.broker.address],
                              capture_output=True, timeout=TIMEOUT)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stderr.decode()}")
        self.stderr = done.stderr.decode()
        return done.stdout.decode()

    def start(self, *arguments):
        process = subprocess.Popen([ESOCKETS, *arguments, "--server=" + self.broker.address],
                                   stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_who_is_there_who_comes_and_who_goes(self):
        self.assertEqual(self.run_cli("presence", "room/1"), "0 on room/1\n")
        watch = self.start("presence", "room/1", "--watch")
        self.assertEqual(watch.stdout.readline(), b"0 on room/1\n")
        ann = self.start("sub", "room/1", "--id=ann")
        self.assertEqual(watch.stdout.readline(), b"+ ann\tesockets\n")
        self.assertEqual(watch.stdout.readline(), b"1 on room/1\n")
        self.assertEqual(self.run_cli("presence", "room/1"), "ann\tesockets\n1 on room/1\n")
        self.assertEqual(json.loads(self.run_cli("presence", "room/1", "--json")),
                         {"topic": "room/1", "count": 1, "members": [
                             {"client_id": "ann", "name": "esockets", "metadata": {}}]})
        ann.kill()
        self.assertEqual(watch.stdout.readline(), b"- ann\tesockets\n")
        self.assertEqual(watch.stdout.readline(), b"0 on room/1\n")
        watch.send_signal(signal.SIGINT)
        self.assertEqual(watch.wait(timeout=TIMEOUT), 0)

    def test_what_is_not_configured_is_refused(self):
        self.run_cli("presence", "other", code=3)
        self.assertIn("code 160: this broker does not tell who is on this topic", self.stderr)
        self.run_cli("presence", "room/+", code=3)
        self.run_cli("presence", code=1)


class EncryptedTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        self.authority = Authority(path)
        chain, key = self.authority.issue("broker")
        config = path / "broker.textproto"
        config.write_text('admin_listen: "off" listener { address: "127.0.0.1:0" tls { certificate {'
                          f' chain_file: "{chain}" key_file: "{key}" }} }} }}', encoding="utf-8")
        process, self.address = listening.start("app/broker", f"--config={config}")

        def stop():
            process.terminate()
            process.communicate(timeout=TIMEOUT)

        self.addCleanup(stop)

    def ping(self, *flags):
        return subprocess.run([ESOCKETS, "ping", "--count=1", f"--server={self.address}", *flags],
                              capture_output=True, text=True, timeout=TIMEOUT)

    def test_says_what_to_do_about_a_certificate(self):
        self.assertTrue(self.address.startswith("tls://"))
        self.assertEqual(self.ping(f"--ca={self.authority.path}").returncode, 0)
        self.assertEqual(self.ping("--insecure").returncode, 0)
        for flags in ([], [f"--ca={self.authority.path}", "--tls_name=another.example.org"]):
            refused = self.ping(*flags)
            self.assertEqual(refused.returncode, 2)
            self.assertIn("failed: TLS: certificate: ", refused.stderr)
            self.assertIn("--ca FILE", refused.stderr)


class DrainTest(unittest.TestCase):

    def test_drain_stops_the_broker(self):
        broker = Broker()
        done = subprocess.run([ESOCKETS, "drain", "--server=" + broker.address],
                              capture_output=True, timeout=TIMEOUT)
        self.assertEqual(done.returncode, 0, done.stderr)
        broker.process.communicate(timeout=TIMEOUT)
        self.assertEqual(broker.process.returncode, 0)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""Every product .cc, .py and .ts has the test of its name, and every test is run by Bazel."""

import re
import unittest

from tests.house.tree import PRODUCT, HouseTest, workspace

# Product files without a test of their own, and where they are run instead. May only
# shrink: who writes the test of one takes it out.
UNTESTED = {
    "app/main.cc": "the program itself, in tests/integration/broker_process_test",
    "clients/cli/acl.cc": "in tests/integration/cli_test",
    "clients/cli/limits.cc": "in tests/integration/cli_test",
    "clients/cli/admin.cc": "in tests/integration/cli_test",
    "clients/cli/admin_request.cc": "in tests/integration/cli_test",
    "clients/cli/bench.cc": "in tests/integration/cli_test",
    "clients/cli/connect.cc": "in tests/integration/cli_test",
    "clients/cli/diagnostics.cc": "in tests/integration/cli_test",
    "clients/cli/interrupt.cc": "in tests/integration/cli_test",
    "clients/cli/line_reader.cc": "in tests/integration/cli_test",
    "clients/cli/main.cc": "in tests/integration/cli_test",
    "clients/cli/passwd.cc": "in tests/integration/cli_test",
    "clients/cli/secret_prompt.cc": "in tests/integration/cli_test",
    "clients/cli/ping.cc": "in tests/integration/cli_test",
    "clients/cli/presence.cc": "in tests/integration/cli_test",
    "clients/cli/pub.cc": "in tests/integration/cli_test",
    "clients/cli/reply.cc": "in tests/integration/cli_test",
    "clients/cli/req.cc": "in tests/integration/cli_test",
    "clients/cli/slow_watch.cc": "in tests/integration/cli_test",
    "clients/cli/sub.cc": "in tests/integration/cli_test",
    "clients/cli/top.cc": "in tests/integration/cli_test",
    "clients/cpp/client.cc": "in tests/integration/client_test",
    "clients/cpp/client_impl.cc": "in tests/integration/client_test",
    "clients/cpp/events.cc": "in tests/integration/client_test",
    "clients/cpp/loop_link.cc": "in tests/integration/client_test",
    "clients/cpp/socket_transport.cc": "in tests/integration/client_test",
    "clients/cpp/subscription.cc": "in tests/integration/client_test",
    "clients/python/esockets/client_core.py": "in aio_test and client_test",
    "clients/python/esockets/delivery.py": "words without rules, in aio_test",
    "clients/python/esockets/events.py": "words without rules, in aio_test",
    "clients/python/esockets/face.py": "in aio_test and client_test",
    "clients/python/esockets/limits.py": "numbers",
    "clients/python/esockets/loop.py": "an interface",
    "clients/python/esockets/options.py": "words without rules, in frames_test and address_test",
    "clients/python/esockets/presence.py": "words without rules, in presence_book_test",
    "clients/python/esockets/publisher.py": "in aio_test and client_test",
    "clients/python/esockets/receiver.py": "in session_test",
    "clients/python/esockets/requester.py": "in aio_test and client_test",
    "clients/python/esockets/socket_transport.py": "in aio_test, reconnect_test, bad_broker_test",
    "clients/python/esockets/start.py": "words without rules, in frames_test",
    "clients/python/esockets/subscription.py": "in aio_test",
    "clients/python/esockets/subscriptions.py": "in aio_test",
    "clients/python/esockets/transport.py": "an interface",
    "clients/python/setup.py": "in tests/clients/python/package_test",
    "clients/typescript/src/answers.ts": "in session_test and subscription_set_test",
    "clients/typescript/src/client.ts": "in conformance_test",
    "clients/typescript/src/client_impl.ts": "in conformance_test and session_test",
    "clients/typescript/src/delivery.ts": "types alone",
    "clients/typescript/src/index.ts": "what the package exports, in readme_test",
    "clients/typescript/src/limits.ts": "constants",
    "clients/typescript/src/options.ts": "types; its tables of words in tables_test",
    "clients/typescript/src/presence.ts": "types; PresenceWatch in conformance_test",
    "clients/typescript/src/presence_frames.ts": "tables, in tables_test and presence_watcher_test",
    "clients/typescript/src/presence_watchers.ts": "in conformance_test",
    "clients/typescript/src/server_frames.ts": "tables, in tables_test and vectors_test",
    "clients/typescript/src/start.ts": "in frames_test and resumption_test",
    "clients/typescript/src/stream_start.ts": "types alone",
    "clients/typescript/src/subscription_name.ts": "types alone",
    "clients/typescript/src/transport.ts": "types alone",
    "proto/decode_error.cc": "a table of words, shown by client_frame_decoder_test",
    "proto/pair_range.cc": "walked by message_view_test",
}


# Python's packages have a folder of their own below the room's, TypeScript's src/; examples have one
# test together.
_PACKAGE = re.compile(r"^clients/(python/esockets|typescript/src)/")
_NOT_MIRRORED = re.compile(r"clients/python/examples/|/__init__\.py$")
_TESTS = ("_test.cc", "_test.py", "_test.ts", "_fuzz.cc")


def test_of(path):
    path = _PACKAGE.sub(lambda m: f"clients/{m.group(1).split('/')[0]}/", path)
    return "tests/" + re.sub(r"\.(cc|py|ts)$", r"_test.\1", path)


def check_mirrors(tree, untested):
    offences = []
    for path in tree.select(PRODUCT, (".cc", ".py", ".ts")):
        if _NOT_MIRRORED.search(path):
            continue
        if path in untested:
            if test_of(path) in tree:
                offences.append(f"{path}:1: has its test now: take it out of mirrors_test.py")
        elif test_of(path) not in tree:
            offences.append(f"{path}:1: has no {test_of(path)}")
    return offences + [f"{p}:1: is gone: take it out of mirrors_test.py"
                       for p in untested if p not in tree]


def check_all_run(tree):
    """A test that no BUILD file names would never fail."""
    offences = []
    for path in tree.select(("tests", "examples", "clients"), _TESTS):
        folder, _, name = path.rpartition("/")
        while folder and f"{folder}/BUILD" not in tree:
            folder = folder.rpartition("/")[0]
        within = path[len(folder) + 1:]
        text = tree.text(f"{folder}/BUILD") if folder else ""
        stem = name.rpartition(".")[0]
        is_globbed = name.endswith(".ts") and re.search(r'glob\(\s*\["\*_test\.ts"\]', text)
        if is_globbed and f'"{within}"' not in text:
            continue
        if f'"{within}"' not in text and not re.search(rf'"{re.escape(stem)}"', text):
            offences.append(f"{path}:1: no BUILD file names it")
    return offences


class MirrorsTest(HouseTest):

    def test_every_file_has_its_test(self):
        self.assert_clean(check_mirrors(workspace(), UNTESTED))

    def test_every_test_is_run(self):
        self.assert_clean(check_all_run(workspace()))

    def test_planted_files_are_found(self):
        tree = self.planted({
            "broker/tested.cc": "",
            "tests/broker/tested_test.cc": "",
            "broker/untested.cc": "",
            "broker/known.cc": "",
            "broker/stale.cc": "",
            "tests/broker/stale_test.cc": "",
            "clients/cpp/untested.cc": "",
            "clients/typescript/src/tested.ts": "",
            "tests/clients/typescript/tested_test.ts": "",
            "clients/typescript/src/untested.ts": "",
            "bench/b.cc": "",
            "clients/python/esockets/__init__.py": "",
            "clients/python/esockets/tested.py": "",
            "tests/clients/python/tested_test.py": "",
            "clients/python/esockets/untested.py": "",
            "clients/python/examples/example.py": "",
        })
        known = {"broker/known.cc": "main", "broker/stale.cc": "", "broker/gone.cc": ""}
        self.assertEqual(
            [o.split(":")[0] for o in check_mirrors(tree, known)],
            ["broker/stale.cc", "broker/untested.cc", "clients/cpp/untested.cc",
             "clients/python/esockets/untested.py", "clients/typescript/src/untested.ts",
             "broker/gone.cc"])

    def test_planted_tests_are_found(self):
        tree = self.planted({
            "tests/broker/BUILD": 'cc_test(name = "a_test", srcs = ["a_test.cc"])\n'
                                  '[cc_test(name = n, srcs = [n + ".cc"]) for n in ["c_test"]]\n',
            "tests/broker/a_test.cc": "",
            "tests/broker/b_test.cc": "",
            "tests/broker/c_test.cc": "",
            "tests/lost/d_test.py": "",
            "tests/web/BUILD": 'vitest_test(name = "t", srcs = glob(["*_test.ts"]))\n',
            "tests/web/e_test.ts": "",
            "tests/broker/f_test.ts": "",
        })
        self.assertEqual([o.split(":")[0] for o in check_all_run(tree)],
                         ["tests/broker/b_test.cc", "tests/broker/f_test.ts",
                          "tests/lost/d_test.py"])


if __name__ == "__main__":
    unittest.main()

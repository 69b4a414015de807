#!/usr/bin/python3
"""The suite against a server that is right, which passes all cases, and against wrong ones: each
case is red before one of them, and no case that the fault has nothing to do with."""

import contextlib
import io
import json
import os
import re
import unittest

from tests.conformance.websocket import suite
from tests.conformance.websocket.case import FAILED, NON_STRICT, UNIMPLEMENTED, Limits
from tests.conformance.websocket.wrong_server import WrongServer

LIMITS = Limits(rounds=2)
GIVE_UP = 60  # seconds, where something comes
MISSED = 0.3  # seconds, where nothing ever comes: later is no other verdict

# Fault, the cases to run, seconds to wait, and what does not pass of them, by verdict. Expressions
# match the beginning of an id and a dot behind it.
FAULTS = (
    ("masks", r"[1-7]\.|10\.", GIVE_UP, {FAILED: ""}),
    ("pads lengths", r"[1-7]\.|10\.", GIVE_UP, {FAILED: ""}),
    ("wrong accept", r"[1-2]\.", GIVE_UP, {FAILED: ""}),
    ("invents an extension", r"[1-2]\.", GIVE_UP, {FAILED: ""}),
    ("mangles", "[1-35-9]|1[0-3]", GIVE_UP,
     {FAILED: r"1\.[12]\.|1\.100\.[56]|3\.[234]\.|5\.(?:[345678]|15|19|20|100|102)\.|6\.[12]\.|"
              r"6\.(?:5|7|9|22|23|100)\.|6\.6\.(?:2|5|7|9|11)\.|6\.11\.[1-4]\.|7\.1\.[16]\.|"
              r"9\.[1-8]\.|10\.|12\.(?:[1-5]|100)\.|12\.101\.7\.|13\."}),
    ("wrong pongs", "[25]", GIVE_UP,
     {FAILED: r"2\.(?:[12346]|9|10|11|100)\.|5\.(?:[678]|19|20|102)\."}),
    ("answers Pongs", "2", GIVE_UP, {FAILED: r"2\.[789]\."}),
    ("takes anything", r"[1-7]\.|12\.100|12\.101\.[1-57]", GIVE_UP,
     {NON_STRICT: r"1\.100\.[23]\.",
      FAILED: r"1\.100\.[14]\.|2\.(?:5|101)\.|[34]\.|5\.(?:[129]|1[0-8]|101)\.|6\.[34]\.|"
              r"6\.6\.(?:1|3|4|6|8|10)\.|6\.(?:8|10|1[2-9]|20|21)\.|6\.11\.5\.|7\.3\.[26]\.|"
              r"7\.5\.|7\.9\.|7\.100\.4\.|12\.101\."}),
    ("waits for the end", "6", GIVE_UP, {NON_STRICT: r"6\.4\."}),
    ("forgets the echo", "[34]", GIVE_UP, {NON_STRICT: r"3\.[234]\.|4\.[12]\.[345]\."}),
    ("wrong codes", r"1\.100\.[23]|7\.|9\.100\.|12\.101\.6", GIVE_UP,
     {"": r"7\.1\.6\.|7\.13\.", FAILED: ""}),
    ("hangs up", r"[1-7]\.|10\.", GIVE_UP,
     {"": r"1\.100\.[1-4]|2\.(?:5|101)\.|[34]\.|5\.(?:[129]|1[0-8]|101)\.|6\.[34]\.|"
          r"6\.6\.(?:1|3|4|6|8|10)\.|6\.(?:8|10|1[2-9]|20|21)\.|6\.11\.5\.|7\.3\.[26]\.|7\.5\.|"
          r"7\.9\.|7\.100\.|7\.1\.6\.|7\.13\.",
      FAILED: ""}),
    ("stays open", r"7\.(?:1|13)\.", MISSED, {FAILED: ""}),
    ("goes on after a Close", r"7\.1\.[2345]", GIVE_UP, {FAILED: ""}),
    ("knows no extension", r"1[23]\.10", GIVE_UP, {UNIMPLEMENTED: r"12\.|13\.100\."}),
    ("accepts all offers", r"13\.10", GIVE_UP,
     {FAILED: r"13\.100\.(?:3|7|8|11)\.|13\.101\."}),
    ("ignores parameters", r"13\.\d\.1\.|13\.10", GIVE_UP,
     {FAILED: r"13\.[2-6]\.|13\.100\.(?:3|7|8|11)\."}),
    ("keeps its window", r"13\.", GIVE_UP, {FAILED: r"13\.[2567]\.|13\.100\.[38]\."}),
    ("larger window", r"13\.", GIVE_UP,
     {FAILED: r"13\.[357]\.(?:[4-9]|1\d)\.|13\.100\.(?:7|11)\."}),
)

# They make a case red whatever it is about: that it can fail for its own reason is shown by others.
SHOWN_BY_ANY_CASE = "masks", "pads lengths", "wrong accept", "invents an extension", "hangs up"


def matches(expression, case):
    return re.match(expression, case.id + ".")


class SuiteTest(unittest.TestCase):

    def server(self, *faults):
        server = WrongServer(*faults)
        self.addCleanup(server.stop)
        return server

    def run_main(self, *words):
        """(does it say failed?, its lines)"""
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            failed = suite.main(list(words))
        return failed, output.getvalue().splitlines()

    def test_who_is_right_passes(self):
        server = self.server()
        # Section 9 takes this server long; the echo program passes it in echo_test.
        for case in suite.cases(suite.SECTIONS.keys() - {9}, LIMITS):
            result = suite.run(case, server.url, GIVE_UP, GIVE_UP)
            self.assertIn(result.verdict, suite.PASSED, f"{case.id}: {result.why}")

    def test_each_case_can_fail(self):
        never_red = {case.id for case in suite.cases(suite.SECTIONS, LIMITS)}
        for fault, chosen, timeout, verdicts in FAULTS:
            server = self.server(fault)
            for case in suite.cases(suite.SECTIONS, LIMITS):
                if not matches(chosen, case):
                    continue
                result = suite.run(case, server.url, timeout, MISSED)
                expected = next((v for v, ids in verdicts.items() if matches(ids, case)), "")
                got = "" if result.verdict in suite.PASSED else result.verdict
                with self.subTest(fault, id=case.id, text=case.text, why=result.why):
                    self.assertEqual(got, expected)
                if result.verdict == FAILED and fault not in SHOWN_BY_ANY_CASE:
                    never_red.discard(case.id)
        self.assertEqual(never_red, set())

    def test_ids_are_unique_and_rules_are_named(self):
        cases = suite.cases(suite.SECTIONS, LIMITS)
        self.assertEqual(len({case.id for case in cases}), len(cases))
        for case in cases:
            self.assertRegex(case.rule, r"^RFC (6455|7692) §\d")
            self.assertTrue(case.text)

    def test_what_it_prints(self):
        failed, lines = self.run_main(self.server().url, "--sections=2,7")
        self.assertFalse(failed)
        self.assertRegex(lines[-4], r"^2 Pings and Pongs +13 +13 +0 ")
        self.assertEqual(lines[-1], "54 passed, 0 failed")
        failed, lines = self.run_main(self.server("wrong pongs").url, "--sections=2")
        self.assertTrue(failed)
        self.assertRegex(lines[0],
                         r"^FAILED 2\.1 a Ping without payload \(RFC 6455 §5\.5\.2, .*'pong'")
        self.assertEqual(lines[-1], "4 passed, 9 failed")
        failed, lines = self.run_main(self.server("forgets the echo").url, "--sections=3")
        self.assertFalse(failed)
        self.assertEqual(lines[-1], "4 passed, 0 failed, 3 non-strict")

    def test_json(self):
        path = os.path.join(os.environ["TEST_TMPDIR"], "results.json")
        self.run_main(self.server("masks").url, "--sections=3", f"--json={path}")
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
        self.assertEqual([r["id"] for r in results], [f"3.{i}" for i in range(1, 8)])
        self.assertEqual({r["verdict"] for r in results}, {FAILED})
        self.assertEqual({r["why"] for r in results},
                         {"a frame of the server is masked (RFC 6455 §5.1)"})

    def test_sections_that_do_not_exist(self):
        for wrong in "8", "x", "":
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                self.run_main("ws://127.0.0.1:1", f"--sections={wrong}")

    def test_no_server(self):
        server = WrongServer()
        server.stop()
        result = suite.run(suite.cases([1], LIMITS)[0], server.url)
        self.assertEqual(result.verdict, FAILED)


if __name__ == "__main__":
    unittest.main()

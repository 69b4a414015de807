#!/usr/bin/python3
"""How ./dev test counts."""

import tempfile
import unittest

from tools.dev import summary


def configured(label):
    return {"id": {"targetConfigured": {"label": label}}, "configured": {"testSize": "SMALL"}}


def completed(label, success=True):
    return {"id": {"targetCompleted": {"label": label}}, "completed": {"success": success}}


def skipped(label):
    return {"id": {"targetCompleted": {"label": label}}, "aborted": {"reason": "SKIPPED"}}


def tested(label, status):
    return {"id": {"testSummary": {"label": label}}, "testSummary": {"overallStatus": status}}


class CountTest(unittest.TestCase):

    def test_table(self):
        good = [configured("//a"), completed("//a"), tested("//a", "PASSED")]
        library = [{"id": {"targetConfigured": {"label": "//lib"}}, "configured": {}}]
        cases = [
            ("all well", good + library, "test", 0, (1, 0, {})),
            ("nothing to test", library, "test", 4, (0, 0, {})),
            ("failed", good + [configured("//b"), completed("//b"), tested("//b", "FAILED")],
             "test", 3, (1, 0, {"//b": "failed"})),
            ("flaky", [configured("//b"), completed("//b"), tested("//b", "FLAKY")],
             "test", 0, (0, 0, {"//b": "flaky"})),
            ("timed out", [configured("//b"), completed("//b"), tested("//b", "TIMEOUT")],
             "test", 3, (0, 0, {"//b": "timeout"})),
            ("not built", good + [configured("//b"), completed("//b", False)],
             "test", 1, (1, 0, {"//b": "not built"})),
            ("library not built", good + [completed("//lib", False)],
             "test", 1, (1, 0, {"//lib": "not built"})),
            ("never reached", good + [configured("//b")], "test", 1, (1, 0, {"//b": "not run"})),
            ("skipped", good + [configured("//b"), skipped("//b")], "test", 0, (1, 1, {})),
            ("bazel did not start", [], "test", 37, (0, 0, {"bazel": "exit code 37"})),
            ("build", library, "build", 0, (1, 0, {})),
            ("build failed", [completed("//lib", False)], "build", 1,
             (0, 0, {"//lib": "not built"})),
            ("build did not start", [], "build", 2, (0, 0, {"the build": "exit code 2"})),
        ]
        for name, events, command, exit_code, want in cases:
            with self.subTest(name):
                self.assertEqual(summary.count(events, command, exit_code), want)


class ReadEventsTest(unittest.TestCase):

    def test_what_is_cut_off_is_told(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write('{"id": 1}\n\n{"id": 2}\n')
            file.flush()
            self.assertEqual(summary.read_events(file.name), ([{"id": 1}, {"id": 2}], True))
            file.write('{"id": "3')
            file.flush()
            self.assertEqual(summary.read_events(file.name), ([{"id": 1}, {"id": 2}], False))


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""A soak, short and with few clients: every promise is looked at, and kept."""

import re
import subprocess
import unittest

SOAK = "tests/soak/soak"


def run(*flags):
    return subprocess.run([SOAK, *flags], capture_output=True, text=True, check=False)


class SoakTest(unittest.TestCase):

    def test_a_short_one_keeps_every_promise(self):
        done = run("--seconds=6", "--clients=100", "--seed=1")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?m)^\d+ passed, 0 failed$")
        self.assertNotIn("BROKEN (", done.stderr)
        self.assertEqual(re.findall(r"(?m)^seed 1\b", done.stdout), ["seed 1"] * 2)

    def test_too_few_descriptors_are_told_with_advice(self):
        done = run("--seconds=6", "--clients=100000000")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"^soak: 100000000 clients need \d+ open files, and \d+ are "
                                      r"allowed: raise the hard limit \(ulimit -Hn\), or take "
                                      r"fewer --clients\n$")

    def test_a_broker_that_does_not_start_is_told(self):
        done = run("--broker=/bin/false", "--clients=1")
        self.assertEqual(done.returncode, 2)
        self.assertTrue(done.stderr.startswith("soak: the broker did not start:"), done.stderr)


if __name__ == "__main__":
    unittest.main()

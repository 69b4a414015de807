#!/usr/bin/python3
"""All cases against the echo example; those that send many messages send few."""

import unittest

from tests.conformance.websocket import suite
from tests.conformance.websocket.case import Limits
from tests.conformance.websocket.echo_program import EchoProgram

LIMITS = Limits(rounds=10)
TIMEOUT = 60  # seconds without a byte: to give up, never to measure


class EchoTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.program = EchoProgram()

    @classmethod
    def tearDownClass(cls):
        code = cls.program.stop()
        assert code == 0, f"the program ended with {code}"


def add_section(number, name):
    """A test for each section, none of whose cases is less than passed."""

    def test(self):
        results = [suite.run(case, self.program.url, TIMEOUT, TIMEOUT)
                   for case in suite.cases([number], LIMITS)]
        print("\n".join(suite.table(results)))
        self.assertGreater(len(results), 0)
        for result in results:
            with self.subTest(result.id, text=result.text, rule=result.rule):
                self.assertIn(result.verdict, suite.PASSED, result.why)

    setattr(EchoTest, f"test_{number:02}_{name.replace(' ', '_')}", test)


for section, (words, _) in suite.SECTIONS.items():
    add_section(section, words)

if __name__ == "__main__":
    unittest.main()

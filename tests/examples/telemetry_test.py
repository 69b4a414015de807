#!/usr/bin/python3
"""Agents report this machine's real figures, and the viewer shows them."""

import signal
import unittest

from tests.examples.programs import Broker, OnTerminal, Program, RememberingBroker


def agent(broker, host):
    return Program("examples/telemetry/agent", f"--broker={broker.address}", f"--host={host}",
                   "--interval_ms=50")


def viewer(broker, *flags):
    return Program("examples/telemetry/viewer", f"--broker={broker.address}", "--interval_ms=50",
                   *flags)


def memory_gigabytes():
    with open("/proc/meminfo") as meminfo:
        return int(meminfo.readline().split()[1]) * 1024 / 1e9


class TelemetryTest(unittest.TestCase):

    def test_two_agents_are_a_fleet(self):
        with Broker() as broker, agent(broker, "alpha") as alpha, agent(broker, "beta"), \
                viewer(broker) as shown:
            figures = r" cpu ([\d.]+)% load [\d.]+ memory ([\d.]+) GB of ([\d.]+) GB disk .*network"
            shown.expect("^alpha" + figures)
            busy, used, total = map(float, shown.expect("^beta" + figures).groups())
            self.assertLessEqual(busy, 100)
            self.assertLess(used, total)
            self.assertAlmostEqual(total, memory_gigabytes(), delta=0.51)
            for program in (alpha, shown):
                program.terminate()
                self.assertEqual(program.end()[1], 0)

    def test_one_frame_of_one_host(self):
        with Broker() as broker, agent(broker, "alpha"), agent(broker, "beta"), \
                viewer(broker, "--once", "--host=beta") as shown:
            text, code = shown.end()
            self.assertEqual(code, 0)
            self.assertRegex(text, r"\Abeta cpu [^\n]+\n\Z")

    def test_a_viewer_begins_with_the_last_values(self):
        with RememberingBroker() as broker, agent(broker, "alpha") as alpha, \
                agent(broker, "beta") as beta:
            with viewer(broker) as shown:
                for host in ("alpha", "beta"):
                    shown.expect(f"^{host} cpu ")
            alpha.signal(signal.SIGKILL)  # nobody publishes for it any more
            beta.terminate()
            self.assertEqual(beta.end()[1], 0)
            with viewer(broker, "--once") as shown:
                text, code = shown.end()
                self.assertEqual(code, 0)
                self.assertRegex(text, r"\Aalpha cpu [^\n]+\n\Z")  # beta has cleared its own

    def test_agents_outlive_the_broker(self):
        with Broker() as broker, agent(broker, "alpha") as alpha:
            alpha.expect("connected")
            broker.terminate()
            alpha.expect("waiting")

    def test_a_terminal_shows_a_table(self):
        with Broker() as broker, agent(broker, "alpha"), \
                OnTerminal("examples/telemetry/viewer", f"--broker={broker.address}") as shown:
            shown.expect(rb"1 host\b")
            shown.expect(rb"alpha .*\d+% of \d+ GB")
            shown.type(b"\x03")  # Ctrl-C
            shown.expect(rb"\x1b\[\?1049l")
            text, code = shown.end()
            self.assertEqual(code, 0)
            self.assertRegex(text, rb"alpha .*\d+% of \d+ GB")  # stays when it has ended


if __name__ == "__main__":
    unittest.main()

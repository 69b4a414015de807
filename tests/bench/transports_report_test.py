#!/usr/bin/python3
"""What ./dev bench fanout makes of the figures that it measured."""

import unittest

import transports_report

NATIVE = transports_report.NATIVE
WEBSOCKET, DEFLATED = transports_report.TRANSPORTS


def costs(*values):
    return [{"valid": True, "server_cpu_us_per_delivery": v, "per_s": 1 / v} for v in values]


def sizes(*values):
    return [{"valid": True, "rss_bytes_per_client": v} for v in values]


class TransportsReportTest(unittest.TestCase):
    def test_the_ratio_is_the_median_of_pairs(self):
        work = {"name": "fan", "scenario": "fan_out",
                "runs": {NATIVE: costs(1, 2, 4), WEBSOCKET: costs(1.05, 4, 4.4)}}
        [goal] = transports_report.goals([work])
        self.assertAlmostEqual(goal["value"], 1.1)  # of 1.05, 2 and 1.1
        self.assertTrue(goal["reached"])

    def test_a_void_run_leaves_its_pair_out(self):
        void = [{"valid": False, "invalid": "lost"}]
        work = {"name": "fan", "scenario": "fan_out",
                "runs": {NATIVE: void + costs(2), WEBSOCKET: costs(9, 4)}}
        [goal] = transports_report.goals([work])
        self.assertAlmostEqual(goal["value"], 2)
        self.assertFalse(goal["reached"])

    def test_memory_is_what_a_client_takes_more(self):
        work = {"name": "idle", "scenario": "idle",
                "runs": {NATIVE: sizes(500, 520), WEBSOCKET: sizes(600, 640),
                         DEFLATED: sizes(760, 780)}}
        found = transports_report.goals([work])
        self.assertEqual([goal["value"] for goal in found], [110, 260])
        self.assertEqual([goal["reached"] for goal in found], [True, False])

    def test_the_table_stands_between_its_marks(self):
        work = {"name": "fan", "scenario": "fan_out",
                "runs": {NATIVE: costs(1), WEBSOCKET: costs(1.05), DEFLATED: costs(0.5)}}
        result = {"works": [work], "goals": transports_report.goals([work]), "rounds": 1,
                  "date": "d", "command": "c", "commit": "x", "versions": {},
                  "machine": {"cpu": "p", "cores": 2, "kernel": "k"}}
        lines = transports_report.table(result)
        self.assertEqual((lines[0], lines[-1]), tuple(transports_report.MARKS))
        self.assertIn("| fan | 1 µs | 1.05 µs | 0.5 µs |", lines)


if __name__ == "__main__":
    unittest.main()

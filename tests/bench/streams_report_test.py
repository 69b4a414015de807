#!/usr/bin/python3
"""What ./dev bench streams makes of the figures that it measured."""

import unittest

import report
import streams_report

PLAIN, STREAM = streams_report.PLAIN, streams_report.STREAM


def costs(*values):
    return [{"valid": True, "server_cpu_us_per_delivery": v, "per_s": 1 / v} for v in values]


def fan_out(plain, stream, bounded=True):
    return {"name": "fan", "scenario": "fan_out", "bounded": bounded,
            "runs": {PLAIN: plain, STREAM: stream}}


def replay(**figures):
    run = {"valid": True, "replay_to_live": 0.6, "server_cpu_us_per_live": 1.0,
           "server_cpu_us_per_replayed": 1.5, "rss_bytes_beside_frame": 40.0,
           "rss_bytes_per_stored": 190.0, "frame_bytes": 150.0}
    return {"name": "again", "scenario": "replay", "bounded": False,
            "runs": {STREAM: [{**run, **figures}]}}


class StreamsReportTest(unittest.TestCase):
    def test_the_ratio_is_the_median_of_pairs(self):
        work = fan_out(costs(1, 2, 4), costs(1.2, 4, 4.4))
        self.assertAlmostEqual(streams_report.pairs_ratio(work["runs"]), 1.2)  # of 1.2, 2 and 1.1
        [goal] = streams_report.goals([work])
        self.assertTrue(goal["reached"])

    def test_a_void_run_leaves_its_pair_out(self):
        void = [{"valid": False, "invalid": "lost"}]
        work = fan_out(void + costs(2), costs(9, 4))
        self.assertAlmostEqual(streams_report.pairs_ratio(work["runs"]), 2)
        [goal] = streams_report.goals([work])
        self.assertFalse(goal["reached"])
        self.assertEqual(list(report.void_runs(work)),
                         [f"* fan, {PLAIN}: 1 of 2 runs void: lost"])
        self.assertEqual(streams_report.goals([fan_out(void, costs(1))]), [])

    def test_only_what_is_bounded_is_held_against_something(self):
        self.assertEqual(streams_report.goals([fan_out(costs(1), costs(9), bounded=False)]), [])

    def test_a_replay_is_held_against_live_messages_of_its_own_run(self):
        self.assertEqual([g["reached"] for g in streams_report.goals([replay()])], [True] * 3)
        for figures in ({"replay_to_live": 0.4}, {"server_cpu_us_per_live": 0.7},
                        {"rss_bytes_beside_frame": 48.5}):
            reached = [g["reached"] for g in streams_report.goals([replay(**figures)])]
            self.assertEqual(reached.count(False), 1, figures)

    def test_rows(self):
        works = [fan_out(costs(1), costs(1.4)), replay()]
        rows = [report.judged_row(g) for g in streams_report.goals(works)]
        self.assertEqual(rows[0], "| fan | CPU per delivery, beside a topic of no stream | 1.40 × "
                                  "| ≤ 1.5 × | yes |")
        self.assertEqual(rows[3], "| again | memory for a stored message, beside its frame | 40 B "
                                  "| ≤ 48 B | yes |")
        self.assertEqual(streams_report.fan_out_row(works[0]),
                         "| fan | 1 · 1/s | 1.4 · 0.714/s | 1.40 × |")
        self.assertEqual(list(streams_report.beside_fan_out(works)),
                         ["A replayed message costs 1.50 times as much CPU time as a delivery of "
                          "the fan-out to 100."])


if __name__ == "__main__":
    unittest.main()

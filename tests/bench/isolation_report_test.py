#!/usr/bin/python3
"""What ./dev bench slow makes of the pairs that it measured."""

import tempfile
import unittest

import isolation_report
import report


class Ours:
    name = "ours"
    slow_client_bytes_max = 1000


class Peer:
    name = "peer"
    slow_client_bytes_max = None


def run(p99, grown, lost=0, **more):
    return {"latency_p50_us": p99 / 2, "latency_p99_us": p99, "latency_max_us": 2 * p99,
            "rss_growth_bytes": grown, "lost": lost, "valid": lost == 0, **more}


def pairs(*times, grown=1100, lost=0):
    """Of (undisturbed, with one stopped) p99, with 100 bytes of growth undisturbed."""
    return [{"undisturbed": run(a, 100),
             "stopped": run(b, grown, lost, slow_received=7, slow_told_dropped=5,
                            slow_lost_untold=0, slow_disconnected=0)} for a, b in times]


VOID = {"undisturbed": {"valid": False, "invalid": "no answer"},
        "stopped": {"valid": False, "invalid": "no answer"}}


class IsolationReportTest(unittest.TestCase):
    def test_the_ratio_is_the_median_of_pairs(self):
        server = isolation_report.summarize_server(Ours, pairs((10, 11), (20, 60), (30, 36)))
        self.assertAlmostEqual(server["p99_ratio"], 1.2)  # of 1.1, 3 and 1.2

    def test_memory_is_what_it_grew_more_than_undisturbed(self):
        server = isolation_report.summarize_server(Ours, pairs((10, 10)))
        self.assertEqual(server["grown_bytes"], 1000)
        self.assertTrue(server["within_limit"])
        server = isolation_report.summarize_server(Ours, pairs((10, 10), grown=1101))
        self.assertFalse(server["within_limit"])
        self.assertIsNone(isolation_report.summarize_server(Peer, pairs((1, 1)))["within_limit"])

    def test_one_lost_message_in_one_round_is_a_no(self):
        lossy = isolation_report.summarize_server(Ours, pairs((10, 10)) + pairs((10, 10), lost=1))
        self.assertEqual(isolation_report.others_lost_nothing(lossy), "**no**: 1")
        fine = isolation_report.summarize_server(Ours, pairs((10, 10)))
        self.assertEqual(isolation_report.others_lost_nothing(fine), "yes")

    def test_a_void_run_is_neither_counted_nor_hidden(self):
        summary = isolation_report.summarize("work", [Ours],
                                             {"ours": [*pairs((10, 20)), VOID]})
        server = summary["servers"]["ours"]
        self.assertAlmostEqual(server["p99_ratio"], 2)
        self.assertEqual(isolation_report.others_lost_nothing(server), "–")
        self.assertEqual(list(isolation_report.doubts({"works": [summary]})),
                         ["* work, ours: 2 of 4 runs: no answer"])

    def test_a_row(self):
        server = isolation_report.summarize_server(Ours, pairs((10, 11), grown=100 + (3 << 20)))
        self.assertEqual(
            isolation_report.row("work", "ours", server),
            "| work | ours | 5 / 10 / 20 | 5.5 / 11 / 22 | 1.10 × | yes | 3.0 MiB | **no** "
            "| 7 · 5 · 0 |")

    def test_it_writes_between_its_own_marks_alone(self):
        begin, end = isolation_report.MARKS
        other = report.marks("./dev bench compare")
        with tempfile.NamedTemporaryFile("w+", suffix=".md") as file:
            file.write("\n".join(["a", begin, "old", end, *other]))
            file.flush()
            report.write_into(file.name, [begin, "new", end])
            file.seek(0)
            self.assertEqual(file.read(), "\n".join(["a", begin, "new", end, *other]))
            with self.assertRaises(ValueError):
                report.write_into(file.name, ["no such mark", end])


if __name__ == "__main__":
    unittest.main()

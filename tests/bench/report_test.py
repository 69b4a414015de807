#!/usr/bin/python3
"""What ./dev bench compare makes of the figures that it measured."""

import unittest

import report
from works import Goal, Work


def runs(**figures):
    return [{"valid": True, "per_s": value} for value in figures["per_s"]]


MEASURED = {
    "limit": runs(per_s=[100, 200, 300]),
    "esockets": runs(per_s=[90, 190, 150]),
    "nats": runs(per_s=[40, 40, 40]),
    "redis": runs(per_s=[50, 60, 70]),
}


class ReportTest(unittest.TestCase):
    def judged(self, *goals):
        return report.summarize(Work("work", "idle", goals=goals), MEASURED)["goals"]

    def test_the_median_of_pairs_is_what_counts(self):
        [goal] = self.judged(Goal("per_s", "limit", 0.8, at_least=True))
        self.assertAlmostEqual(goal["value"], 0.9)  # of 0.9, 0.95 and 0.5
        self.assertTrue(goal["reached"])

    def test_a_goal_is_a_lower_or_an_upper_bound(self):
        high, low = self.judged(Goal("per_s", "limit", 0.95, at_least=True),
                                Goal("per_s", "limit", 0.95))
        self.assertFalse(high["reached"])
        self.assertTrue(low["reached"])

    def test_the_best_peer_is_the_highest_rate_or_the_lowest_cost(self):
        rate, cost = self.judged(Goal("per_s", "best peer", 1, at_least=True),
                                 Goal("per_s", "best peer", 1))
        self.assertEqual(rate["against"], "redis")
        self.assertEqual(cost["against"], "nats")

    def test_rows_say_which_bound_it_is(self):
        summary = {"name": "work", "goals": self.judged(
            Goal("per_s", "limit", 0.8, at_least=True), Goal("per_s", "", 100))}
        above, below = report.goal_rows(summary)
        self.assertEqual(above, "| work | connects a second | limit | 0.90 × | ≥ 0.8 × | yes |")
        self.assertEqual(below, "| work | connects a second | – | 150 | ≤ 100 | **no** |")

    def test_nobody_said_how_long_the_servers_waited(self):
        self.assertEqual(report.waited({"works": [{"runs": MEASURED}]}), 0)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""What ./dev bench tls makes of the figures that it measured."""

import unittest

import tls_report
from servers import ESocketS, ESocketSTls, ESocketSTls12, ESocketSTlsStorm

TCP, TLS13, TLS12, STORM = (k.name for k in (ESocketS, ESocketSTls, ESocketSTls12,
                                             ESocketSTlsStorm))


def runs(figure, *values):
    return [{"valid": True, figure: v, "per_s": 100} for v in values]


def connects(*values):
    return runs("server_cpu_us_per_reconnect", *values)


def latencies(*values):
    return [{"valid": True, "latency_p50_us": v, "latency_p99_us": 2 * v, "latency_max_us": 9 * v,
             "storm_connects_per_s": 1500} for v in values]


class TlsReportTest(unittest.TestCase):
    def test_ratios_are_medians_of_what_one_round_measured(self):
        work = {"name": "connect", "scenario": "reconnect",
                "runs": {TCP: connects(10, 20, 40), TLS13: connects(100, 400, 440)}}
        [found] = tls_report.ratios([work])
        self.assertEqual((found["server"], found["against"]), (TLS13, TCP))
        self.assertAlmostEqual(found["ratio"], 11)  # of 10, 20 and 11

    def test_a_void_run_leaves_its_round_out(self):
        void = [{"valid": False, "invalid": "0 of 3 sessions were resumed"}]
        work = {"name": "connect", "scenario": "reconnect",
                "runs": {TCP: void + connects(10), TLS13: connects(20, 50)}}
        self.assertEqual([found["ratio"] for found in tls_report.ratios([work])], [5])

    def test_a_storm_is_compared_with_the_same_alone(self):
        work = {"name": "storm", "scenario": "latency",
                "runs": {TLS13: latencies(10, 12), STORM: latencies(15, 18)}}
        found = tls_report.ratios([work])
        self.assertEqual([f["figure"] for f in found], list(tls_report.TIMES))
        self.assertEqual({f["ratio"] for f in found}, {1.5})

    def test_the_table_stands_between_its_marks(self):
        memory, delivery = "rss_bytes_per_client", "server_cpu_us_per_delivery"
        works = [
            {"name": "connect", "scenario": "reconnect",
             "runs": {TCP: connects(10), TLS13: connects(250), TLS12: connects(200)}},
            {"name": "fan", "scenario": "fan_out",
             "runs": {TCP: runs(delivery, 0.025), TLS13: runs(delivery, 0.1)}},
            {"name": "idle", "scenario": "idle",
             "runs": {TCP: runs(memory, 500), TLS13: runs(memory, 20500)}},
            {"name": "storm", "scenario": "latency",
             "runs": {TLS13: latencies(10), STORM: latencies(15)}},
        ]
        result = {"works": works, "rounds": 1, "date": "d", "command": "c", "commit": "x",
                  "versions": {}, "machine": {"cpu": "p", "cores": 2, "kernel": "k"}}
        lines = tls_report.table(result)
        self.assertEqual((lines[0], lines[-1]), tuple(tls_report.MARKS))
        for line in ("| connect | CPU of a connect | 10 µs | 250 µs | 200 µs |  |  |",
                     "| connect | beside TCP | 1.00 × | 25.00 × | 20.00 × |  |  |",
                     "| connect | connects a second and core | 100,000 | 4,000 | 5,000 |  |  |",
                     "| fan | share of TLS | 0% | 75% |  |  |  |",
                     "| idle | more than over TCP | 0 B | 20,000 B |  |  |  |",
                     "| storm | p99 | 20 µs | 30 µs | 1.50 × | 1,500 |"):
            self.assertIn(line, lines)


if __name__ == "__main__":
    unittest.main()

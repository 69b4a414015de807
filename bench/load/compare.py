#!/usr/bin/python3
"""Measures ESocketS beside the physical limit and other brokers, in interleaved rounds.

Started by `./dev bench compare`, which builds and installs what it needs. Every server is started
for each run, pinned to CPU 0, with its own configuration in a temporary folder; the load generator
is pinned to CPU 1. A round measures all servers with all works, one server after the other within
a work, so that what disturbs the machine disturbs neighbours in the table alike.
"""

import report
import rounds
from works import WORKS


def measure(work, run, quick):
    return run(work, 0.4 if quick else 1.0)


def summarize(result, works, measured):
    result["works"] = [report.summarize(work, measured[work.name]) for work in works]
    report.judge_growth(works, result["works"])
    return report.tables(result, works)


if __name__ == "__main__":
    rounds.main("compare", __doc__, WORKS, measure, summarize, rounds=5,
                quick="one short round, printed but not written into the documents")

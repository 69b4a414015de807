#!/usr/bin/python3
"""Measures what a stream costs: publishing into it, reading it again, and its memory.

Started by `./dev bench streams`, which builds what it needs. In interleaved rounds; server and load
are pinned and started as by `./dev bench compare`.
"""

import dataclasses

import rounds
import streams_report
from works import STREAM_WORKS


def shortened(work):
    """With a tenth of the messages."""
    flags = tuple("--messages=100000" if f.startswith("--messages") else f for f in work.flags)
    return dataclasses.replace(work, flags=flags)


def measure(work, run, quick):
    return run(shortened(work), 0.4) if quick else run(work, 1.0)


def summarize(result, works, measured):
    result["works"] = [{"name": w.name, "scenario": w.scenario, "flags": list(w.flags),
                        "bounded": w.bounded, "runs": measured[w.name]} for w in works]
    result["goals"] = streams_report.goals(result["works"])
    return streams_report.table(result)


if __name__ == "__main__":
    rounds.main("streams", __doc__, STREAM_WORKS, measure, summarize, rounds=5,
                quick="one short round, printed only")

#!/usr/bin/python3
"""Measures what one subscriber that has stopped reading does to the others.

Started by `./dev bench slow`, which builds and installs what it needs. In pairs, one after the
other for each server: all subscribers read; one of them has stopped. Servers and load are pinned
and started as by `./dev bench compare`, but each server with its own limits for slow clients.
"""

import dataclasses

import isolation_report
import rounds
from works import ISOLATION_WORKS

QUICK_SECONDS = 1.5


def measure(work, run, quick):
    """{"undisturbed": run, "stopped": run}"""
    flags = work.flags
    if quick:
        flags = tuple(f for f in flags if not f.startswith("--seconds"))
    return {key: run(dataclasses.replace(work, flags=flags + more), QUICK_SECONDS, f", {key}")
            for key, more in (("undisturbed", ()), ("stopped", ("--stopped=1",)))}


def summarize(result, works, measured):
    result["works"] = [
        isolation_report.summarize(w.name, [k for k in w.servers if k.name in measured[w.name]],
                                   measured[w.name]) for w in works]
    return isolation_report.table(result)


if __name__ == "__main__":
    rounds.main("slow", __doc__, ISOLATION_WORKS, measure, summarize, rounds=3, runs_each=2,
                quick="one short round, too short to lose anything at 128 B; printed only")

#!/usr/bin/python3
"""Measures what one subscriber that has stopped reading does to the others.

Started by `./dev bench slow`, which builds and installs what it needs. In pairs, one after the
other for each server: all subscribers read; one of them has stopped. Servers and load are pinned
and started as by `./dev bench compare`, but each server with its own limits for slow clients.
"""

import dataclasses
import sys
import tempfile

import isolation_report
import runs
from report import number, write_into
from works import ISOLATION_WORKS

QUICK_SECONDS = 1.5


def halves(work, quick):
    """The pair: (key of its runs, what to run)."""
    flags = work.flags
    if quick:
        flags = tuple(f for f in flags if not f.startswith("--seconds"))
    for key, more in (("undisturbed", ()), ("stopped", ("--stopped=1",))):
        yield key, dataclasses.replace(work, flags=flags + more)


def measure(works, kinds_of, rounds, quick, binaries):
    """{work name: {server name: [{"undisturbed": run, "stopped": run} of each round]}}"""
    measured = {w.name: {k.name: [] for k in kinds_of(w)} for w in works}
    progress = runs.Progress(rounds * 2 * sum(len(kinds_of(w)) for w in works))
    with tempfile.TemporaryDirectory(prefix="esockets-slow-") as folder:
        for round_number in range(1, rounds + 1):
            for work, kind in ((w, k) for w in works for k in kinds_of(w)):
                pair = {}
                for key, half in halves(work, quick):
                    run = runs.run_once(half, kind, binaries, QUICK_SECONDS, folder)
                    pair[key] = run
                    progress.step(f"round {round_number}: {work.name}, {kind.name}, {key}: p99 "
                                  f"{number(run.get(work.figure))} µs {run.get('invalid', '')}")
                measured[work.name][kind.name].append(pair)
    if progress.terminal:
        print(file=sys.stderr)
    return measured


def main():
    arguments = runs.argument_parser(
        "./dev bench slow", __doc__, rounds=3,
        quick="one short round, too short to lose anything at 128 B; printed only").parse_args()
    binaries = runs.binaries(arguments)
    kinds_of = runs.kinds_of(arguments)
    works = runs.works_of(arguments, ISOLATION_WORKS)
    kinds = list(dict.fromkeys(k for w in works for k in kinds_of(w)))
    result = runs.preamble(arguments, kinds)
    measured = measure(works, kinds_of, result["rounds"], arguments.quick, binaries)
    result["works"] = [isolation_report.summarize(work.name, kinds_of(work), measured[work.name])
                       for work in works]
    lines = isolation_report.table(result)
    print("\n".join(lines[1:-1]))
    runs.save(arguments, result, "slow")
    if not runs.is_partial(arguments):
        write_into(runs.document(arguments), lines)


if __name__ == "__main__":
    main()

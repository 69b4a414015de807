#!/usr/bin/python3
"""Measures ESocketS beside the physical limit and other brokers, in interleaved rounds.

Started by `./dev bench compare`, which builds and installs what it needs. Every server is started
for each run, pinned to CPU 0, with its own configuration in a temporary folder; the load generator
is pinned to CPU 1. A round measures all servers with all works, one server after the other within
a work, so that what disturbs the machine disturbs neighbours in the table alike.
"""

import sys
import tempfile

import report
import runs
import servers
from works import WORKS


def in_order(works, kinds_of, quick):
    """One round: pairs of a work and a server."""
    for work in works:
        for _ in range(1 if quick else work.runs_per_round):
            for kind in kinds_of(work):
                yield work, kind


def measure(works, kinds_of, rounds, quick, binaries):
    """{work name: {server name: [its runs]}}"""
    measured = {w.name: {k.name: [] for k in kinds_of(w)} for w in works}
    order = list(in_order(works, kinds_of, quick))
    seconds = 0.4 if quick else 1.0
    progress = runs.Progress(rounds * len(order))
    with tempfile.TemporaryDirectory(prefix="esockets-compare-") as folder:
        for number in range(rounds):
            for work, kind in order:
                run = runs.run_once(work, kind, binaries, seconds, folder)
                measured[work.name][kind.name].append(run)
                value = run.get(work.figure)
                text = report.number(value) if run["valid"] else f"void: {run['invalid']}"
                progress.step(f"round {number + 1}: {work.name}, {kind.name}: "
                              f"{text} {report.FIGURE_NAMES[work.figure]}")
    if progress.terminal:
        print(file=sys.stderr)
    return measured


def main():
    arguments = runs.argument_parser(
        "./dev bench compare", __doc__, rounds=5,
        quick="one short round, printed but not written into the documents").parse_args()
    binaries = runs.binaries(arguments)
    kinds_of = runs.kinds_of(arguments)
    works = [w for w in runs.works_of(arguments, WORKS) if w.in_quick or not arguments.quick]
    result = runs.preamble(arguments, servers.ALL)
    measured = measure(works, kinds_of, result["rounds"], arguments.quick, binaries)
    result["works"] = [report.summarize(work, measured[work.name]) for work in works]
    report.judge_growth(works, result["works"])
    lines = report.tables(result, works)
    print("\n".join(lines[1:-1]))
    runs.save(arguments, result, "compare")
    if not runs.is_partial(arguments):
        report.write_into(runs.document(arguments), lines)


if __name__ == "__main__":
    main()

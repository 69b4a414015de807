#!/usr/bin/python3
"""Measures what a stream costs: publishing into it, reading it again, and its memory.

Started by `./dev bench streams`, which builds what it needs. In interleaved rounds; server and load
are pinned and started as by `./dev bench compare`.
"""

import dataclasses
import sys
import tempfile

import runs
import streams_report
from report import number, write_into
from works import STREAM_WORKS

QUICK_SECONDS = 0.4
SECONDS = 1.0


def shortened(work):
    """With a tenth of the messages."""
    flags = tuple("--messages=100000" if f.startswith("--messages") else f for f in work.flags)
    return dataclasses.replace(work, flags=flags)


def measure(works, kinds_of, rounds, quick, binaries):
    """{work name: {server name: [run of each round]}}"""
    measured = {w.name: {k.name: [] for k in kinds_of(w)} for w in works}
    progress = runs.Progress(rounds * sum(len(kinds_of(w)) for w in works))
    seconds = QUICK_SECONDS if quick else SECONDS
    with tempfile.TemporaryDirectory(prefix="esockets-streams-") as folder:
        for round_number in range(1, rounds + 1):
            for work, kind in ((w, k) for w in works for k in kinds_of(w)):
                work_now = shortened(work) if quick else work
                run = runs.run_once(work_now, kind, binaries, seconds, folder)
                measured[work.name][kind.name].append(run)
                progress.step(f"round {round_number}: {work.name}, {kind.name}: "
                              f"{number(run.get('per_s'))}/s {run.get('invalid', '')}")
    if progress.terminal:
        print(file=sys.stderr)
    return measured


def main():
    arguments = runs.argument_parser(
        "./dev bench streams", __doc__, rounds=5,
        quick="one short round, printed only").parse_args()
    binaries = runs.binaries(arguments)
    kinds_of = runs.kinds_of(arguments)
    works = runs.works_of(arguments, STREAM_WORKS)
    kinds = list(dict.fromkeys(k for w in works for k in kinds_of(w)))
    result = runs.preamble(arguments, kinds)
    measured = measure(works, kinds_of, result["rounds"], arguments.quick, binaries)
    result["works"] = [{"name": w.name, "scenario": w.scenario, "flags": list(w.flags),
                        "bounded": w.bounded, "runs": measured[w.name]} for w in works]
    result["goals"] = streams_report.goals(result["works"])
    lines = streams_report.table(result)
    print("\n".join(lines[1:-1]))
    runs.save(arguments, result, "streams")
    if not runs.is_partial(arguments):
        write_into(runs.document(arguments), lines)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""Runs the cases against a WebSocket echo server.

    suite.py ws://127.0.0.1:1234 [--sections=1,2] [--json=FILE]

Prints a table, what failed, and as last line "N passed, N failed"; exits 1 when anything failed.
"""

import argparse
import collections
import dataclasses
import json
import os
import sys
import time

from tests.conformance.websocket import (section_1_framing, section_2_pings,
                                         section_3_reserved_bits, section_4_opcodes,
                                         section_5_fragmentation, section_6_utf8,
                                         section_7_closing, section_9_limits,
                                         section_10_auto_fragmentation, section_12_deflate,
                                         section_13_deflate_parameters)
from tests.conformance.websocket.case import (FAILED, INFORMATIONAL, NON_STRICT, OK,
                                              UNIMPLEMENTED, Failed, Limits)
from tests.conformance.websocket.peer import Peer, Violation

SECTIONS = {
    1: ("framing", section_1_framing),
    2: ("Pings and Pongs", section_2_pings),
    3: ("reserved bits", section_3_reserved_bits),
    4: ("opcodes", section_4_opcodes),
    5: ("fragmentation", section_5_fragmentation),
    6: ("UTF-8", section_6_utf8),
    7: ("closing", section_7_closing),
    9: ("limits", section_9_limits),
    10: ("auto-fragmentation", section_10_auto_fragmentation),
    12: ("permessage-deflate", section_12_deflate),
    13: ("its parameters", section_13_deflate_parameters),
}
_VERDICTS = OK, INFORMATIONAL, NON_STRICT, UNIMPLEMENTED, FAILED
PASSED = OK, INFORMATIONAL


@dataclasses.dataclass(frozen=True)
class Result:
    id: str
    text: str
    rule: str
    verdict: str
    why: str  # of a failure
    seconds: float


def cases(sections, limits):
    """The cases of these sections, in order."""
    return [case for section in sections for case in SECTIONS[section][1].cases(limits)]


def run(case, url, timeout=10, fail_fast=10):
    """On a connection of its own."""
    began, why = time.monotonic(), ""
    try:
        with Peer(url, case.offers, timeout, fail_fast) as peer:
            verdict = case.run(peer)
    except (Failed, Violation, OSError) as failure:
        verdict, why = FAILED, str(failure) or type(failure).__name__
    return Result(case.id, case.text, case.rule, verdict, why, time.monotonic() - began)


def table(results):
    """Rows of text: a section each, and the sum."""
    counts = collections.defaultdict(collections.Counter)
    seconds = collections.Counter()
    for result in results:
        section = int(result.id.split(".")[0])
        for row in section, 0:
            counts[row][result.verdict] += 1
            seconds[row] += result.seconds
    words = "".join(f"{verdict.lower():>15}" for verdict in _VERDICTS)
    yield f"{'section':<24}{'cases':>7}{words}{'seconds':>9}"
    for row in sorted(counts, key=lambda row: row or 99):
        name = f"{row} {SECTIONS[row][0]}" if row else "all"
        yield (f"{name:<24}{counts[row].total():>7}" +
               "".join(f"{counts[row][v]:>15}" for v in _VERDICTS) + f"{seconds[row]:>9.1f}")


def summary(results):
    """Passed is what Autobahn calls OK or informational; what else did not fail is named apart."""
    counts = collections.Counter(result.verdict for result in results)
    line = f"{counts[OK] + counts[INFORMATIONAL]} passed, {counts[FAILED]} failed"
    for verdict in NON_STRICT, UNIMPLEMENTED:
        if counts[verdict]:
            line += f", {counts[verdict]} {verdict.lower()}"
    return line


def arguments(words):
    parser = argparse.ArgumentParser(description="Runs WebSocket conformance cases.")
    parser.add_argument("url", help="of an echo server, ws://HOST:PORT/PATH")
    parser.add_argument("--sections", default=",".join(map(str, SECTIONS)), help="default: all")
    parser.add_argument("--rounds", type=int, default=Limits.rounds,
                        help="messages of the cases that send many (default: %(default)s)")
    parser.add_argument("--message_bytes_max", type=int, default=Limits.message_bytes_max,
                        help="the server's limit (default: %(default)s)")
    parser.add_argument("--timeout", type=float, default=10,
                        help="seconds without a byte after which a case gives up")
    parser.add_argument("--json", help="write all results to this file")
    parsed = parser.parse_args(words)
    try:
        parsed.sections = [int(number) for number in parsed.sections.split(",")]
        if unknown := set(parsed.sections) - set(SECTIONS):
            raise ValueError(unknown)
    except ValueError:
        parser.error(f"--sections: numbers among {', '.join(map(str, SECTIONS))}")
    return parsed


def progress(done, total, case):
    if sys.stderr.isatty():
        text = f"{done}/{total} {case.id} {case.text}" if case else ""
        print(f"\r\x1b[K{text[:100]}", end="", file=sys.stderr, flush=True)


def main(words):
    options = arguments(words)
    found = cases(options.sections, Limits(options.rounds, options.message_bytes_max))
    results = []
    for case in found:
        progress(len(results), len(found), case)
        results.append(run(case, options.url, options.timeout, options.timeout))
    progress(0, 0, None)
    for result in results:
        if result.verdict not in PASSED:
            print(f"{result.verdict} {result.id} {result.text} ({result.rule}): {result.why}")
    print("\n".join(table(results)))
    print(summary(results))
    if options.json:
        # `bazel run` starts elsewhere than it is typed.
        path = os.path.join(os.environ.get("BUILD_WORKING_DIRECTORY", ""), options.json)
        with open(path, "w", encoding="utf-8") as file:
            json.dump([dataclasses.asdict(result) for result in results], file, indent=1)
    return any(result.verdict == FAILED for result in results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

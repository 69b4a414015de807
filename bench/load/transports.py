#!/usr/bin/python3
"""Measures what WebSocket costs beside the same over TCP: a delivery, and an idle client.

Started by `./dev bench fanout [--transport=websocket|websocket_deflate]`, which builds what it needs.
In interleaved rounds; server and load are pinned and started as by `./dev bench compare`. The load
looks at all that it receives, over either transport.
"""

import argparse
import sys

import rounds
import transports_report
from works import TRANSPORT_WORKS


def measure(work, run, quick):
    return run(work, 0.4 if quick else 1.5)


def summarize(result, works, measured):
    result["works"] = [{"name": w.name, "scenario": w.scenario, "flags": list(w.flags),
                        "runs": measured[w.name]} for w in works]
    result["goals"] = transports_report.goals(result["works"])
    return transports_report.table(result)


def take_transport():
    """--transport of the command line becomes --servers, which measures native beside it."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--transport", choices=("websocket", "websocket_deflate"))
    chosen, others = parser.parse_known_args(sys.argv[1:])
    if chosen.transport is not None:
        others.append(f"--servers=^esockets(, {chosen.transport})?$")
    sys.argv[1:] = others


if __name__ == "__main__":
    take_transport()
    rounds.main("fanout", __doc__, TRANSPORT_WORKS, measure, summarize, rounds=7,
                quick="one short round, printed only")

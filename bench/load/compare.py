#!/usr/bin/python3
"""Measures ESocketS beside the physical limit and other brokers, in interleaved rounds.

Started by `./dev bench compare`, which builds and installs what it needs. Every server is started
for each run, pinned to CPU 0, with its own configuration in a temporary folder; the load generator
is pinned to CPU 1. A round measures all servers with all works, one server after the other within
a work, so that what disturbs the machine disturbs neighbours in the table alike.
"""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import report
import servers
from works import WORKS

LOAD_CPU = "1"
RUN_SECONDS_MAX = 60

# Mosquitto delivers so slowly that the window of the others would take it many seconds to empty.
WINDOWS = {"mosquitto": "--window=100"}


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return {"cpu": model.group(1).strip() if model else os.uname().machine,
            "cores": os.cpu_count(), "kernel": os.uname().release}


def commit(root):
    done = subprocess.run(["git", "-C", root, "describe", "--always", "--dirty"],
                          capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def load_command(work, server, binaries, seconds):
    command = [*servers.priority(server.undisturbed), binaries["load"], work.scenario,
               f"--protocol={server.protocol}", f"--address={server.address}",
               f"--server_pid={server.pid}", f"--cpu={LOAD_CPU}", "--json"]
    if not any(flag.startswith("--seconds") for flag in work.flags):
        command.append(f"--seconds={seconds}")
    if (server.name in WINDOWS and work.scenario == "fan_out"
            and not any(f.startswith("--window") for f in work.flags)):
        command.append(WINDOWS[server.name])
    return command + list(work.flags)


def run_once(work, kind, binaries, seconds, folder):
    """The generator's figures; {"valid": False, ...} when there are none."""
    try:
        with kind(folder, binaries, work.undisturbed) as server:
            done = subprocess.run(load_command(work, server, binaries, seconds),
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  timeout=RUN_SECONDS_MAX, check=False)
    except (subprocess.TimeoutExpired, RuntimeError) as error:
        return {"valid": False, "invalid": re.sub(r"\[.*\]", "", str(error))}
    if not done.stdout:
        return {"valid": False, "invalid": done.stderr.strip()}
    result = json.loads(done.stdout)
    if done.returncode != 0:
        result["valid"] = False
    return result


class Progress:
    """A line for each run, or one line that changes on a terminal."""

    def __init__(self, total):
        self.total = total
        self.done = 0
        self.started = time.monotonic()
        self.terminal = sys.stderr.isatty()

    def show(self, text):
        spent = time.monotonic() - self.started
        left = spent / self.done * (self.total - self.done) if self.done else 0
        line = f"[{self.done}/{self.total}, {left / 60:.1f} min left] {text}"
        end = "" if self.terminal else "\n"
        print(("\r\033[K" if self.terminal else "") + line, end=end, file=sys.stderr, flush=True)

    def step(self, text):
        self.done += 1
        self.show(text)


def in_order(works, kinds_of, quick):
    """One round: pairs of a work and a server."""
    for work in works:
        for _ in range(1 if quick else work.runs_per_round):
            for kind in kinds_of(work):
                yield work, kind


def measure(works, kinds_of, rounds, quick, binaries):
    """{work name: {server name: [its runs]}}"""
    runs = {w.name: {k.name: [] for k in kinds_of(w)} for w in works}
    order = list(in_order(works, kinds_of, quick))
    seconds = 0.4 if quick else 1.0
    progress = Progress(rounds * len(order))
    with tempfile.TemporaryDirectory(prefix="esockets-compare-") as folder:
        for number in range(rounds):
            for work, kind in order:
                run = run_once(work, kind, binaries, seconds, folder)
                runs[work.name][kind.name].append(run)
                value = run.get(work.figure)
                text = report.number(value) if run["valid"] else f"void: {run['invalid']}"
                progress.step(f"round {number + 1}: {work.name}, {kind.name}: "
                              f"{text} {report.FIGURE_NAMES[work.figure]}")
    if progress.terminal:
        print(file=sys.stderr)
    return runs


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench compare", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true",
                        help="one short round, printed but not written into the documents")
    parser.add_argument("--rounds", type=int, help="default: 5, with --quick 1")
    parser.add_argument("--only", help="regular expression of the works to measure")
    parser.add_argument("--servers", help="regular expression of the servers to measure")
    parser.add_argument("--root", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bin", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    binaries = {"broker": os.path.join(arguments.bin, "app/broker"),
                "load": os.path.join(arguments.bin, "bench/load/load"),
                "limit": os.path.join(arguments.bin, "bench/load/limit")}
    if os.cpu_count() < 2:
        sys.exit("this needs two cores: one for the server, one for the load")

    def kinds_of(work):
        return [k for k in work.servers if re.search(arguments.servers or "", k.name)]

    works = [w for w in WORKS if re.search(arguments.only or "", w.name)
             and (w.in_quick or not arguments.quick)]
    rounds = arguments.rounds or (1 if arguments.quick else 5)
    words = [w for w in sys.argv[1:] if not w.startswith(("--root=", "--bin="))]
    result = {
        "date": datetime.date.today().isoformat(),
        "command": " ".join(["./dev bench compare", *words]),
        "commit": commit(arguments.root),
        "machine": machine(),
        "versions": {kind.name: kind.version() for kind in servers.ALL},
        "rounds": rounds,
    }
    runs = measure(works, kinds_of, rounds, arguments.quick, binaries)
    result["works"] = [report.summarize(work, runs[work.name]) for work in works]
    report.judge_growth(works, result["works"])
    lines = report.tables(result, works)
    print("\n".join(lines[1:-1]))
    partial = arguments.quick or arguments.only or arguments.servers
    name = "quick" if partial else f"{result['date']}-compare"
    path = os.path.join(arguments.root, "bench/results", f"{name}.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    if not partial:
        report.write_into(os.path.join(arguments.root, "docs/PERFORMANCE.md"), lines)


if __name__ == "__main__":
    main()

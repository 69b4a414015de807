"""What the commands that measure in rounds share: their flags, the rounds, and where results go."""

import argparse
import datetime
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import report
import runs


def argument_parser(name, description, rounds, quick):
    """The flags that every command has; `rounds` are measured unless told otherwise."""
    parser = argparse.ArgumentParser(prog=f"./dev bench {name}", description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--rounds", type=int, help=f"default: {rounds}, with --quick 1")
    parser.add_argument("--only", help="regular expression of the works to measure")
    parser.add_argument("--servers", help="regular expression of the servers to measure")
    parser.add_argument("--root", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bin", required=True, help=argparse.SUPPRESS)
    return parser


def is_partial(arguments):
    """Printed, but not written into the documents."""
    return bool(arguments.quick or arguments.only or arguments.servers)


def works_of(arguments, works):
    """Those that --only and --quick leave."""
    return [w for w in works if re.search(arguments.only or "", w.name)
            and (w.in_quick or not arguments.quick)]


def kinds_of(arguments, work):
    """The servers of a work that --servers leaves."""
    return [k for k in work.servers if re.search(arguments.servers or "", k.name)]


def binaries(arguments):
    if os.cpu_count() < 2:
        sys.exit("this needs two cores: one for the server, one for the load")
    return {"broker": os.path.join(arguments.bin, "app/broker"),
            "load": os.path.join(arguments.bin, "bench/load/load"),
            "limit": os.path.join(arguments.bin, "bench/load/limit")}


class Progress:
    """A line for each run, or one line that changes on a terminal."""

    def __init__(self, total):
        self.total = total
        self.done = 0
        self.started = time.monotonic()
        self.terminal = sys.stderr.isatty()

    def step(self, text):
        self.done += 1
        left = (time.monotonic() - self.started) / self.done * (self.total - self.done)
        line = f"[{self.done}/{self.total}, {left / 60:.1f} min left] {text}"
        end = "" if self.terminal and self.done < self.total else "\n"
        print(("\r\033[K" if self.terminal else "") + line, end=end, file=sys.stderr, flush=True)


def in_order(works, arguments):
    """One round: pairs of a work and a server."""
    return [(work, kind) for work in works
            for _ in range(1 if arguments.quick else work.runs_per_round)
            for kind in kinds_of(arguments, work)]


def measure_all(works, arguments, rounds, measure, runs_each):
    """{work name: {server name: [what `measure` made of it each time]}}"""
    measured = {w.name: {k.name: [] for k in kinds_of(arguments, w)} for w in works}
    order = in_order(works, arguments)
    progress = Progress(rounds * len(order) * runs_each)
    files = binaries(arguments)

    def run(folder, round_number, work, kind, work_now, seconds, what=""):
        made = runs.run_once(work_now, kind, files, seconds, folder)
        figure = f"{report.FIGURE_NAMES[work.figure]} {report.number(made.get(work.figure))}"
        progress.step(f"round {round_number}: {work.name}, {kind.name}{what}: "
                      f"{figure if made['valid'] else made.get('invalid', 'void')}")
        return made

    with tempfile.TemporaryDirectory(prefix="esockets-bench-") as folder:
        for round_number in range(1, rounds + 1):
            for work, kind in order:
                run_this = functools.partial(run, folder, round_number, work, kind)
                measured[work.name][kind.name].append(measure(work, run_this, arguments.quick))
    return measured


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return {"cpu": model.group(1).strip() if model else os.uname().machine,
            "cores": os.cpu_count(), "kernel": os.uname().release}


def commit(root):
    done = subprocess.run(["git", "-C", root, "describe", "--always", "--dirty"],
                          capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def preamble(name, arguments, kinds, rounds):
    """How a result was made: the beginning of its JSON."""
    words = [w for w in sys.argv[1:] if not w.startswith(("--root=", "--bin="))]
    return {
        "date": datetime.date.today().isoformat(),
        "command": " ".join([f"./dev bench {name}", *words]),
        "commit": commit(arguments.root),
        "machine": machine(),
        "versions": {kind.name: kind.version() for kind in kinds},
        "rounds": rounds,
    }


def save(name, arguments, result):
    """Into bench/results, under its date and name; over the last one if it is partial."""
    name = "quick" if is_partial(arguments) else f"{result['date']}-{name}"
    path = os.path.join(arguments.root, "bench/results", f"{name}.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


def main(name, description, works, measure, summarize, *, rounds, quick, runs_each=1):
    """./dev bench NAME. `measure(work, run, quick)` makes `runs_each` runs of a work, each by
    run(work, seconds unless it says how many, what is special about it). `summarize(result, works,
    measured)` puts what it makes of them into the result, and returns the lines of the document."""
    arguments = argument_parser(name, description, rounds, quick).parse_args()
    rounds = arguments.rounds or (1 if arguments.quick else rounds)
    works = works_of(arguments, works)
    kinds = dict.fromkeys(k for w in works for k in kinds_of(arguments, w))
    result = preamble(name, arguments, kinds, rounds)
    measured = measure_all(works, arguments, rounds, measure, runs_each)
    lines = summarize(result, works, measured)
    print("\n".join(lines[1:-1]))
    save(name, arguments, result)
    if not is_partial(arguments):
        report.write_into(os.path.join(arguments.root, "docs/PERFORMANCE.md"), lines)

"""One run of the load generator against one server, and what commands that make many share."""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import time

import servers

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


def argument_parser(command, description, quick, rounds):
    """The flags that every command has; `rounds` are measured unless told otherwise."""
    parser = argparse.ArgumentParser(prog=command, description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--rounds", type=int, help=f"default: {rounds}, with --quick 1")
    parser.add_argument("--only", help="regular expression of the works to measure")
    parser.add_argument("--servers", help="regular expression of the servers to measure")
    parser.add_argument("--root", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bin", required=True, help=argparse.SUPPRESS)
    parser.set_defaults(command=command, rounds_otherwise=rounds)
    return parser


def works_of(arguments, works):
    """Those that --only leaves."""
    return [w for w in works if re.search(arguments.only or "", w.name)]


def kinds_of(arguments):
    """What finds the servers of a work that --servers leaves."""
    return lambda work: [k for k in work.servers if re.search(arguments.servers or "", k.name)]


def binaries(arguments):
    if os.cpu_count() < 2:
        sys.exit("this needs two cores: one for the server, one for the load")
    return {"broker": os.path.join(arguments.bin, "app/broker"),
            "load": os.path.join(arguments.bin, "bench/load/load"),
            "limit": os.path.join(arguments.bin, "bench/load/limit")}


def rounds_of(arguments):
    return arguments.rounds or (1 if arguments.quick else arguments.rounds_otherwise)


def is_partial(arguments):
    """Printed, but not written into the documents."""
    return bool(arguments.quick or arguments.only or arguments.servers)


def preamble(arguments, kinds):
    """How a result was made: the beginning of its JSON."""
    words = [w for w in sys.argv[1:] if not w.startswith(("--root=", "--bin="))]
    return {
        "date": datetime.date.today().isoformat(),
        "command": " ".join([arguments.command, *words]),
        "commit": commit(arguments.root),
        "machine": machine(),
        "versions": {kind.name: kind.version() for kind in kinds},
        "rounds": rounds_of(arguments),
    }


def save(arguments, result, name):
    """Into bench/results, under its date and name; over the last one if it is partial."""
    name = "quick" if is_partial(arguments) else f"{result['date']}-{name}"
    path = os.path.join(arguments.root, "bench/results", f"{name}.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


def document(arguments):
    return os.path.join(arguments.root, "docs/PERFORMANCE.md")

#!/usr/bin/python3
"""Runs clang-tidy over files, as many at once as there are processors.

    tidy.py WORKSPACE FILES...

A header is looked at through the .cc files that include it; one that is named without
them goes through the .cc of its name. Exits 1 when anything was reported.
"""

import concurrent.futures
import json
import os
import subprocess
import sys


def sources(root, files):
    """The files of compile_commands.json that stand for the given ones."""
    with open(os.path.join(root, "compile_commands.json")) as f:
        known = {os.path.realpath(c["file"]) for c in json.load(f)}
    wanted = {os.path.splitext(os.path.realpath(f))[0] + ".cc" for f in files}
    return sorted(wanted & known)


def tidy(root, file):
    done = subprocess.run(["clang-tidy-16", "--quiet", "-p", root, file], cwd=root,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == 0:
        return ""
    return done.stdout or done.stderr


def main():
    root, files = sys.argv[1], sys.argv[2:]
    todo = sources(root, files)
    reported = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {pool.submit(tidy, root, f): f for f in todo}
        for n, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            name = os.path.relpath(jobs[job], root)
            print(f"[{n}/{len(todo)}] {name}", file=sys.stderr, flush=True)
            if job.result():
                reported.add(name)
                print(job.result(), flush=True)
    for name in sorted(reported):
        print(f"clang-tidy: {name}", file=sys.stderr)
    return 1 if reported else 0


if __name__ == "__main__":
    sys.exit(main())

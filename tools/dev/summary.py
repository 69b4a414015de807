#!/usr/bin/python3
"""Counts the tests of the parts that `./dev test` ran, from Bazel's event files.

    summary.py DIRECTORY

DIRECTORY/parts has a line a part: event file, name, Bazel command, exit code, seconds.
Prints what failed, a table, and as last line "N passed, N failed"; exits 1 when
anything failed. A build without tests counts as one.
"""

import json
import os
import sys

NO_TESTS = 4  # Bazel's exit code for "built, but there was nothing to test"


def read_events(path):
    """(events, are these all?). A full disk cuts them off."""
    events = []
    with open(path) as f:
        for line in f:
            try:
                events += [json.loads(line)] if line.strip() else []
            except json.JSONDecodeError:
                return events, False
    return events, True


def count(events, command, exit_code):
    """(passed, skipped, labels that failed)."""
    tests, passed, skipped, failed = set(), set(), set(), {}
    for event in events:
        key = event.get("id", {})
        if "targetConfigured" in key and "testSize" in event.get("configured", {}):
            tests.add(key["targetConfigured"]["label"])
        elif "targetCompleted" in key:
            label = key["targetCompleted"]["label"]
            if event.get("aborted", {}).get("reason") == "SKIPPED":
                skipped.add(label)
            elif not event.get("completed", {}).get("success"):
                failed[label] = "not built"
        elif "testSummary" in key:
            label, status = key["testSummary"]["label"], event["testSummary"]["overallStatus"]
            tests.add(label)
            if status == "PASSED":
                passed.add(label)
            else:
                # FLAKY too: a test that passes when tried again is a bug in one of the two.
                failed[label] = status.lower().replace("_", " ")
    if command == "build":
        return (0, 0, failed or {"the build": f"exit code {exit_code}"}) if exit_code else (1, 0, {})
    for label in tests - passed - skipped - failed.keys():
        failed[label] = "not run"
    if exit_code not in (0, NO_TESTS) and not failed:
        failed["bazel"] = f"exit code {exit_code}"
    return len(passed), len(skipped & tests), failed


def main():
    directory = sys.argv[1]
    with open(os.path.join(directory, "parts")) as f:
        parts = [line.rstrip("\n").split("\t") for line in f]
    rows, failures = [], []
    for file, name, command, exit_code, seconds in parts:
        events, whole = read_events(os.path.join(directory, file))
        passed, skipped, failed = count(events, command, int(exit_code))
        if not whole:
            failed["the events of the build"] = "cut off: is the disk full?"
        failures += [f"{label} ({why}; {name})" for label, why in sorted(failed.items())]
        n_failed = min(len(failed), 1) if command == "build" else len(failed)
        rows.append((name, int(seconds) / 60, passed, n_failed, skipped))

    print()
    for line in failures:
        print(f"FAILED {line}")
    width = max(len(row[0]) for row in rows)
    print(f"{'part':<{width}}  minutes  passed  failed")
    for name, minutes, passed, failed, _ in rows:
        print(f"{name:<{width}}  {minutes:7.1f}  {passed:6}  {failed:6}")
    print(f"{'all':<{width}}  {sum(row[1] for row in rows):7.1f}")
    passed, failed, skipped = (sum(row[i] for row in rows) for i in (2, 3, 4))
    print(f"\n{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Words and calls that do not belong, and header guards."""

import re
import unittest

from tests.house.tree import PRODUCT, HouseTest, without_comments, workspace

_SOURCES = (".cc", ".h", ".proto", ".py", ".sh", ".bzl", ".bazelrc", "BUILD", "BUILD.bazel",
            "WORKSPACE", ".md", ".textproto", "/run", "dev", ".ts", ".js", ".json")

# Of the text, comments included. This file and its planted words are left out.
FORBIDDEN_WORDS = {
    r"\bFIXME\b|\bXXX\b|\bHACK\b": "settle it, or write TODO(perf|security|cleanup): reason",
    r"\bTODO\b(?!\((perf|security|cleanup)(\|[a-z]+)*\): \S)":
        "write TODO(perf|security|cleanup): reason",
    r"(?i)\bplaceholder\b|\bfor now\b|\blorem ipsum\b": "say what it is, or finish it",
}

# Paths of somebody's machine, and hosts that packages come from: neither is the project's.
MACHINES = {
    r"/(home|root|Users)/\w|/tmp/(wt|bash_jobs)\b|/work/\w": "a path of one machine",
    r"(?i)\b(registry\.npmjs\.org|registry\.yarnpkg\.com|pypi\.org|pythonhosted\.org|"
    r"(deb|snapshot|security)\.debian\.org|proxy\.golang\.org|crates\.io|"
    r"repo1?\.maven(\.apache)?\.org|artifactory|jfrog\.io)\b": "a registry's host",
}

# Waiting for time instead of for an event.
SLEEPS = r"\b(sleep_for|sleep_until|usleep|nanosleep|SleepFor|time\.sleep|asyncio\.sleep)\b|" \
         r"(?<![\w.>:])(::)?sleep\s*\(|^\s*sleep\s+[\d$]|" \
         r"\bsetTimeout\(\s*resolve\b|\btimers/promises\b"

# Tests that do wait, with the reason. May only shrink.
MAY_SLEEP = {}

# Where the operating system's error number is seen: below the socket interface, and in
# programs that talk to a terminal or a file of their own.
MAY_ERRNO = ("base", "server", "clients/cli", "examples", "tests", "bench", "third_party", "tools")


def offences_of(tree, paths, pattern, why, text_of=None):
    regex, found = re.compile(pattern), []
    for path in paths:
        text = text_of(path) if text_of else tree.text(path)
        found += [f"{path}:{number}: '{m.group(0).strip()}': {why}"
                  for number, line in enumerate(text.splitlines(), 1)
                  for m in [regex.search(line)] if m]
    return found


def check_words(tree):
    paths = [p for p in tree.select(suffixes=_SOURCES) if not p.startswith("tests/house/")]
    return [o for table in (FORBIDDEN_WORDS, MACHINES) for pattern, why in table.items()
            for o in offences_of(tree, paths, pattern, why)]


def check_sleeps(tree, may_sleep):
    paths = [p for p in tree.select(("tests",), (".cc", ".h", ".py", ".sh", ".ts"))
             if not p.startswith("tests/house/")]
    code = lambda p: without_comments(tree.text(p)) if p.endswith((".cc", ".h")) else tree.text(p)
    found = offences_of(tree, paths, SLEEPS, "wait for the event, not for time", code)
    sleepers = {o.split(":")[0] for o in found}
    return [o for o in found if o.split(":")[0] not in may_sleep] + [
        f"{p}:1: does not sleep any more: take it out of words_test.py"
        for p in may_sleep if p not in sleepers]


def check_errno(tree):
    paths = [p for p in tree.select(suffixes=(".cc", ".h"))
             if not p.startswith(tuple(f + "/" for f in MAY_ERRNO))]
    return offences_of(tree, paths, r"\berrno\b|\bstrerror(_r)?\b", "not above the sockets",
                       lambda p: without_comments(tree.text(p)))


def check_guards(tree):
    offences = []
    for path in tree.select(suffixes=(".h",)):
        guard = re.sub(r"\W", "_", path).upper() + "_"
        text = tree.text(path)
        if "#pragma once" in text or not re.search(
                rf"^#ifndef {guard}\n#define {guard}\n(.*\n)*#endif  // {guard}\n*\Z", text, re.M):
            offences.append(f"{path}:1: its guard is {guard}, from #ifndef to #endif  // {guard}")
    return offences


class WordsTest(HouseTest):

    def test_no_forbidden_words(self):
        self.assert_clean(check_words(workspace()))

    def test_no_test_sleeps(self):
        self.assert_clean(check_sleeps(workspace(), MAY_SLEEP))

    def test_errno_stays_below(self):
        self.assert_clean(check_errno(workspace()))

    def test_header_guards(self):
        self.assert_clean(check_guards(workspace()))

    def test_planted_words_are_found(self):
        tree = self.planted({
            "broker/a.cc": "// FIXME\n// XXX\n// TODO: x\n// TODO(perf): x\n// TODO(perf):\n",
            "docs/a.md": "It works for now.\nA Placeholder.\nsee /home/jo/x\n/work/x\n"
                         "https://registry.npmjs.org/x\nhttps://www.apache.org/x\n/homework/a\n",
            "tests/house/a.py": "FIXME\n",
        })
        self.assertEqual(sorted(":".join(o.split(":")[:2]) for o in check_words(tree)),
                         ["broker/a.cc:1", "broker/a.cc:2", "broker/a.cc:3", "broker/a.cc:5",
                          "docs/a.md:1", "docs/a.md:2", "docs/a.md:3", "docs/a.md:4",
                          "docs/a.md:5"])

    def test_planted_sleeps_are_found(self):
        tree = self.planted({
            "tests/a_test.cc": "std::this_thread::sleep_for(x);\n// sleep_for\nusleep(3);\n"
                               "sleep(1);\nclock.sleep(1);\nx = \"sleep(1)\";\n",
            "tests/b_test.py": "time.sleep(1)\nasleep = 1\n",
            "tests/c.sh": "sleep 1\necho sleeps\n",
            "tests/known.cc": "usleep(1);\n",
            "tests/awake.cc": "\n",
            "tests/a_test.ts": "await new Promise((resolve) => setTimeout(resolve, 5));\n",
            "server/a.cc": "usleep(1);\n",
        })
        self.assertEqual(
            [":".join(o.split(":")[:2])
             for o in check_sleeps(tree, {"tests/known.cc": "", "tests/awake.cc": ""})],
            ["tests/a_test.cc:1", "tests/a_test.cc:3", "tests/a_test.cc:4", "tests/a_test.ts:1",
             "tests/b_test.py:1", "tests/c.sh:1", "tests/awake.cc:1"])

    def test_planted_errno_is_found(self):
        tree = self.planted({
            "broker/a.cc": "if (errno == 1) {}\n// errno\nint my_errno_;\n",
            "gateways/a.cc": "x(strerror(e));\n",
            "server/socket.cc": "errno;\n",
        })
        self.assertEqual([":".join(o.split(":")[:2]) for o in check_errno(tree)],
                         ["broker/a.cc:1", "gateways/a.cc:1"])

    def test_planted_guards_are_found(self):
        good = "// What it is.\n#ifndef {0}\n#define {0}\n\nint x;\n\n#endif  // {0}\n"
        tree = self.planted({
            "broker/a.h": good.format("BROKER_A_H_"),
            "clients/cpp/b_c.h": good.format("CLIENTS_CPP_B_C_H_"),
            "broker/d.h": good.format("D_H_"),
            "broker/e.h": "#pragma once\n",
            "broker/f.h": "int x;\n",
        })
        self.assertEqual([o.split(":")[0] for o in check_guards(tree)],
                         ["broker/d.h", "broker/e.h", "broker/f.h"])


if __name__ == "__main__":
    unittest.main()

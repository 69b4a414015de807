#!/usr/bin/python3
"""C++ is laid out as clang-format does it: `./dev format` mends what is not."""

import re
import subprocess
import unittest

from tests.house.tree import HouseTest, workspace

_OFFENCE = re.compile(r"^([^:\s]+):(\d+):\d+: error: code should be clang-formatted", re.M)


def check_format(tree):
    """Each file once, at its first line that is laid out otherwise."""
    files = tree.select(suffixes=(".cc", ".h"))
    done = subprocess.run(["clang-format-16", "--dry-run", "-Werror", *files], cwd=tree.root,
                          check=False, capture_output=True, text=True)
    first = {}
    for path, line in _OFFENCE.findall(done.stderr):
        first.setdefault(path, line)
    if done.returncode != 0 and not first:
        raise RuntimeError(done.stderr)
    return [f"{path}:{line}: run ./dev format" for path, line in first.items()]


class FormatTest(HouseTest):
    def test_workspace(self):
        self.assert_clean(check_format(workspace()))

    def test_planted(self):
        tree = self.planted({
            ".clang-format": "BasedOnStyle: Google\n",
            "good.cc": "int good() { return 0; }\n",
            "bad.cc": "int good();\nint   bad( ){return 0 ; }\nint  worse ;\n",
        })
        self.assertEqual(check_format(tree), ["bad.cc:2: run ./dev format"])


if __name__ == "__main__":
    unittest.main()

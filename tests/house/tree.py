"""The source tree, as the tests of the house see it.

A check is a function of a Tree that returns the offences it found, each a line
"path:line: what is wrong". A test runs it on the workspace, where it must find
nothing, and on a small planted tree, where it must find exactly what was planted.
"""

import os
import re
import tempfile
import unittest

# Product folders: what runs at a user's, and is held to the house rules in full.
PRODUCT = ("base", "server", "proto", "broker", "gateways", "engines", "app", "clients")

# Folders that are not ours, or not sources.
_SKIPPED = re.compile(r"^(bazel-.*|\..*|node_modules|__pycache__|dist|compile_commands\.json)$")
# Hidden files and folders that are ours.
_KEPT = (".ci", ".bazelrc", ".clang-format", ".clang-tidy")


class Tree:
    """Text files below a root by their path from there."""

    def __init__(self, root):
        self.root = root
        self.paths = sorted(self._walk())
        self._paths = set(self.paths)
        self._texts = {}

    def _walk(self):
        for folder, folders, files in os.walk(self.root):
            folders[:] = [f for f in folders if f in _KEPT or not _SKIPPED.match(f)]
            for file in files:
                if file in _KEPT or not _SKIPPED.match(file):
                    yield os.path.relpath(os.path.join(folder, file), self.root)

    def __contains__(self, path):
        return path in self._paths

    def is_folder(self, path):
        return any(p.startswith(path.rstrip("/") + "/") for p in self.paths)

    def text(self, path):
        """The file's text; empty for a binary file."""
        if path not in self._texts:
            with open(os.path.join(self.root, path), "rb") as f:
                data = f.read()
            self._texts[path] = "" if b"\0" in data else data.decode("utf-8", "replace")
        return self._texts[path]

    def lines(self, path):
        """(number, line) pairs, counted from one."""
        return list(enumerate(self.text(path).splitlines(), 1))

    def select(self, folders=None, suffixes=("",)):
        """Paths below any of the folders (all, if None) with any of the suffixes."""
        return [
            p for p in self.paths
            if p.endswith(tuple(suffixes))
            and (folders is None or p.startswith(tuple(f + "/" for f in folders)))
        ]


def workspace():
    """The real workspace: the runfile WORKSPACE is a link into it."""
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.realpath(os.path.join(here, "..", "..", "WORKSPACE")))
    tree = Tree(root)
    assert "WORKSPACE" in tree and len(tree.paths) > 20, f"{root} is not the workspace"
    return tree


class HouseTest(unittest.TestCase):
    """What the tests of the house share."""

    maxDiff = None

    def assert_clean(self, offences):
        if offences:
            self.fail("\n" + "\n".join(offences))

    def planted(self, files):
        """A Tree of {path: text}, gone after the test."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for path, text in files.items():
            full = os.path.join(folder.name, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w") as f:
                f.write(text)
        return Tree(folder.name)


def without_comments(text):
    """C++ text with comments and string literals blanked; line numbers stay."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(lambda m: "\n" * m.group(0).count("\n"), text)

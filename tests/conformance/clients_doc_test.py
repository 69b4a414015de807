#!/usr/bin/python3
"""docs/CLIENTS.md numbers its rules, and the features and tests that it names exist."""

import json
import os
import re
import unittest

from tests.conformance.vectors import load

# Rules that no test shows; the document says why.
NOT_SHOWN = {56, 57}


def document():
    with open("docs/CLIENTS.md", encoding="utf-8") as f:
        return f.read()


def rows(text, heading):
    """The cells of the table below a heading, without its head."""
    below = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL).group(1)
    lines = [line for line in below.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_names(pattern, ending, *folders):
    """Of every test of a client."""
    names = set()
    for folder in folders:
        for file in os.listdir(folder):
            if file.endswith(ending):
                with open(os.path.join(folder, file), encoding="utf-8") as f:
                    names.update(re.findall(pattern, f.read(), re.MULTILINE))
    return names


class ClientsDocTest(unittest.TestCase):

    def test_rules_are_numbered(self):
        numbers = [int(n) for n in re.findall(r"^\* \*\*C(\d+)\*\* ", document(), re.MULTILINE)]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        for named in re.findall(r"\bC(\d+)\b", document()):
            self.assertIn(int(named), numbers)

    def test_every_rule_is_shown(self):
        text = document()
        numbers = {int(n) for n in re.findall(r"^\* \*\*C(\d+)\*\* ", text, re.MULTILINE)}
        shown = [int(row[0][1:]) for row in rows(text, "Which test shows it")]
        self.assertEqual(shown, sorted(numbers - NOT_SHOWN))

    def test_what_shows_it_exists(self):
        with open("tests/conformance/features.json", encoding="utf-8") as f:
            features = {feature["id"] for feature in json.load(f)}
        cpp = test_names(r"^TEST(?:_[FP])?\(\w+, (\w+)\)", "_test.cc", "tests/clients/cpp",
                         "tests/integration")
        python = test_names(r"^(?:async )?def test_(\w+)\(", "_test.py", "tests/clients/python")
        self.assertGreater(min(len(cpp), len(python)), 100)
        for rule, *columns in rows(document(), "Which test shows it"):
            with self.subTest(rule):
                named = [re.findall(r"`(\w+)`", column) for column in columns]
                self.assertTrue(any(named))
                for names, there_are in zip(named, (features, cpp, python), strict=True):
                    self.assertEqual(set(names) - there_are, set())

    def test_codes_that_are_retryable_are_those_of_the_vectors(self):
        frames = [vector["server"] for vector in load("server_frames")]
        told = re.search(r"Of today's\n?\s*\[codes\]\([^)]*\) ([\d, and]+) are retryable", document())
        self.assertEqual({int(code) for code in re.findall(r"\d+", told.group(1))},
                         {frame.close.code for frame in frames if frame.close.retryable})
        told = next(row[2] for row in rows(document(), "Errors") if row[1] == "each that is retryable")
        self.assertEqual({int(code) for code in re.findall(r"\b1\d\d\b", told)},
                         {frame.error.code for frame in frames if frame.error.retryable})


if __name__ == "__main__":
    unittest.main()

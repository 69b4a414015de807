#!/usr/bin/python3
"""Files and functions of the product stay small enough to be read at once."""

import re
import unittest

from tests.house.tree import PRODUCT, HouseTest, workspace

LINES_MAX = {".cc": 400, ".h": 200, ".ts": 400}
FUNCTION_LINES_MAX = 70

# Files that are longer, with their length: it may only shrink. Do not add to it.
LONGER = {}

_NO_FUNCTION = re.compile(
    r"^(namespace|(export )?(class|interface)|struct|enum|union|extern|using|#|//|\})")


def suffix_of(path):
    return path[path.rindex("."):]


def check_files(tree, longer):
    offences = []
    for path in tree.select(PRODUCT, LINES_MAX):
        length, limit = len(tree.lines(path)), LINES_MAX[suffix_of(path)]
        if path in longer and length < longer[path]:
            offences.append(f"{path}:1: {length} lines now: lower its number in sizes_test.py"
                            if length > limit else
                            f"{path}:1: within the limit now: take it out of sizes_test.py")
        elif length > longer.get(path, limit):
            offences.append(f"{path}:1: {length} lines; at most {longer.get(path, limit)}")
    return offences + [f"{p}:1: is gone: take it out of sizes_test.py"
                       for p in longer if p not in tree]


def functions(tree, path):
    """(line of the "{", lines) of each function body, as clang-format and Prettier lay them out.

    A declaration starts at depth 0 (in a namespace) or 2 (in a class); its body starts
    on the line that ends with "{", which may be a later one, and ends with "}" at the
    depth of its start.
    """
    lines = [line for _, line in tree.lines(path)]
    for indent in ("", "  "):
        declaration = start = None
        in_class = False
        for number, line in enumerate(lines, 1):
            if re.match(r"(export )?(class|struct)\b", line):
                in_class = True
            elif line.startswith("}"):
                in_class = False
            if start:
                if re.match(indent + r"\}", line):
                    yield start, number - start + 1
                    start = None
                continue
            if re.match(indent + r"\S", line) and (in_class or not indent):
                declaration = None if _NO_FUNCTION.match(line.strip()) else number
            if declaration and line.endswith("{") and not line.endswith("= {"):
                declaration, start = None, number
            elif line.endswith((";", "}")) or not line.strip():
                declaration = None


def check_functions(tree):
    return [
        f"{path}:{start}: a function of {length} lines; at most {FUNCTION_LINES_MAX}"
        for path in tree.select(PRODUCT, LINES_MAX)
        for start, length in functions(tree, path)
        if length > FUNCTION_LINES_MAX
    ]


class SizesTest(HouseTest):

    def test_files_are_short(self):
        self.assert_clean(check_files(workspace(), LONGER))

    def test_functions_are_short(self):
        self.assert_clean(check_functions(workspace()))

    def test_planted_files_are_found(self):
        tree = self.planted({
            "broker/long.cc": "\n" * 401,
            "broker/right.cc": "\n" * 400,
            "broker/right.h": "\n" * 200,
            "broker/long.h": "\n" * 201,
            "broker/known.cc": "\n" * 450,
            "broker/grown.cc": "\n" * 460,
            "broker/shrunk.cc": "\n" * 440,
            "clients/typescript/src/long.ts": "\n" * 401,
            "tests/broker/long_test.cc": "\n" * 900,
        })
        longer = {"broker/known.cc": 450, "broker/grown.cc": 450, "broker/shrunk.cc": 450,
                  "broker/gone.cc": 500}
        self.assertEqual(
            [o.split(":")[0] for o in check_files(tree, longer)],
            ["broker/grown.cc", "broker/long.cc", "broker/long.h", "broker/shrunk.cc",
             "clients/typescript/src/long.ts", "broker/gone.cc"])

    def test_planted_functions_are_found(self):
        body = "  x();\n"
        tree = self.planted({
            "broker/a.cc": "namespace n {\n\nint Long(int a,\n         int b) {\n" + body * 70 + "}\n"
                           "int Right() {\n" + body * 68 + "}\n\n" + body * 80 + "}  // namespace\n",
            "broker/c.cc": "int A() {\n  x =\n      Run([] {\n        y();\n      });\n}\n\n"
                           + body * 80 + "  if (x) {\n  }\n",
            "broker/b.h": "class B {\n public:\n  int Long() {\n" + "    x();\n" * 70 + "  }\n"
                          "  int Right();\n};\n",
            "clients/typescript/src/d.ts": "export class D {\n" + "  right(): void {\n  }\n" * 40 +
                                           "  long(a: number): void {\n" + "    x();\n" * 70 +
                                           "  }\n}\nexport function long() {\n" + body * 70 +
                                           "}\n",
        })
        self.assertEqual([":".join(o.split(":")[:2]) for o in check_functions(tree)],
                         ["broker/a.cc:4", "broker/b.h:3", "clients/typescript/src/d.ts:155",
                          "clients/typescript/src/d.ts:82"])


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""Every message, field and enum value of a .proto says what it is."""

import re
import unittest

from tests.house.tree import HouseTest, workspace

# One comment may stand for that many lines that follow each other (user and password).
SHARED_MAX = 3

# Files with that many fields and messages that still say nothing. May only shrink.
BARE = {}

_FIELD = re.compile(r"^\s*(?:(?:repeated|optional|map<[^>]*>)\s*)?([\w.]*)\s*\b(\w+)\s*=\s*-?\d+\b")
_TYPE = re.compile(r"^\s*(message|enum)\s+(\w+)\s*\{")
_SKIPPED = re.compile(r"^\s*(syntax|package|import|option|reserved|extensions)\b")


def documented_types(tree, path):
    """Messages with a comment: a field of such a type, in a oneof, needs none of its own."""
    lines = [line for _, line in tree.lines(path)]
    return {m.group(2) for i, line in enumerate(lines) for m in [_TYPE.match(line)]
            if m and i > 0 and lines[i - 1].strip().startswith("//")}


def check_protos(tree):
    offences = []
    for path in tree.select(("proto", "app", "examples"), (".proto",)):
        types = documented_types(tree, path)
        previous_comment, shared, oneof = False, SHARED_MAX, False
        for number, line in tree.lines(path):
            code, _, trailing = line.partition("//")
            kind = _TYPE.match(code)
            field = None if _SKIPPED.match(code) else _FIELD.match(code)
            if kind and not previous_comment:
                offences.append(f"{path}:{number}: {kind.group(1)} {kind.group(2)} has no comment")
            elif field:
                shared = 1 if previous_comment or trailing else shared + 1
                known = oneof and field.group(1).split(".")[-1] in types
                if shared > SHARED_MAX and not known:
                    offences.append(f"{path}:{number}: {field.group(2)} has no comment")
            if not field:
                shared = SHARED_MAX
            if re.match(r"\s*oneof\b", code):
                oneof = True
            elif "}" in code:
                oneof = False
            previous_comment = bool(trailing) and not code.strip()
    return offences


def check_ratchet(tree, bare):
    """The offences of the files that have more or fewer of them than is known."""
    offences, found = check_protos(tree), []
    for path in tree.select(suffixes=(".proto",)):
        own = [o for o in offences if o.startswith(path + ":")]
        if len(own) > bare.get(path, 0):
            found += own
        elif len(own) < bare.get(path, 0):
            found.append(f"{path}:1: {len(own)} bare ones left: lower its number in protos_test.py")
    return found + [f"{p}:1: is gone: take it out of protos_test.py" for p in bare if p not in tree]


class ProtosTest(HouseTest):

    def test_everything_has_a_comment(self):
        self.assert_clean(check_ratchet(workspace(), BARE))

    def test_the_ratchet_only_tightens(self):
        tree = self.planted({
            "proto/same.proto": "message A {\n}\n",
            "proto/more.proto": "message A {\n}\nmessage B {\n}\n",
            "proto/fewer.proto": "// A.\nmessage A {\n}\n",
        })
        bare = {"proto/same.proto": 1, "proto/more.proto": 1, "proto/fewer.proto": 1,
                "proto/gone.proto": 1}
        self.assertEqual([":".join(o.split(":")[:2]) for o in check_ratchet(tree, bare)],
                         ["proto/fewer.proto:1", "proto/more.proto:1", "proto/more.proto:3",
                          "proto/gone.proto:1"])

    def test_planted_fields_are_found(self):
        tree = self.planted({
            "proto/a.proto": 'syntax = "proto3";\n'
                             "message Bare {\n"
                             "  int32 bare = 1;\n"
                             "}\n"
                             "// Told.\n"
                             "message Told {\n"
                             "  // Both.\n"
                             "  string user = 1;\n"
                             "  string password = 2;\n"
                             "  int32 trailing = 3;  // Seconds.\n"
                             "\n"
                             "  repeated int32 bare = 4;\n"
                             "  reserved 5;\n"
                             "}\n"
                             "// Kinds.\n"
                             "enum Kind {\n"
                             "  NONE = 0;\n"
                             "  // One.\n"
                             "  ONE = 1;\n"
                             "}\n"
                             "// Any of them.\n"
                             "message Frame {\n"
                             "  oneof kind {\n"
                             "    Told told = 1;\n"
                             "    Bare bare = 2;\n"
                             "  }\n"
                             "}\n",
        })
        self.assertEqual([int(o.split(":")[1]) for o in check_protos(tree)], [2, 3, 12, 17, 25])


if __name__ == "__main__":
    unittest.main()

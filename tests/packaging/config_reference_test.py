#!/usr/bin/python3
"""docs/CONFIGURATION.md is what config.proto says."""

import unittest

from google.protobuf import descriptor_pb2

from tools.package.config_reference import comments_of, reference, rows, split_default

DESCRIPTORS = "tools/package/config.descriptors"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class NoMarks:

    def of(self, field):
        return ["restart"] if field.name == "b" else []


class ConfigReferenceTest(unittest.TestCase):

    def test_the_document_is_what_is_generated(self):
        self.assertEqual(read("docs/CONFIGURATION.md"), read("tools/package/CONFIGURATION.md"),
                         "\nwrite it anew: ./dev reference")

    def test_every_field_has_its_row(self):
        with open(DESCRIPTORS, "rb") as file:
            descriptors = descriptor_pb2.FileDescriptorSet.FromString(file.read())
        document = reference(descriptors)
        for message in descriptors.file[-1].message_type:
            for field in message.field:
                self.assertIn(f"| `{field.name}` |", document, message.name)
        self.assertNotIn("|  |", document, "a field without a comment")

    def test_marks(self):
        document = read("tools/package/CONFIGURATION.md")
        self.assertIn('| `listen` | list of string, restart | `"127.0.0.1:1234"` |', document)
        self.assertIn("| `token` | string, secret | – |", document)
        self.assertIn("| `limits` | [Limits](#limits) | – |", document)
        self.assertIn("| `drain_timeout_ms` | uint32 | `10000` |", document)

    def test_the_default_is_the_end_of_a_comment(self):
        for comment, expected in (
                ("Default: 5.", ("", "5")),
                ("How many. 0: none. Default: 0.", ("How many. 0: none.", "0")),
                ('It. Default: "1.2", or none.', ("It.", '"1.2", or none')),
                ("No more.", ("No more.", ""))):
            self.assertEqual(split_default(comment), expected)

    def test_rows(self):
        message = descriptor_pb2.DescriptorProto(name="M")
        message.field.add(name="a", type=9, label=3)
        message.field.add(name="b", type=11, type_name=".p.Other", label=1)
        message.field.add(name="c", type=8, label=1)
        comments = {(4, 0, 2, 0): "Any: *. Default: none.", (4, 0, 2, 2): "Or not. Default: true."}
        self.assertEqual(list(rows(message, (4, 0), comments, NoMarks())), [
            r"| `a` | list of string | none | Any: \*. |",
            r"| `b` | [Other](#other), restart | none | Any: \*. |",
            "| `c` | bool | `true` | Or not. |",
        ])

    def test_comments_are_one_line(self):
        file = descriptor_pb2.FileDescriptorProto()
        file.source_code_info.location.add(path=[4, 0], leading_comments=" Of two\n lines.\n")
        file.source_code_info.location.add(path=[4, 1])
        self.assertEqual(comments_of(file), {(4, 0): "Of two lines."})


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""The reference of the configuration, in Markdown, from what config.proto says of each field.

    config_reference.py DESCRIPTORS OUTPUT

DESCRIPTORS is what protoc writes with --include_imports and --include_source_info.
"""

import re
import sys
import textwrap

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "esockets.app"
ROOT = "Config"

INTRODUCTION = """\
# Configuration

Generated from [config.proto](../app/config.proto) by `./dev reference`: change it there. [broker.textproto](broker.textproto)
has the same fields with their defaults, to copy from; [OPERATIONS](OPERATIONS.md#configuration) says how to check a file and to
reload it.

```textproto
listen: "127.0.0.1:1234"
limits { clients_max: 50000 }
```

A field that may stand several times is "list of". "restart": it changes with the next start, and so does all below it; the
others change at once when the broker gets SIGHUP. "secret": never printed. A dash: no default of its own.
"""

_MESSAGE_TYPE = 4  # FileDescriptorProto.message_type
_FIELD = 2  # DescriptorProto.field
_TYPES = {kind.number: kind.name.removeprefix("TYPE_").lower()
          for kind in descriptor_pb2.FieldDescriptorProto.Type.DESCRIPTOR.values}


class Marks:
    """The options of ours that a field has."""

    def __init__(self, files):
        pool = descriptor_pool.DescriptorPool()
        for file in files:
            pool.Add(file)
        self._options = message_factory.MessageFactory(pool).GetPrototype(
            pool.FindMessageTypeByName("google.protobuf.FieldOptions"))
        self._extensions = {word: pool.FindExtensionByName(f"{PACKAGE}.{name}")
                            for word, name in (("restart", "needs_restart"), ("secret", "secret"))}

    def of(self, field):
        options = self._options.FromString(field.options.SerializeToString())
        return [word for word, extension in self._extensions.items()
                if options.Extensions[extension]]


def comments_of(file):
    """By path, in one line each."""
    return {tuple(place.path): " ".join(place.leading_comments.split())
            for place in file.source_code_info.location if place.leading_comments}


def split_default(comment):
    """(meaning, default) of a comment, of which the default is the end."""
    found = re.fullmatch(r"(.*?)\s*\bDefault: (.*)\.", comment)
    return (found[1], found[2]) if found else (comment, "")


def type_text(field):
    """Linked, if it is a message of ours."""
    name = field.type_name.rsplit(".", 1)[-1]
    text = f"[{name}](#{name.lower()})" if name else _TYPES[field.type]
    return f"list of {text}" if field.label == field.LABEL_REPEATED else text


def rows(message, path, comments, marks):
    """A field without a comment shares that of the field above it."""
    comment = ""
    for number, field in enumerate(message.field):
        comment = comments.get(path + (_FIELD, number), comment)
        meaning, default = split_default(comment)
        words = ", ".join([type_text(field)] + marks.of(field))
        default = f"`{default}`" if re.fullmatch(r'"[^"]*"|\d+|true|false', default) else default or "–"
        yield f"| `{field.name}` | {words} | {default} | {meaning} |".replace("*", r"\*")


def section(message, path, comments, marks):
    lines = [] if message.name == ROOT else [f"## {message.name}", ""]
    if comment := comments.get(path):
        lines += textwrap.wrap(comment, 120) + [""]
    lines += ["| Field | Type | Default | Meaning |", "|---|---|---|---|"]
    lines += rows(message, path, comments, marks)
    return "\n".join(lines) + "\n"


def reference(descriptors):
    """The document; the file of the configuration is the last one of the set."""
    file = descriptors.file[-1]
    comments, marks = comments_of(file), Marks(descriptors.file)
    sections = [section(message, (_MESSAGE_TYPE, number), comments, marks)
                for number, message in enumerate(file.message_type)]
    return "\n".join([INTRODUCTION] + sections)


def main(source, output):
    with open(source, "rb") as file:
        descriptors = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    with open(output, "w", encoding="utf-8") as file:
        file.write(reference(descriptors))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The vectors, and the tables of docs/PROTOCOL.md, for tests."""

import json
import re

from google.protobuf import json_format

from proto.esockets_pb2 import ClientFrame, ServerFrame


def load(name):
    """The vectors of a file, each a dict; `bytes`, `client` and `server` are what they stand for."""
    with open(f"tests/conformance/vectors/{name}.jsonl", encoding="utf-8") as lines:
        vectors = [json.loads(line) for line in lines]
    for vector in vectors:
        vector["bytes"] = bytes.fromhex(vector.get("hex", ""))
        for key, kind in ("client", ClientFrame), ("server", ServerFrame):
            if key in vector:
                vector[key] = json_format.ParseDict(vector[key], kind())
    return vectors


def fields(frame):
    """For comparing frames: messages with maps are not always equal when they say the same."""
    return json_format.MessageToDict(frame)


def codes():
    """{"GOODBYE": 200, ...}, errors and closes. INTERNAL is in both tables: it is left out."""
    with open("docs/PROTOCOL.md", encoding="utf-8") as lines:
        rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", lines.read(), re.MULTILINE)
    return {name: int(code) for code, name in rows if name != "INTERNAL"}

"""Reserved opcodes."""

from tests.conformance.websocket.case import Case, ends
from tests.conformance.websocket.frames import PING, PROTOCOL_ERROR, TEXT, frame

_HELLO = b"Hello, world!"


def _alone(opcode, payload):
    return ends([frame(opcode, payload)], [], [PROTOCOL_ERROR])


def _after_a_text(opcode, payload, how):
    """Who fails before the echo is out is not strict."""
    return ends([frame(TEXT, _HELLO), frame(opcode, payload), frame(PING)], [("text", _HELLO)],
                [PROTOCOL_ERROR], how, non_strict=[])


def cases(limits):
    found = []
    for group, first in (1, 3), (2, 11):
        kind = "data" if group == 1 else "control"
        runs = [
            ("", _alone(first, b"")),
            (" with a payload", _alone(first + 1, _HELLO)),
            (" after a text", _after_a_text(first + 2, b"", "whole")),
            (" with a payload, after a text", _after_a_text(first + 3, _HELLO, "whole")),
            (" with a payload, after a text, byte by byte",
             _after_a_text(first + 4, _HELLO, "octets")),
        ]
        found += [Case(f"4.{group}.{i}", f"the reserved {kind} opcode {first + i - 1}{what}",
                       "RFC 6455 §5.2", run) for i, (what, run) in enumerate(runs, 1)]
    return found

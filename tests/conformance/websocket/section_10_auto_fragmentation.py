"""Auto-fragmentation: long messages, cut wherever a sender's buffer ends."""

from tests.conformance.websocket.case import Case, answers
from tests.conformance.websocket.frames import BINARY, TEXT, fragments


def cases(limits):
    text = b"*" * 65536
    found = [Case("10.1.1", "a text of 65536 bytes in fragments of 1300 bytes", "RFC 6455 §5.4",
                  answers(fragments(TEXT, text, 1300), [("text", text)], how="frames"))]
    message = bytes(range(256)) * 32
    return found + [
        Case(f"10.100.{i}", f"a binary message of 8 KiB in fragments of {size} bytes, {words}",
             "RFC 6455 §5.4", answers(fragments(BINARY, message, size), [("binary", message)], how))
        for i, (size, how, words) in enumerate(
            [(1, "whole", "in one piece"), (125, "frames", "each in a piece"),
             (126, "frames", "each in a piece"), (127, "octets", "byte by byte"),
             (4096, "octets", "byte by byte")], 1)]

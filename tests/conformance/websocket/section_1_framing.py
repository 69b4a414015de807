"""Framing: messages of all sizes of a length, whole and in pieces of any size."""

from tests.conformance.websocket.case import (NON_STRICT, OK, Case, answers, close_normally, ends,
                                              expect, take_end)
from tests.conformance.websocket.frames import BINARY, PROTOCOL_ERROR, TEXT, frame

SIZES = 0, 125, 126, 127, 128, 65535, 65536
_KINDS = (1, TEXT, "text", b"*"), (2, BINARY, "binary", b"\xfe")


def _chopped(opcode, name, payload):
    def run(peer):
        peer.send(frame(opcode, payload), chop=997)
        expect(peer, (name, payload))
        close_normally(peer)
        return OK

    return run


def _unneeded_length(payload, form):
    """Who echoes it is not strict."""

    def run(peer):
        peer.send(frame(TEXT, payload, length_form=form))
        event = peer.receive()
        if event != ("text", payload):
            take_end(peer, event, [PROTOCOL_ERROR], clean=False)
            return OK
        close_normally(peer)
        return NON_STRICT

    return run


def _highest_bit(peer):
    peer.send(b"\x82\xff" + (1 << 63 | 5).to_bytes(8, "big") + bytes(9))
    return ends([], [], [PROTOCOL_ERROR])(peer)


def cases(limits):
    found = []
    for kind, opcode, name, byte in _KINDS:
        for i, size in enumerate(SIZES, 1):
            payload = byte * size
            found.append(Case(f"1.{kind}.{i}", f"a {name} of {size} bytes", "RFC 6455 §5.2, §5.6",
                              answers([frame(opcode, payload)], [(name, payload)])))
        found.append(Case(f"1.{kind}.8", f"a {name} of 65536 bytes, sent 997 bytes at a time",
                          "RFC 6455 §5.2", _chopped(opcode, name, byte * 65536)))
    return found + [
        Case("1.100.1", "a frame that is not masked", "RFC 6455 §5.1",
             ends([frame(TEXT, b"hello", mask=False)], [], [PROTOCOL_ERROR])),
        Case("1.100.2", "125 bytes with a length of 16 bits", "RFC 6455 §5.2",
             _unneeded_length(b"*" * 125, 3)),
        Case("1.100.3", "65535 bytes with a length of 64 bits", "RFC 6455 §5.2",
             _unneeded_length(b"*" * 65535, 9)),
        Case("1.100.4", "a length of 2^63 or more", "RFC 6455 §5.2", _highest_bit),
        Case("1.100.5", "a header that comes byte by byte", "RFC 6455 §5.2",
             answers([frame(BINARY, b"*" * 300)], [("binary", b"*" * 300)], how="octets")),
        Case("1.100.6", "a hundred messages in one piece", "RFC 6455 §5.6",
             answers([frame(TEXT, b"%d" % i) for i in range(100)],
                     [("text", b"%d" % i) for i in range(100)])),
    ]

"""Limits: long messages, whole, in fragments and in small pieces; many messages, one by one."""

from tests.conformance.websocket.case import (NON_STRICT, OK, Case, close_normally, expect,
                                              take_end)
from tests.conformance.websocket.frames import BINARY, TEXT, TOO_BIG, fragments, frame

_KIB, _MIB = 1 << 10, 1 << 20
_SIZES = 64 * _KIB, 256 * _KIB, _MIB, 4 * _MIB, 8 * _MIB, 16 * _MIB
_FRAGMENTS = 64, 256, _KIB, 4 * _KIB, 16 * _KIB, 64 * _KIB, 256 * _KIB, _MIB, 4 * _MIB
_CHOPS = 64, 128, 256, 512, 1024, 2048
_ROUND_TRIPS = 0, 16, 64, 256, 1024, 4096
_RULE = "RFC 6455 §5.2"


def _payload(opcode, size):
    pattern = b"BAsd7&jh23" if opcode == TEXT else bytes(range(251))
    return (pattern * (size // len(pattern) + 1))[:size]


def _echoed(opcode, size, data_of, chop=0):
    """`data_of(payload)`: the frames. Made when the case runs: all of them are large."""

    def run(peer):
        payload = _payload(opcode, size)
        peer.send(b"".join(data_of(payload)), chop)
        expect(peer, ("text" if opcode == TEXT else "binary", payload))
        close_normally(peer)
        return OK

    return run


def _round_trips(opcode, size, count):
    def run(peer):
        payload = _payload(opcode, size)
        for _ in range(count):
            peer.send(frame(opcode, payload))
            expect(peer, ("text" if opcode == TEXT else "binary", payload))
        close_normally(peer)
        return OK

    return run


def _too_long(data_of, size):
    """Who takes more than the limit is not strict."""

    def run(peer):
        payload = bytes(size)
        peer.send(b"".join(data_of(payload)))
        event = peer.receive()
        if event == ("binary", payload):
            close_normally(peer)
            return NON_STRICT
        take_end(peer, event, [TOO_BIG], clean=False)
        return OK

    return run


def _whole(opcode):
    return lambda payload: [frame(opcode, payload)]


def _in_fragments(opcode, size):
    return lambda payload: fragments(opcode, payload, size)


def _of_kind(opcode, limits):
    text = opcode == TEXT
    name, plus = ("text", 0) if text else ("binary message", 1)
    for i, size in enumerate(_SIZES, 1):
        yield Case(f"9.{1 + plus}.{i}", f"a {name} of {size >> 10} KiB", _RULE,
                   _echoed(opcode, size, _whole(opcode)))
    for i, size in enumerate(_FRAGMENTS, 1):
        yield Case(f"9.{3 + plus}.{i}", f"a {name} of 4 MiB in fragments of {size} bytes",
                   "RFC 6455 §5.4", _echoed(opcode, 4 * _MIB, _in_fragments(opcode, size)))
    for i, size in enumerate(_CHOPS, 1):
        yield Case(f"9.{5 + plus}.{i}", f"a {name} of 1 MiB, sent {size} bytes at a time", _RULE,
                   _echoed(opcode, _MIB, _whole(opcode), chop=size))
    for i, size in enumerate(_ROUND_TRIPS, 1):
        yield Case(f"9.{7 + plus}.{i}", f"{limits.rounds} {name}s of {size} bytes, one by one",
                   _RULE, _round_trips(opcode, size, limits.rounds))


def cases(limits):
    found = [case for opcode in (TEXT, BINARY) for case in _of_kind(opcode, limits)]
    found.sort(key=lambda case: [int(part) for part in case.id.split(".")])
    above = limits.message_bytes_max + 1
    return found + [
        Case("9.100.1", "a message one byte longer than the limit", "RFC 6455 §7.4.1, §10.4",
             _too_long(_whole(BINARY), above)),
        Case("9.100.2", "fragments of 64 KiB, together one byte longer than the limit",
             "RFC 6455 §7.4.1, §10.4", _too_long(_in_fragments(BINARY, 64 * _KIB), above)),
    ]

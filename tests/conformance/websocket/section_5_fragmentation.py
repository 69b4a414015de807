"""Fragmentation: messages in several frames, control frames between them, wrong continuations."""

from tests.conformance.websocket.case import OK, Case, answers, close_normally, ends, expect
from tests.conformance.websocket.frames import (BINARY, CONTINUATION, PING, PONG, PROTOCOL_ERROR,
                                                TEXT, fragments, frame)

_RULE = "RFC 6455 §5.4"
_HOW = ("whole", "in one piece"), ("frames", "each frame in a piece"), ("octets", "byte by byte")


def _part(number, opcode=CONTINUATION, fin=False):
    return frame(opcode, b"fragment%d" % number, fin)


_TWO = [_part(1, TEXT), _part(2, fin=True)]
_TWO_TEXT = ("text", b"fragment1fragment2")
_PING = frame(PING, b"ping payload")
_PONG = ("pong", b"ping payload")


def _refused(*data, how="whole"):
    return ends(data, [], [PROTOCOL_ERROR], how)


def _ping_answered_at_once(pieces):
    """The Pong comes before the message has ended."""
    parts = [_part(i, TEXT if i == 1 else CONTINUATION, i == 5) for i in range(1, 6)]
    pings = [frame(PING, b"pongme %d!" % i) for i in (1, 2)]

    def send(peer, *data):
        for piece in data if pieces else [b"".join(data)]:
            peer.send(piece)

    def run(peer):
        send(peer, *parts[:2], pings[0])
        expect(peer, ("pong", b"pongme 1!"))
        send(peer, *parts[2:4], pings[1], parts[4])
        whole = b"".join(b"fragment%d" % i for i in range(1, 6))
        expect(peer, ("pong", b"pongme 2!"), ("text", whole))
        close_normally(peer)
        return OK

    return run


def _legal():
    found = []
    for i, (how, words) in enumerate(_HOW):
        found += [
            (3 + i, Case(f"5.{3 + i}", f"a text in two fragments, {words}", _RULE,
                         answers(_TWO, [_TWO_TEXT], how))),
            (6 + i, Case(f"5.{6 + i}", f"a Ping between two fragments, {words}",
                         "RFC 6455 §5.4, §5.5", answers([_TWO[0], _PING, _TWO[1]],
                                                        [_PONG, _TWO_TEXT], how))),
        ]
    for number, pieces in (19, True), (20, False):
        words = "each frame in a piece" if pieces else "in two pieces"
        found.append((number, Case(f"5.{number}", f"two Pings between five fragments, {words}",
                                   "RFC 6455 §5.4, §5.5.2", _ping_answered_at_once(pieces))))
    return found


def _wrong():
    found = [
        (1, "a Ping in two fragments", _refused(_part(1, PING), _part(2, fin=True))),
        (2, "a Pong in two fragments", _refused(_part(1, PONG), _part(2, fin=True))),
        (15, "a text in two fragments, a continuation of nothing, and a text",
         ends([*_TWO, _part(3), _part(4, TEXT, True)], [_TWO_TEXT], [PROTOCOL_ERROR],
              non_strict=[])),
        (16, "twice a continuation of nothing without FIN and a text in two fragments",
         _refused(*[_part(1), _part(2, TEXT), _part(3, fin=True)] * 2)),
        (17, "twice a continuation of nothing with FIN and a text in two fragments",
         _refused(*[_part(1, fin=True), _part(2, TEXT), _part(3, fin=True)] * 2)),
        (18, "a text in two fragments that both say text",
         _refused(_part(1, TEXT), _part(2, TEXT, True))),
    ]
    for i, (how, words) in enumerate(_HOW):
        for first, fin, bit in (9, True, "with"), (12, False, "without"):
            found.append((first + i, f"a continuation of nothing {bit} FIN, and a text, {words}",
                          _refused(_part(1, fin=fin), frame(TEXT, b"Hello, world!"), how=how)))
    return [(i, Case(f"5.{i}", text, "RFC 6455 §5.5" if i < 3 else _RULE, run))
            for i, text, run in found]


def cases(limits):
    empty = [frame(BINARY, fin=False), *[frame(CONTINUATION, fin=False)] * 998,
             frame(CONTINUATION, b"end")]
    ours = [
        Case("5.100", "a binary message of a thousand fragments, all but the last empty", _RULE,
             answers(empty, [("binary", b"end")])),
        Case("5.101", "a binary message that begins inside a text", _RULE,
             _refused(_part(1, TEXT), frame(BINARY, b"*"))),
        Case("5.102", "a Ping before each of a hundred fragments", "RFC 6455 §5.4, §5.5",
             answers([piece for part in fragments(TEXT, b"*" * 100, 1) for piece in (_PING, part)],
                     [*[_PONG] * 100, ("text", b"*" * 100)])),
    ]
    return [case for _, case in sorted(_legal() + _wrong(), key=lambda pair: pair[0])] + ours

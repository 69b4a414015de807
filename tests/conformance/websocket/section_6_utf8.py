"""Texts: valid UTF-8 however it is cut, invalid UTF-8 refused as soon as it is seen.

The sequences are those of Markus Kuhn's stress test for decoders (UTF-8-test.txt).
"""

from tests.conformance.websocket.case import (NON_STRICT, OK, Case, Failed, answers, ends, expect,
                                              expect_failure)
from tests.conformance.websocket.frames import (CONTINUATION, INVALID_PAYLOAD, PING, TEXT,
                                                fragments, frame)

_RULE = "RFC 6455 §5.6, §8.1"
_GREEK = "κ\u1f79σμε".encode()
_MIXED = "Hello-µ@ßöäüàá-UTF-8!!".encode()
_BAD = _GREEK + b"\xed\xa0\x80" + b"edited"  # a surrogate
_TOO_HIGH = _GREEK + b"\xf4\x90\x80\x80" + b"edited"  # wrong from byte 13 on
_QUIET_SECONDS = 0.1  # nothing shall come, and none that comes later makes a case red


def _refused(data):
    return ends(data, [], [INVALID_PAYLOAD])


def _fail_fast(parts, in_one_frame):
    """The server fails at the second part; who waits for the third is not strict."""
    whole = frame(TEXT, b"".join(parts))
    header = len(whole) - sum(map(len, parts))
    pieces = [frame(TEXT, parts[0], fin=False), frame(CONTINUATION, parts[1], fin=False),
              frame(CONTINUATION, parts[2])]
    if in_one_frame:
        ends_at = [header + len(parts[0]), header + len(parts[0] + parts[1])]
        pieces = [whole[:ends_at[0]], whole[ends_at[0]:ends_at[1]], whole[ends_at[1]:]]

    def run(peer):
        peer.send(pieces[0])
        if not in_one_frame:
            peer.send(frame(PING))
            expect(peer, ("pong", b""))
        elif not peer.silent(_QUIET_SECONDS):
            raise Failed("the first part was refused, which is valid")
        peer.send(pieces[1])
        if not peer.silent(peer.fail_fast):
            expect_failure(peer, INVALID_PAYLOAD)
            return OK
        peer.send(pieces[2])
        expect_failure(peer, INVALID_PAYLOAD)
        return NON_STRICT

    return run


def _lonely(first, last):
    return b"".join(bytes([byte, 0x20]) for byte in range(first, last))


# The last byte of each is missing.
_CUT_SHORT = (b"\xc0", b"\xe0\x80", b"\xf0\x80\x80", b"\xf8\x80\x80\x80", b"\xfc\x80\x80\x80\x80",
              b"\xdf", b"\xef\xbf", b"\xf7\xbf\xbf", b"\xfb\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf")
_HIGH_AND_LOW = [high + low
                 for high in (b"\xed\xa0\x80", b"\xed\xad\xbf", b"\xed\xae\x80", b"\xed\xaf\xbf")
                 for low in (b"\xed\xb0\x80", b"\xed\xbf\xbf")]
# The last two code points of each plane.
_NO_CHARACTERS = [chr(plane << 16 | low).encode()
                  for plane in range(17) for low in (0xFFFE, 0xFFFF)]

# From 6.5 on: what they show, and the sequences. Python's strict decoder says which are valid.
SEQUENCES = (
    ("valid sequences", [b"hello$world", "hello¢world".encode(), "hello€world".encode(),
                         "hello\U00024b62world".encode(), _GREEK]),
    ("prefixes of a valid text", [_GREEK[:i] for i in range(1, len(_GREEK) + 1)]),
    ("the first sequence of a length",
     [b"\x00", b"\xc2\x80", b"\xe0\xa0\x80", b"\xf0\x90\x80\x80"]),
    ("the first sequence of 5 and 6 bytes", [b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80"]),
    ("the last sequence of a length", [b"\x7f", b"\xdf\xbf", b"\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf"]),
    ("the last sequence of 4, 5 and 6 bytes",
     [b"\xf7\xbf\xbf\xbf", b"\xfb\xbf\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf\xbf"]),
    ("other boundaries", [b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbd", b"\xf4\x8f\xbf\xbf",
                          b"\xf4\x90\x80\x80"]),
    ("unexpected continuation bytes",
     [b"\x80", b"\xbf", *[(b"\x80\xbf" * 3)[:i] for i in range(2, 7)], bytes(range(0x80, 0xBF))]),
    ("lonely first bytes", [_lonely(0xC0, 0xDF), _lonely(0xE0, 0xEF), _lonely(0xF0, 0xF7),
                            _lonely(0xF8, 0xFB), _lonely(0xFC, 0xFD)]),
    ("the last byte missing", _CUT_SHORT),
    ("incomplete sequences one after the other", [b"".join(_CUT_SHORT)]),
    ("impossible bytes", [b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"]),
    ("an overlong ASCII character",
     [b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xf8\x80\x80\x80\xaf",
      b"\xfc\x80\x80\x80\x80\xaf"]),
    ("the longest overlong sequences",
     [b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf", b"\xf8\x87\xbf\xbf\xbf",
      b"\xfc\x83\xbf\xbf\xbf\xbf"]),
    ("an overlong NUL",
     [b"\xc0\x80", b"\xe0\x80\x80", b"\xf0\x80\x80\x80", b"\xf8\x80\x80\x80\x80",
      b"\xfc\x80\x80\x80\x80\x80"]),
    ("single surrogates",
     [b"\xed\xa0\x80", b"\xed\xad\xbf", b"\xed\xae\x80", b"\xed\xaf\xbf", b"\xed\xb0\x80",
      b"\xed\xbe\x80", b"\xed\xbf\xbf"]),
    ("pairs of surrogates", _HIGH_AND_LOW),
    ("code points that are no characters", _NO_CHARACTERS),
    ("the specials", [chr(point).encode() for point in range(0xFFF9, 0x10000)]),
)


def is_valid(text):
    try:
        text.decode("utf-8")
        return True
    except UnicodeDecodeError:
        return False


def _echoed(data, text):
    return answers(data, [("text", text)])


def _sequences():
    for group, (what, texts) in enumerate(SEQUENCES, 5):
        for i, text in enumerate(texts, 1):
            valid = is_valid(text)
            word = "valid" if valid else "invalid"
            run = _echoed([frame(TEXT, text)], text) if valid else _refused([frame(TEXT, text)])
            hexadecimal = text.hex() if len(text) <= 12 else text[:12].hex() + "…"
            yield Case(f"6.{group}.{i}", f"{what}: {hexadecimal}, {word}", _RULE, run)


def cases(limits):
    three = [_GREEK, b"\xf4\x90\x80\x80", b"edited"]
    to_the_byte = [_TOO_HIGH[:12], _TOO_HIGH[12:13], _TOO_HIGH[13:]]
    middle = b"middle frame payload"
    found = [
        Case("6.1.1", "an empty text", _RULE, _echoed([frame(TEXT)], b"")),
        Case("6.1.2", "a text of three empty fragments", _RULE,
             _echoed([frame(TEXT, fin=False), frame(CONTINUATION, fin=False), frame(CONTINUATION)],
                     b"")),
        Case("6.1.3", "a text of three fragments, the first and the last empty", _RULE,
             _echoed([frame(TEXT, fin=False), frame(CONTINUATION, middle, fin=False),
                      frame(CONTINUATION)], middle)),
        Case("6.2.1", "a valid text", _RULE, _echoed([frame(TEXT, _MIXED)], _MIXED)),
        Case("6.2.2", "a valid text, cut between two characters", _RULE,
             _echoed([frame(TEXT, _MIXED[:12], fin=False), frame(CONTINUATION, _MIXED[12:])],
                     _MIXED)),
        Case("6.2.3", "a valid text in fragments of one byte", _RULE,
             _echoed(fragments(TEXT, _MIXED, 1), _MIXED)),
        Case("6.2.4", "a Greek text in fragments of one byte", _RULE,
             _echoed(fragments(TEXT, _GREEK, 1), _GREEK)),
        Case("6.3.1", "an invalid text", _RULE, _refused([frame(TEXT, _BAD)])),
        Case("6.3.2", "an invalid text in fragments of one byte", _RULE,
             _refused(fragments(TEXT, _BAD, 1))),
    ]
    for i, (parts, in_one_frame) in enumerate(
            [(three, False), (to_the_byte, False), (three, True), (to_the_byte, True)], 1):
        where = "pieces of a frame" if in_one_frame else "fragments"
        what = "the second too high" if parts is three else "wrong from the one byte of the second"
        found.append(Case(f"6.4.{i}", f"failing fast: three {where}, {what}", _RULE,
                          _fail_fast(parts, in_one_frame)))
    ours = Case("6.100.1", "a binary message that is no UTF-8", "RFC 6455 §5.6",
                answers([frame(2, _BAD)], [("binary", _BAD)]))
    return found + list(_sequences()) + [ours]

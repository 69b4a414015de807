"""Closing: what a Close may hold, and that nothing counts behind it."""

from tests.conformance.websocket.case import (INFORMATIONAL, NON_STRICT, OK, Case, Failed, ends,
                                              shown, take_end)
from tests.conformance.websocket.frames import (CLOSE, CONTINUATION, INVALID_PAYLOAD, NORMAL, PING,
                                                PROTOCOL_ERROR, TEXT, close, frame)

VALID = 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999
INVALID = 0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999
_REGISTERED_LATER = 1012, 1013, 1014  # in IANA's registry, not in the RFC
_HELLO = b"Hello World!"
_BAD = "κ\u1f79σμε".encode() + b"\xed\xa0\x80" + b"edited"


def _closed(*data, codes=(NORMAL,), events=()):
    return ends(data, events, codes, clean=True)


def _refused(data, *codes):
    return ends([data], [], codes or [PROTOCOL_ERROR])


def _whatever(*data, events=()):
    """The server answers as it likes, with some of the events in front, and closes."""

    def run(peer):
        peer.sent_close = True
        peer.send(b"".join(data))
        left = iter(events)
        while (event := peer.receive())[0] not in ("close", "end"):
            if event not in left:
                raise Failed(f"unexpected: {shown(event)}")
        take_end(peer, event, range(1000, 5000), clean=False)
        return INFORMATIONAL

    return run


def _registered_later(code):
    """Who knows the RFC only refuses it: that is not strict."""

    def run(peer):
        peer.sent_close = True
        peer.send(close(code))
        event = peer.receive()
        take_end(peer, event, [NORMAL, code, PROTOCOL_ERROR], clean=False)
        return NON_STRICT if event[:2] == ("close", PROTOCOL_ERROR) else OK

    return run


def _order():
    hello, end = frame(TEXT, _HELLO), close(NORMAL)
    large = b"BAsd7&jh23" * 26215
    return [
        Case("7.1.1", "a text, then a Close", "RFC 6455 §7.1.2",
             _closed(hello, end, events=[("text", _HELLO)])),
        Case("7.1.2", "two Closes", "RFC 6455 §5.5.1", _closed(end, end)),
        Case("7.1.3", "a Ping after the Close", "RFC 6455 §5.5.1", _closed(end, frame(PING))),
        Case("7.1.4", "a text after the Close", "RFC 6455 §1.4, §5.5.1", _closed(end, hello)),
        Case("7.1.5", "a Close between two fragments", "RFC 6455 §5.5.1",
             _closed(frame(TEXT, b"fragment1", fin=False), end,
                     frame(CONTINUATION, b"fragment2"))),
        Case("7.1.6", "256 KiB, a text, a Close and a Ping in one piece", "RFC 6455 §7.1.2",
             _whatever(frame(TEXT, large), hello, end, frame(PING),
                       events=[("text", large), ("text", _HELLO)])),
    ]


def _payloads():
    return [
        Case("7.3.1", "a Close without payload", "RFC 6455 §5.5.1, §7.1.5", _closed(close())),
        Case("7.3.2", "a Close of one byte", "RFC 6455 §5.5.1", _refused(frame(CLOSE, b"a"))),
        Case("7.3.3", "a Close with a status", "RFC 6455 §5.5.1", _closed(close(NORMAL))),
        Case("7.3.4", "a Close with a status and a reason", "RFC 6455 §5.5.1, §7.1.6",
             _closed(close(NORMAL, _HELLO))),
        Case("7.3.5", "a Close of 125 bytes", "RFC 6455 §5.5, §7.1.6",
             _closed(close(NORMAL, b"*" * 123))),
        Case("7.3.6", "a Close of 126 bytes", "RFC 6455 §5.5", _refused(close(NORMAL, b"*" * 124))),
        Case("7.5.1", "a Close with a reason that is no UTF-8", "RFC 6455 §5.5.1, §8.1",
             _refused(close(NORMAL, _BAD), PROTOCOL_ERROR, INVALID_PAYLOAD)),
    ]


def cases(limits):
    found = _order() + _payloads()
    found += [Case(f"7.7.{i}", f"a Close with {code}", "RFC 6455 §7.4",
                   _closed(close(code), codes=(NORMAL, code))) for i, code in enumerate(VALID, 1)]
    found += [Case(f"7.9.{i}", f"a Close with {code}, which is never sent", "RFC 6455 §7.4",
                   _refused(close(code))) for i, code in enumerate(INVALID, 1)]
    found += [Case(f"7.13.{i}", f"a Close with {code}, which has no meaning", "RFC 6455 §7.4.2",
                   _whatever(close(code))) for i, code in enumerate((5000, 65535), 1)]
    found += [Case(f"7.100.{i}", f"a Close with {code}, registered after the RFC",
                   "RFC 6455 §7.4.2, §11.7", _registered_later(code))
              for i, code in enumerate(_REGISTERED_LATER, 1)]
    return found + [Case("7.100.4", "a Close with 1015, which is never sent", "RFC 6455 §7.4.1",
                         _refused(close(1015)))]

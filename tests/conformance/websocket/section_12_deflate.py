"""permessage-deflate: five kinds of data in messages of ten sizes, whole and in fragments; and what
compressed frames must be."""

import zlib

from tests.conformance.websocket.case import (NON_STRICT, OK, UNIMPLEMENTED, Case, answers,
                                              close_normally, ends, expect, take_end)
from tests.conformance.websocket.deflate import FLUSH_END
from tests.conformance.websocket.frames import (BINARY, CONTINUATION, INVALID_PAYLOAD, PING,
                                                PROTOCOL_ERROR, TEXT, TOO_BIG, fragments, frame)
from tests.conformance.websocket.test_data import KINDS, slices

# As most clients offer it.
OFFER = "permessage-deflate; client_no_context_takeover; client_max_window_bits"
# (bytes of a message, of a fragment or 0)
SIZES = ((16, 0), (64, 0), (256, 0), (1024, 0), (4096, 0), (8192, 0), (16384, 0), (32768, 0),
         (65536, 0), (131072, 0), (8192, 256), (16384, 256), (32768, 256), (65536, 256),
         (131072, 256), (131072, 1024), (131072, 4096), (131072, 32768))
_RSV1 = 4
_RULE = "RFC 7692 §6, §7.2"


def with_deflate(run):
    """A run that says so when the server declined."""

    def run_if_agreed(peer):
        if peer.deflate is None:
            close_normally(peer)
            return UNIMPLEMENTED
        return run(peer)

    return run_if_agreed


def round_trips(kind, size, fragment_bytes, count):
    """A run: each message is sent when the one before has come back."""
    opcode, name = (TEXT, "text") if KINDS[kind][1] else (BINARY, "binary")

    def run(peer):
        for message in slices(kind, size, count):
            payload = peer.deflate.compress(message)
            peer.send(b"".join(fragments(opcode, payload, fragment_bytes or len(payload), _RSV1)))
            expect(peer, (name, message))
        close_normally(peer)
        return OK

    return with_deflate(run)


def words_of(size, fragment_bytes, count):
    parts = f" in fragments of {fragment_bytes} bytes" if fragment_bytes else ""
    return f"{count} messages of {size} bytes{parts}"


def _raw(message, strategy=zlib.Z_DEFAULT_STRATEGY, level=6, flush=zlib.Z_SYNC_FLUSH):
    deflater = zlib.compressobj(level, zlib.DEFLATED, -15, 8, strategy)
    data = deflater.compress(message) + deflater.flush(flush)
    return data + b"\x00" if flush == zlib.Z_FINISH else data[:-len(FLUSH_END)]


def _echoed(payload, message, fragment_bytes=0, how="whole"):
    pieces = fragments(TEXT, payload, fragment_bytes or len(payload), _RSV1)
    return with_deflate(answers(pieces, [("text", message)], how))


def _refused(*data, codes=(PROTOCOL_ERROR,)):
    return with_deflate(ends(data, [], codes))


def _bomb(size):
    """Short as it is sent, longer than the limit as it is meant. Who takes it is not strict."""

    def run(peer):
        payload = _raw(bytes(size), level=9)
        peer.send(frame(BINARY, payload, rsv=_RSV1))
        event = peer.receive()
        if event == ("binary", bytes(size)):
            close_normally(peer)
            return NON_STRICT
        take_end(peer, event, [TOO_BIG], clean=False)
        return OK

    return with_deflate(run)


def _fails_after_some_kept_window(peer):
    """What another message had, a message without context takeover does not refer to."""
    if "client_no_context_takeover" not in peer.deflate.answer:
        close_normally(peer)
        return OK
    deflater = zlib.compressobj(wbits=-15)
    text = b"a text that the window keeps, if it is kept at all. " * 4
    first = deflater.compress(text) + deflater.flush(zlib.Z_SYNC_FLUSH)
    second = deflater.compress(text) + deflater.flush(zlib.Z_SYNC_FLUSH)
    peer.send(frame(TEXT, first[:-4], rsv=_RSV1))
    expect(peer, ("text", text))
    peer.send(frame(TEXT, second[:-4], rsv=_RSV1))
    event = peer.receive()
    if event == ("text", text):
        close_normally(peer)
        return NON_STRICT
    take_end(peer, event, [PROTOCOL_ERROR, INVALID_PAYLOAD], clean=False)
    return OK


def _legal():
    text = b"Hello, Hello, Hello, " * 20
    two_blocks = zlib.compressobj(wbits=-15)
    blocks = two_blocks.compress(text[:100]) + two_blocks.flush(zlib.Z_SYNC_FLUSH)
    blocks += two_blocks.compress(text[100:]) + two_blocks.flush(zlib.Z_SYNC_FLUSH)
    payload = _raw(text)
    pieces = fragments(TEXT, payload, 5, _RSV1)
    with_pings = [piece for part in pieces for piece in (frame(PING, b"?"), part)]
    pongs = [("pong", b"?")] * len(pieces)
    return [
        ("the example of the RFC", "RFC 7692 §7.2.3.1",
         _echoed(bytes.fromhex("f248cdc9c90700"), b"Hello")),
        ("the example without compression", "RFC 7692 §7.2.3.3",
         _echoed(bytes.fromhex("000500faff48656c6c6f00"), b"Hello")),
        ("the example with a last block", "RFC 7692 §7.2.3.4",
         _echoed(bytes.fromhex("f348cdc9c9070000"), b"Hello")),
        ("the example of two blocks", "RFC 7692 §7.2.3.5",
         _echoed(bytes.fromhex("f24805000000ffffcac9c90700"), b"Hello")),
        ("an empty message", "RFC 7692 §7.2.3.6", _echoed(b"\x00", b"")),
        ("two blocks, flushed between them", "RFC 7692 §7.2.1", _echoed(blocks[:-4], text)),
        ("a last block of many bytes", "RFC 7692 §7.2.3.4",
         _echoed(_raw(text, flush=zlib.Z_FINISH), text)),
        ("Huffman codes only", "RFC 7692 §7.2.1", _echoed(_raw(text, zlib.Z_HUFFMAN_ONLY), text)),
        ("fragments of one byte, byte by byte", "RFC 7692 §6.1",
         _echoed(payload, text, 1, "octets")),
        ("Pings between fragments", "RFC 7692 §6.1",
         with_deflate(answers(with_pings, [*pongs, ("text", text)]))),
        ("a message that is not compressed", "RFC 7692 §6",
         with_deflate(answers([frame(TEXT, text)], [("text", text)]))),
        ("messages compressed and not, in turn", "RFC 7692 §6",
         with_deflate(answers([frame(TEXT, payload, rsv=_RSV1), frame(TEXT, b"plain")] * 10,
                              [("text", text), ("text", b"plain")] * 10))),
    ]


def _wrong(limits):
    payload = _raw(b"Hello, Hello, Hello, " * 20)
    bad_text = _raw(b"Hello \xed\xa0\x80")
    return [
        ("RSV1 in a continuation", "RFC 7692 §6.1",
         _refused(frame(TEXT, payload[:4], fin=False, rsv=_RSV1),
                  frame(CONTINUATION, payload[4:], rsv=_RSV1))),
        ("RSV1 in a Ping", "RFC 7692 §6.1", _refused(frame(PING, b"*", rsv=_RSV1))),
        ("RSV2 in a compressed message", "RFC 6455 §5.2", _refused(frame(TEXT, payload, rsv=6))),
        ("a text that is no UTF-8", "RFC 6455 §8.1",
         _refused(frame(TEXT, bad_text, rsv=_RSV1), codes=[INVALID_PAYLOAD])),
        ("bytes that are no DEFLATE", "RFC 7692 §7.2.2",
         _refused(frame(BINARY, b"\xff" * 20, rsv=_RSV1), codes=[INVALID_PAYLOAD, PROTOCOL_ERROR])),
        ("a message longer than the limit when it is inflated", "RFC 6455 §10.4",
         _bomb(limits.message_bytes_max + 1)),
        ("a reference to the message before, where none is allowed", "RFC 7692 §7.1.1.2",
         with_deflate(_fails_after_some_kept_window)),
    ]


def cases(limits):
    found = []
    for kind, (what, _, _) in enumerate(KINDS):
        for i, (size, part) in enumerate(SIZES, 1):
            found.append(Case(f"12.{kind + 1}.{i}",
                              f"{what}: {words_of(size, part, limits.rounds)}", _RULE,
                              round_trips(kind, size, part, limits.rounds), OFFER))
    for group, rows in (100, _legal()), (101, _wrong(limits)):
        found += [Case(f"12.{group}.{i}", what, rule, run, OFFER)
                  for i, (what, rule, run) in enumerate(rows, 1)]
    return found

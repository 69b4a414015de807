"""Auto-fragmentation: long messages, cut wherever a sender's buffer ends."""

import random

from tests.conformance.websocket.case import OK, Case, Failed, answers, close_normally, shown
from tests.conformance.websocket.frames import BINARY, PING, TEXT, fragments, frame

_SIZES = 0, 1, 125, 126, 127, 1000, 5000
_PIECES = 1, 2, 7, 100, 1447, 5000


def _random_stream(seed):
    """All is legal, and short enough to be sent before any of it is read."""

    def run(peer):
        dice = random.Random(seed)
        data, messages, pings = b"", [], []
        for _ in range(30):
            opcode = dice.choice((TEXT, BINARY))
            payload = bytes(dice.choices(b"abc\n", k=dice.choice(_SIZES)))
            messages.append(("text" if opcode == TEXT else "binary", payload))
            for part in fragments(opcode, payload, dice.choice((1 << 16, 1300, 100, 7))):
                data += part
                if dice.random() < 0.1:
                    pings.append(b"%d" % len(pings))
                    data += frame(PING, pings[-1])
        while data:
            piece = dice.choice(_PIECES)
            peer.send(data[:piece])
            data = data[piece:]
        _expect_interleaved(peer, messages, pings)
        close_normally(peer)
        return OK

    return run


def _expect_interleaved(peer, messages, pings):
    """Messages in order, and Pongs in order; a Pong may overtake messages, and some may be left
    out before the last (RFC 6455 §5.5.3)."""
    left = iter(pings)
    last_pong = None
    while messages or pings and last_pong != pings[-1]:
        event = peer.receive()
        if messages and event == messages[0]:
            messages.pop(0)
        elif event[0] == "pong" and event[1] in left:
            last_pong = event[1]
        else:
            raise Failed(f"unexpected: {shown(event)}")


def cases(limits):
    text = b"*" * 65536
    message = bytes(range(256)) * 32
    found = [Case("10.1.1", "a text of 65536 bytes in fragments of 1300 bytes", "RFC 6455 §5.4",
                  answers(fragments(TEXT, text, 1300), [("text", text)], how="frames"))]
    found += [
        Case(f"10.100.{i}", f"a binary message of 8 KiB in fragments of {size} bytes, {words}",
             "RFC 6455 §5.4", answers(fragments(BINARY, message, size), [("binary", message)], how))
        for i, (size, how, words) in enumerate(
            [(1, "whole", "in one piece"), (125, "frames", "each in a piece"),
             (126, "frames", "each in a piece"), (127, "octets", "byte by byte"),
             (4096, "octets", "byte by byte")], 1)]
    return found + [
        Case(f"10.101.{seed}", f"random messages, fragments, Pings and pieces, seed {seed}",
             "RFC 6455 §5.4, §5.5", _random_stream(seed)) for seed in range(1, 11)]

"""What a case is, and the three shapes that most cases have.

Verdicts are those of the Autobahn suite: OK, NON-STRICT (allowed, but not what the RFC asks for),
INFORMATIONAL (all answers are right), UNIMPLEMENTED (the server declined the extension), FAILED.
"""

import dataclasses
from collections.abc import Callable

from tests.conformance.websocket import frames
from tests.conformance.websocket.peer import Peer

OK, NON_STRICT, INFORMATIONAL = "OK", "NON-STRICT", "INFORMATIONAL"
UNIMPLEMENTED, FAILED = "UNIMPLEMENTED", "FAILED"


class Failed(Exception):
    """The case is red; says why."""


@dataclasses.dataclass(frozen=True)
class Case:
    """`run(peer)` returns a verdict, or raises Failed or Violation. `offers`: what stands in
    Sec-WebSocket-Extensions, a line for each header."""
    id: str
    text: str
    rule: str
    run: Callable[[Peer], str]
    offers: str = ""


@dataclasses.dataclass(frozen=True)
class Limits:
    """How much of what a case does many times."""
    rounds: int = 1000  # messages of the cases that send many
    message_bytes_max: int = 16 << 20  # the server's limit


def shown(event):
    """An event on half a line."""
    return " ".join(f"{part[:32]!r}… ({len(part)} bytes)"
                    if isinstance(part, bytes) and len(part) > 32 else repr(part)
                    for part in event)


def expect(peer, *events):
    """Receives exactly these."""
    for expected in events:
        event = peer.receive()
        if event != expected:
            raise Failed(f"expected {shown(expected)}, got {shown(event)}")


def take_end(peer, event, codes, clean):
    """`event`, just received, is the server's Close with one of the codes or with none, behind
    which it hangs up; if it need not be clean, it may hang up at once."""
    if event[0] == "close":
        if event[1] is not None and event[1] not in codes:
            raise Failed(f"closed with {event[1]} {event[2].decode()!r}, not {list(codes)}")
        peer.send_close(event[1])
        event = peer.receive()
    elif clean:
        raise Failed(f"expected a Close, got {shown(event)}")
    if event[0] != "end":
        raise Failed(f"expected the end, got {shown(event)}")


def expect_end(peer, *codes):
    """The server closes in order, with one of the codes."""
    take_end(peer, peer.receive(), codes, clean=True)


def expect_failure(peer, *codes):
    """The server closes with one of the codes, or hangs up."""
    take_end(peer, peer.receive(), codes, clean=False)


def close_normally(peer):
    """The client begins; the server answers, and is the first to hang up (RFC 6455 §7.1.1)."""
    peer.send_close()
    expect_end(peer, frames.NORMAL)


def send(peer, data, how="whole"):
    """`data`: frames. `how`: all in one piece, each in a piece, or each byte."""
    if how == "whole":
        return peer.send(b"".join(data))
    for piece in data:
        peer.send(piece, chop=1 if how == "octets" else 0)


def answers(data, events, how="whole"):
    """A run: after these frames come these events, and the connection closes in order."""

    def run(peer):
        send(peer, data, how)
        expect(peer, *events)
        close_normally(peer)
        return OK

    return run


def ends(data, events, codes, how="whole", non_strict=None, clean=False):
    """A run: after these frames come these events, then the server closes with one of the codes.
    `non_strict`: the events of a verdict that is not OK."""
    allowed = {OK: list(events)}
    if non_strict is not None:
        allowed[NON_STRICT] = list(non_strict)

    def run(peer):
        peer.sent_close = any(piece[0] & 15 == frames.CLOSE for piece in data)
        send(peer, data, how)
        seen = []
        while (event := peer.receive())[0] not in ("close", "end"):
            seen.append(event)
            if all(seen != known[:len(seen)] for known in allowed.values()):
                raise Failed(f"unexpected: {shown(event)}")
        take_end(peer, event, codes, clean)
        for verdict, known in allowed.items():
            if seen == known:
                return verdict
        raise Failed(f"it ended before {shown(allowed[OK][len(seen)])}")

    return run

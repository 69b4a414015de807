"""Pings and Pongs."""

from tests.conformance.websocket.case import OK, Case, Failed, answers, close_normally, ends, shown
from tests.conformance.websocket.frames import PING, PONG, PROTOCOL_ERROR, frame

_BYTES = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"
_LONG = b"\xfe" * 125
_RULE = "RFC 6455 §5.5.2, §5.5.3"


def _ping(payload, how="whole"):
    return answers([frame(PING, payload)], [("pong", payload)], how)


def _pings(count, how="whole"):
    payloads = [b"payload-%d" % i for i in range(count)]
    return answers([frame(PING, p) for p in payloads], [("pong", p) for p in payloads], how)


def _flood(peer):
    """Who is asked often may answer the last Ping only."""
    payloads = [b"%d" % i for i in range(1000)]
    peer.send(b"".join(frame(PING, payload) for payload in payloads))
    left = iter(payloads)
    while True:
        event = peer.receive()
        if event[0] != "pong" or event[1] not in left:
            raise Failed(f"no Pong that is due: {shown(event)}")
        if event[1] == payloads[-1]:
            break
    close_normally(peer)
    return OK


def cases(limits):
    hello = b"Hello, world!"
    return [
        Case("2.1", "a Ping without payload", _RULE, _ping(b"")),
        Case("2.2", "a Ping with a text", _RULE, _ping(hello)),
        Case("2.3", "a Ping with bytes that are no text", _RULE, _ping(_BYTES)),
        Case("2.4", "a Ping of 125 bytes", _RULE, _ping(_LONG)),
        Case("2.5", "a Ping of 126 bytes", "RFC 6455 §5.5",
             ends([frame(PING, b"\xfe" * 126)], [], [PROTOCOL_ERROR])),
        Case("2.6", "a Ping of 125 bytes, byte by byte", _RULE, _ping(_LONG, "octets")),
        Case("2.7", "a Pong that nobody asked for", "RFC 6455 §5.5.3", answers([frame(PONG)], [])),
        Case("2.8", "a Pong with a payload that nobody asked for", "RFC 6455 §5.5.3",
             answers([frame(PONG, hello)], [])),
        Case("2.9", "a Pong that nobody asked for, then a Ping", _RULE,
             answers([frame(PONG, b"unsolicited"), frame(PING, b"ping")], [("pong", b"ping")])),
        Case("2.10", "10 Pings", _RULE, _pings(10)),
        Case("2.11", "10 Pings, byte by byte", _RULE, _pings(10, "octets")),
        Case("2.100", "1000 Pings at once", "RFC 6455 §5.5.3", _flood),
        Case("2.101", "a Pong of 126 bytes", "RFC 6455 §5.5",
             ends([frame(PONG, b"\xfe" * 126)], [], [PROTOCOL_ERROR])),
    ]

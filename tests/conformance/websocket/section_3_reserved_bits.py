"""Reserved bits, which no extension was agreed on for."""

from tests.conformance.websocket.case import Case, ends
from tests.conformance.websocket.frames import BINARY, CLOSE, PING, PROTOCOL_ERROR, TEXT, frame

_HELLO = b"Hello, world!"
_RULE = "RFC 6455 §5.2"


def _alone(opcode, payload, rsv):
    return ends([frame(opcode, payload, rsv=rsv)], [], [PROTOCOL_ERROR])


def _after_a_text(rsv, how):
    """Who fails before the echo is out is not strict."""
    return ends([frame(TEXT, _HELLO), frame(TEXT, _HELLO, rsv=rsv), frame(PING)],
                [("text", _HELLO)], [PROTOCOL_ERROR], how, non_strict=[])


def cases(limits):
    return [
        Case("3.1", "a text with RSV3", _RULE, _alone(TEXT, _HELLO, 1)),
        Case("3.2", "a text, then one with RSV2 and a Ping, in one piece", _RULE,
             _after_a_text(2, "whole")),
        Case("3.3", "a text, then one with RSV2 and RSV3 and a Ping, each frame in a piece", _RULE,
             _after_a_text(3, "frames")),
        Case("3.4", "a text, then one with RSV1 and a Ping, byte by byte", _RULE,
             _after_a_text(4, "octets")),
        Case("3.5", "a binary message with RSV1 and RSV3", _RULE, _alone(BINARY, _HELLO, 5)),
        Case("3.6", "a Ping with RSV1 and RSV2", _RULE, _alone(PING, _HELLO, 6)),
        Case("3.7", "a Close with all reserved bits", _RULE, _alone(CLOSE, b"", 7)),
    ]

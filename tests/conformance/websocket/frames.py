"""WebSocket frames as a client writes them, right or wrong (RFC 6455, section 5.2)."""

import random

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

NORMAL, PROTOCOL_ERROR, INVALID_PAYLOAD, TOO_BIG = 1000, 1002, 1007, 1009

_masks = random.Random(6455)


def masked(payload, mask):
    """Each byte combined with one of four (section 5.3)."""
    if not payload:
        return b""
    count = len(payload)
    key = (mask * (count // 4 + 1))[:count]
    both = int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")
    return both.to_bytes(count, "little")


def length_bytes(count, form=None):
    """The length as 1, 3 or 9 bytes; without `form` as few as it needs."""
    form = form or (1 if count < 126 else 3 if count < 1 << 16 else 9)
    if form == 1:
        return bytes([count])
    return bytes([126 if form == 3 else 127]) + count.to_bytes(form - 1, "big")


def frame(opcode, payload=b"", fin=True, rsv=0, mask=True, length_form=None):
    """One frame. `rsv`: RSV1 is 4, RSV2 is 2, RSV3 is 1."""
    first = bytes([fin << 7 | rsv << 4 | opcode])
    length = length_bytes(len(payload), length_form)
    if not mask:
        return first + length + payload
    key = _masks.randbytes(4)
    return first + bytes([length[0] | 0x80]) + length[1:] + key + masked(payload, key)


def fragments(opcode, payload, size, rsv=0):
    """The frames of a message, each with at most `size` bytes of it; `rsv` in the first."""
    starts = range(0, len(payload), size) if payload else [0]
    return [
        frame(CONTINUATION if start else opcode, payload[start:start + size],
              fin=start + size >= len(payload), rsv=0 if start else rsv)
        for start in starts
    ]


def close(code=None, reason=b""):
    return frame(CLOSE, b"" if code is None else code.to_bytes(2, "big") + reason)

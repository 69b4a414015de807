"""Cuts frames out of what has come, and reads those that are messages: the hot path.

A message is read by hand where it is laid out as brokers write it. Whatever else comes, such as the
fields of a newer broker, is left to protobuf.
"""

from __future__ import annotations

from typing import List, Optional, Tuple, Union

from esockets.limits import SERVER_FRAME_BYTES_MAX
from esockets.message import Message
from esockets.status import ProtocolError

# Tag of a ServerFrame that holds a Message, and of the fields that most messages have.
_MESSAGE, _TOPIC, _PAYLOAD = 0x12, 0x0A, 0x12
_HEADERS, _REPLY_TO, _KEY, _TTL, _GROUP = 0x1A, 0x22, 0x2A, 0x30, 0x3A
_TIME, _PUBLISHER, _POSITION = 0x80, 0x88, 0x90  # first bytes, each followed by 0x01

_LENGTH_BYTES_MAX = 5
_NUMBER_BYTES_MAX = 10

_new_message = Message.__new__


class FrameReader:
    """The input of one connection."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """The connection is gone."""
        self._data = b""
        self._at = 0
        # What came behind a frame that is not complete: put together when it is.
        self._more: List[bytes] = []
        self._wanted = 0  # bytes

    def feed(self, data: bytes) -> None:
        """Whatever has come, in whatever pieces."""
        if self._at < len(self._data):
            self._more.append(data)
            self._wanted -= len(data)
        else:
            self._data, self._at = data, 0

    def next(self) -> Union[Message, bytes, None]:
        """A message, or the body of another frame; None: not all of it has come.

        Errors: ProtocolError of what is no frame.
        """
        if self._more:
            if self._wanted > 0:
                return None
            self._data = b"".join((self._data[self._at:], *self._more))
            self._at = 0
            self._more = []
        data, at = self._data, self._at
        left = len(data) - at
        if left < 2:
            if left and not data[at]:
                raise ProtocolError("what the broker sent is not the protocol: a frame of 0 bytes")
            return None
        length = data[at]
        if 0 < length < 0x80:
            at += 1
        elif length >= 0x80 and 0 < data[at + 1] < 0x80:  # as most have it
            length += (data[at + 1] << 7) - 0x80
            at += 2
        else:
            length, at = _frame_length(data, at)
            if length < 0:
                return None
        end = at + length
        if end > len(data):
            self._wanted = end - len(data)
            return None
        self._at = end
        if data[at] == _MESSAGE:
            message = _read_message(data, at + 1, end)
            if message is not None:
                return message
        return data[at:end]


def _frame_length(data: bytes, at: int) -> Tuple[int, int]:
    """And where the body begins; -1: not all of the length has come."""
    length = shift = 0
    for byte in data[at:at + _LENGTH_BYTES_MAX]:
        length |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        if byte < 0x80:
            if not 0 < length <= SERVER_FRAME_BYTES_MAX:
                raise ProtocolError("what the broker sent is not the protocol: "
                                    f"a frame of {length} bytes")
            return length, at
    if shift == 7 * _LENGTH_BYTES_MAX:
        raise ProtocolError("what the broker sent is not the protocol: a length without end")
    return -1, at


def _read_message(data: bytes, at: int, end: int) -> Optional[Message]:
    """None: protobuf shall look at it."""
    try:
        length = data[at]
        at += 1
        if length >= 0x80:
            length, at = _length(data, at)
        if at + length != end or data[at] != _TOPIC:
            return None
        begin = at + 2
        length = data[at + 1]
        if length >= 0x80:
            length, begin = _length(data, begin)
        at = begin + length
        message = _new_message(Message)
        message.topic = data[begin:at].decode()
        if at < end and data[at] == _PAYLOAD:
            begin = at + 2
            length = data[at + 1]
            if length >= 0x80:
                length, begin = _length(data, begin)
            at = begin + length
            message.payload = data[begin:at]
        else:
            message.payload = b""
        if at < end:
            at = _read_rest(message, data, at, end)
        return message if at == end else None
    except (IndexError, UnicodeDecodeError):
        return None


def _read_rest(message: Message, data: bytes, at: int, end: int) -> int:
    """What stands behind the payload; returns how far it has come."""
    headers: List[Tuple[str, str]] = []
    while at < end:
        tag = data[at]
        if tag >= 0x80:
            if data[at + 1] != 0x01:
                break
            number, behind = _number(data, at + 2)
            if not _stamp(message, tag, number):
                break
        elif tag == _TTL:
            message.ttl_ms, behind = _number(data, at + 1)
        else:
            length, begin = _number(data, at + 1)
            behind = begin + length
            if behind > end or not _text_field(message, headers, tag, data[begin:behind]):
                break
        at = behind
    if headers:
        message.headers = tuple(headers)
    return at


def _stamp(message: Message, tag: int, number: int) -> bool:
    if tag == _POSITION:
        message.position = number
    elif tag == _TIME:
        message.time_us = number
    elif tag == _PUBLISHER:
        message.publisher = number
    else:
        return False
    return True


def _text_field(message: Message, headers: List[Tuple[str, str]], tag: int, text: bytes) -> bool:
    if tag == _KEY:
        message.key = text
    elif tag == _REPLY_TO:
        message.reply_to = text.decode()
    elif tag == _GROUP:
        message.group = text.decode()
    elif tag == _HEADERS:
        header = _read_header(text)
        if header is None:
            return False
        headers.append(header)
    else:
        return False
    return True


def _read_header(text: bytes) -> Optional[Tuple[str, str]]:
    if text[0] != 0x0A:
        return None
    length, begin = _number(text, 1)
    at = begin + length
    name = text[begin:at].decode()
    if text[at] != 0x12:
        return None
    length, begin = _number(text, at + 1)
    if begin + length != len(text):
        return None
    return name, text[begin:].decode()


def _length(data: bytes, at: int) -> Tuple[int, int]:
    """The same of a number whose first byte, in front of `at`, says that there are more."""
    second = data[at]
    if second < 0x80:
        return data[at - 1] - 0x80 + (second << 7), at + 1
    return _number(data, at - 1)


def _number(data: bytes, at: int) -> Tuple[int, int]:
    """And where it ends. Errors: IndexError of one that does not end."""
    number = data[at]
    at += 1
    if number < 0x80:
        return number, at
    number &= 0x7F
    shift = 7
    while shift < 7 * _NUMBER_BYTES_MAX:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
    raise IndexError

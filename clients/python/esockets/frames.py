"""Writes what a client sends, each frame with its length prefix."""

from __future__ import annotations

import math
from typing import cast

from esockets.options import ClientOptions, LastWill, PublishOptions, SubscribeOptions, to_bytes
from esockets.proto import esockets_pb2 as pb

_PUBLISH_TAG = b"\x22"
_TOPIC_TAG, _PAYLOAD_TAG, _HEADERS_TAG = b"\x0a", b"\x12", b"\x1a"
_REPLY_TO_TAG, _KEY_TAG = b"\x22", b"\x2a"
_TTL_TAG, _ID_TAG, _CONFIRM_TAG, _MESSAGE_ID_TAG = b"\x30", b"\x40", b"\x48", b"\x52"
_NAME_TAG, _VALUE_TAG = b"\x0a", b"\x12"

# What an id and confirm_ms can take: tags and the longest numbers.
_ANSWER_WANTED_BYTES_MAX = 1 + 10 + 1 + 5


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    if number < 0x80:
        return number.to_bytes(1, "little")
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def publish_fields(topic: str, payload: bytes, options: PublishOptions) -> bytes:
    """The fields of a Publish, but for those of `publish_frame`. By hand: it is the hot path."""
    text = topic.encode()
    fields = b"%b%b%b%b%b%b" % (_TOPIC_TAG, varint(len(text)), text,
                                _PAYLOAD_TAG, varint(len(payload)), payload)
    return fields if options is NO_OPTIONS else fields + _option_fields(options)


def publish_frame(fields: bytes, id: int = 0, confirm_ms: int = 0) -> bytes:
    """`id`: of the answer that is wanted; 0: none. `confirm_ms`: as of Publish."""
    if id:
        fields += _ID_TAG + varint(id)
    if confirm_ms:
        fields += _CONFIRM_TAG + varint(confirm_ms)
    inner = varint(len(fields))
    return b"%b%b%b%b" % (varint(1 + len(inner) + len(fields)), _PUBLISH_TAG, inner, fields)


def publish_frame_bytes_max(fields: bytes) -> int:
    """An upper bound of what publish_frame makes of them, whatever the answer wanted."""
    return len(fields) + _ANSWER_WANTED_BYTES_MAX + 2 * 5 + 1


def connect_frame(options: ClientOptions, token: str, ticket: bytes = b"") -> bytes:
    """The first frame of a connection. `ticket`: of an earlier one; empty: there is none."""
    connect = pb.Connect(protocol_version=1, client_id=options.client_id, token=token,
                         user=options.user, password=options.password, name=options.name,
                         metadata=dict(options.metadata),
                         keep_alive_ms=math.ceil(options.keep_alive * 1000), resume=ticket)
    if options.will:
        _fill_will(options.will, connect.will)
    return _frame(pb.ClientFrame(connect=connect))


def subscribe_frame(filter: str, options: SubscribeOptions, id: int) -> bytes:
    """The protocol's enumerations are ours: the same numbers."""
    start = options.start
    return _frame(pb.ClientFrame(subscribe=pb.Subscribe(
        id=id, filter=filter, group=options.group,
        group_strategy=cast(pb.GroupStrategy, options.group_strategy),
        overflow=cast(pb.Overflow, options.overflow),
        max_backlog_messages=options.max_backlog_messages,
        max_backlog_bytes=options.max_backlog_bytes, max_backlog_age_ms=options.max_backlog_age_ms,
        start=cast(pb.Start, start.at), start_at=start.number, start_epoch=start.epoch,
        skip_last_values=not options.last_values)))


def unsubscribe_frame(filter: str, group: str, id: int) -> bytes:
    """As it was subscribed."""
    return _frame(pb.ClientFrame(unsubscribe=pb.Unsubscribe(id=id, filter=filter, group=group)))


def ping_frame(id: int) -> bytes:
    """0: nobody waits for the answer."""
    return _frame(pb.ClientFrame(ping=pb.Ping(id=id)))


def refresh_frame(id: int, token: str) -> bytes:
    """0: one at a time is under way, and its answer is known by its kind."""
    return _frame(pb.ClientFrame(refresh=pb.Refresh(id=id, token=token)))


def disconnect_frame(reason: str = "") -> bytes:
    """Goodbye."""
    return _frame(pb.ClientFrame(disconnect=pb.Disconnect(reason=reason)))


# What a message without any options has.
NO_OPTIONS = PublishOptions()


def _option_fields(options: PublishOptions) -> bytes:
    out = bytearray()
    for name, value in options.headers:
        header = (_bytes_field(_NAME_TAG, name.encode()) + _bytes_field(_VALUE_TAG, value.encode()))
        out += _bytes_field(_HEADERS_TAG, header)
    if options.reply_to:
        out += _bytes_field(_REPLY_TO_TAG, options.reply_to.encode())
    if options.key:
        out += _bytes_field(_KEY_TAG, to_bytes(options.key))
    if options.ttl_ms:
        out += _TTL_TAG + varint(options.ttl_ms)
    if options.message_id:
        out += _bytes_field(_MESSAGE_ID_TAG, to_bytes(options.message_id))
    return bytes(out)


def _bytes_field(tag: bytes, data: bytes) -> bytes:
    return tag + varint(len(data)) + data


def _fill_will(last_will: LastWill, will: pb.Will) -> None:
    options = last_will.options
    will.message.CopyFrom(pb.Publish(
        topic=last_will.topic, payload=to_bytes(last_will.payload), reply_to=options.reply_to,
        key=to_bytes(options.key), ttl_ms=options.ttl_ms,
        headers=[pb.Header(name=name, value=value) for name, value in options.headers]))
    will.delay_ms = math.ceil(last_will.delay * 1000)


def _frame(frame: pb.ClientFrame) -> bytes:
    body: bytes = frame.SerializeToString()
    return varint(len(body)) + body

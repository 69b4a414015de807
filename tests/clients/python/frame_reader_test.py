#!/usr/bin/python3
"""Frames are cut out of whatever pieces, and messages read by hand as protobuf reads them."""

import random

import pytest

from esockets import server_frames
from esockets.frame_reader import FrameReader
from esockets.frames import varint
from esockets.limits import SERVER_FRAME_BYTES_MAX
from esockets.message import Message
from esockets.proto.esockets_pb2 import ServerFrame
from esockets.status import ProtocolError
from tests.conformance.vectors import fields, load
from tests.support.fake_python_transport import server_frame
from tests.support.pytest_main import run

SERVER = load("server_frames")


def reader_of(data):
    reader = FrameReader()
    reader.feed(data)
    return reader


def by_protobuf(body):
    return server_frames.message_of(ServerFrame.FromString(body).message)


@pytest.mark.parametrize("vector", SERVER, ids=lambda v: v["name"])
def test_vectors(vector):
    frame = reader_of(vector["bytes"]).next()
    if vector["server"].WhichOneof("kind") != "message":
        assert fields(ServerFrame.FromString(frame)) == fields(vector["server"])
    else:
        told = frame if isinstance(frame, Message) else by_protobuf(frame)
        assert told == server_frames.message_of(vector["server"].message)


def test_frames_may_come_in_pieces():
    data = b"".join(v["bytes"] for v in SERVER)
    for size in (1, 2, 3, 7, 64):
        reader, count = FrameReader(), 0
        for at in range(0, len(data), size):
            reader.feed(data[at:at + size])
            while reader.next() is not None:
                count += 1
        assert count == len(SERVER)


def test_a_long_frame_in_pieces_is_put_together_once():
    payload = bytes(range(256)) * 40_000
    data = server_frame(message={"topic": "a", "payload": payload})
    tail = server_frame(pong={"id": 1})
    reader = FrameReader()
    for at in range(0, len(data), 1000):
        assert reader.next() is None
        reader.feed(data[at:at + 1000])
    reader.feed(tail[:1])
    reader.feed(tail[1:])
    assert reader.next().payload == payload
    assert ServerFrame.FromString(reader.next()).pong.id == 1
    assert reader.next() is None


def random_message(dice):
    text = "".join(dice.choice("ab/ü日") for _ in range(dice.choice([1, 5, 127, 128, 300])))
    made = {"topic": text, "payload": dice.randbytes(dice.choice([0, 1, 127, 128, 20000]))}
    for name, value in [("key", b"\0k"), ("reply_to", "r" * dice.choice([1, 200])), ("group", "g"),
                        ("ttl_ms", dice.getrandbits(32)), ("time_us", dice.getrandbits(64)),
                        ("publisher", dice.getrandbits(40)), ("position", dice.getrandbits(60)),
                        ("headers", [{"name": "n", "value": "v" * 200}, {"name": ""}])]:
        if dice.random() < 0.4:
            made[name] = value
    return made


def test_random_messages_are_read_as_protobuf_reads_them():
    seed = random.randrange(1 << 32)
    dice = random.Random(seed)
    by_hand = 0
    for _ in range(300):
        data = server_frame(message=random_message(dice))
        frame = reader_of(data).next()
        body = data[-ServerFrame.FromString(_body(data)).ByteSize():]
        by_hand += isinstance(frame, Message)
        told = frame if isinstance(frame, Message) else by_protobuf(frame)
        assert told == by_protobuf(body), f"seed {seed}"
    assert by_hand > 150  # protobuf reads headers that are empty


def _body(data):
    at = next(i for i, byte in enumerate(data) if byte < 0x80) + 1
    return data[at:]


@pytest.mark.filterwarnings("ignore:Unexpected end-group")
def test_broken_messages_never_do_more_than_raise():
    """Each byte of some frames is changed: it is a message, or protobuf decides."""
    for vector in SERVER:
        body = _body(vector["bytes"])
        for at in range(len(body)):
            for byte in (0, 0x01, 0x7F, 0x80, 0xFF):
                broken = body[:at] + bytes([byte]) + body[at + 1:]
                frame = reader_of(varint(len(broken)) + broken).next()
                if isinstance(frame, Message):
                    assert frame == by_protobuf(broken)
                    continue
                try:
                    server_frames.parse(frame)
                except ProtocolError:
                    pass


@pytest.mark.parametrize("data", [b"\0", b"\0\0", b"\x80\0\0", b"\xff" * 5,
                                  b"\xff" * 5 + b"\x01", varint(SERVER_FRAME_BYTES_MAX + 1)])
def test_what_is_no_frame_is_refused(data):
    with pytest.raises(ProtocolError):
        reader_of(data).next()


@pytest.mark.parametrize("data", [b"", b"\x05", b"\x80", b"\xff\xff\xff", b"\x05abcd",
                                  varint(SERVER_FRAME_BYTES_MAX)])
def test_what_is_not_all_of_it_waits(data):
    assert reader_of(data).next() is None


def test_a_connection_that_is_gone_leaves_nothing():
    reader = reader_of(b"\x05ab")
    reader.clear()
    reader.feed(server_frame(pong={"id": 1}))
    assert ServerFrame.FromString(reader.next()).pong.id == 1


if __name__ == "__main__":
    run(__file__)

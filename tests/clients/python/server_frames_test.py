#!/usr/bin/python3
"""The broker's rarer frames in the words of the library."""

import pytest

from esockets import server_frames
from esockets.delivery import Answer, Delivery, Stored
from esockets.proto import esockets_pb2 as pb
from esockets.start import Beginning, Overflow, StreamStart
from esockets.status import BrokerError, ProtocolError
from tests.support.pytest_main import run


def test_every_field_of_a_gap():
    told = server_frames.gap_of(pb.Gap(filter="f", messages=1, bytes=2, from_us=3, to_us=4,
                                       reason=pb.Gap.RETENTION, conflated=5, expired=6,
                                       from_position=7, to_position=8, group="g"))
    assert told == server_frames.Gap("f", 1, 2, 3, 4, "RETENTION", 5, 6, 7, 8, "g")


def test_what_a_newer_broker_may_say():
    newer = pb.Gap.FromString(b"\x30\x63")
    assert server_frames.gap_of(newer).reason == "99"
    told = server_frames.beginning_of(pb.Subscribed.FromString(b"\x12\x02\x28\x63"))
    assert told.stream.overflow == Overflow.DEFAULT


def test_answers():
    assert server_frames.answer_of(pb.Published(id=1)) == Answer()
    stored = Stored(2, 3, True)
    told = server_frames.answer_of(pb.Published(
        id=1, stored={"epoch": 2, "position": 3, "repeated": True},
        delivery={"matched": 6, "written": 1, "queued": 2, "conflated": 0, "dropped": 2,
                  "gone": 1}))
    assert told == Answer(Delivery(6, 1, 2, 0, 2, 1, stored), stored)


def test_beginnings():
    assert server_frames.beginning_of(pb.Subscribed(last_values=True)) == Beginning(None, True)
    told = server_frames.beginning_of(pb.Subscribed(stream={
        "name": "s", "epoch": 1, "position": 2, "recovered": True,
        "overflow": pb.OVERFLOW_REPLAY}))
    assert told == Beginning(StreamStart("", "s", 1, 2, True, Overflow.REPLAY))


def test_errors():
    assert server_frames.error_of(pb.Error(code=1, text="t", detail="d", retryable=True,
                                           advice="a")) == BrokerError(1, "t", "d", True, 0, "a")
    assert server_frames.error_of(pb.Close(code=1, retry_after_ms=9)).retry_after_ms == 9
    away = server_frames.go_away_of(pb.GoAway(code=250, text="t", retry_after_ms=5,
                                                ticket=b"s3cret"))
    assert (away.code, away.retryable, away.retry_after_ms) == (250, True, 5)
    assert "s3cret" not in repr(away)


def test_messages():
    message = pb.Message(topic="t", payload=b"p", headers=[{"name": "a", "value": "b"}],
                         reply_to="r", key=b"k", ttl_ms=1, group="g", time_us=2, publisher=3,
                         position=4)
    assert server_frames.message_of(message) == server_frames.Message(
        "t", b"p", (("a", "b"),), "r", b"k", 1, "g", 2, 3, 4)


def test_what_is_not_the_protocol():
    with pytest.raises(ProtocolError, match="not the protocol"):
        server_frames.parse(b"\x0a\xff")
    assert server_frames.parse(b"\xa2\x06\x02\x08\x01").WhichOneof("kind") is None


if __name__ == "__main__":
    run(__file__)

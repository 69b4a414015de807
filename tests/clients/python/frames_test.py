#!/usr/bin/python3
"""What a client writes: the shared vectors where its words reach, and protobuf for the rest."""

import pytest

from esockets import (ClientOptions, GroupStrategy, LastWill, Overflow, PublishOptions, Start,
                      SubscribeOptions)
from esockets import frames
from esockets.frame_reader import FrameReader
from esockets.proto.esockets_pb2 import ClientFrame
from tests.conformance.vectors import fields, load
from tests.support.pytest_main import run

CLIENT = {v["name"]: v for v in load("client_frames") if not v.get("decode_only")}
PUBLISHES = [v for v in CLIENT.values() if v["client"].WhichOneof("kind") == "publish"]


def read(data):
    reader = FrameReader()
    reader.feed(data)
    return ClientFrame.FromString(reader.next())


def written(publish):
    """A Publish as the library writes it."""
    options = PublishOptions(headers=[(h.name, h.value) for h in publish.headers],
                             reply_to=publish.reply_to, key=publish.key, ttl_ms=publish.ttl_ms,
                             message_id=publish.message_id)
    made = frames.publish_fields(publish.topic, publish.payload, options)
    return frames.publish_frame(made, publish.id, publish.confirm_ms)


@pytest.mark.parametrize("vector", PUBLISHES, ids=lambda v: v["name"])
def test_publishes_mean_what_the_vectors_say(vector):
    assert read(written(vector["client"].publish)) == vector["client"]


@pytest.mark.parametrize("size", [0, 1, 100, 127, 128, 16383, 16384, 1 << 20])
def test_lengths_of_every_size(size):
    frame = frames.publish_frame(frames.publish_fields("t", bytes(size), frames.NO_OPTIONS))
    assert len(read(frame).publish.payload) == size
    fields_ = frames.publish_fields("t", bytes(size), frames.NO_OPTIONS)
    longest = frames.publish_frame(fields_, (1 << 64) - 1, (1 << 32) - 1)
    assert len(longest) <= frames.publish_frame_bytes_max(fields_)


def test_varint():
    for number, data in [(0, b"\0"), (127, b"\x7f"), (128, b"\x80\x01"),
                         ((1 << 64) - 1, b"\xff" * 9 + b"\x01")]:
        assert frames.varint(number) == data


def test_a_refresh_is_as_in_the_vectors():
    assert frames.refresh_frame(9, "t0ken") == CLIENT["refresh"]["bytes"]


def test_a_connect_is_as_in_the_vectors():
    told = CLIENT["connect_resume"]["client"].connect
    options = ClientOptions(address="x", client_id=told.client_id, user=told.user,
                            password=told.password)
    assert frames.connect_frame(options, "", told.resume) == CLIENT["connect_resume"]["bytes"]


def test_connect():
    will = LastWill("gone", "me", PublishOptions(headers=[("a", "b")], key="k"), delay=1.5)
    told = read(frames.connect_frame(ClientOptions(
        address="x", client_id="me", user="u", password="p", name="n", metadata={"a": "b"},
        keep_alive=0.0301, will=will), "t", b"me"))
    assert fields(told)["connect"] == {
        "protocolVersion": 1, "clientId": "me", "token": "t", "user": "u", "password": "p",
        "name": "n", "metadata": {"a": "b"}, "keepAliveMs": 31, "resume": "bWU=",
        "will": {"message": {"topic": "gone", "payload": "bWU=", "key": "aw==",
                             "headers": [{"name": "a", "value": "b"}]}, "delayMs": 1500}}


def test_subscribe():
    told = read(frames.subscribe_frame("a/#", SubscribeOptions(
        group="g", group_strategy=GroupStrategy.HASH, overflow=Overflow.DROP_NEWEST,
        start=Start.after_position(7, 9), last_values=False, max_backlog_messages=1,
        max_backlog_bytes=2, max_backlog_age_ms=3), 5))
    assert fields(told)["subscribe"] == {
        "id": "5", "filter": "a/#", "group": "g", "groupStrategy": "GROUP_STRATEGY_HASH",
        "overflow": "OVERFLOW_DROP_NEWEST", "start": "START_AFTER_POSITION", "startAt": "7",
        "startEpoch": "9", "skipLastValues": True, "maxBacklogMessages": 1,
        "maxBacklogBytes": "2", "maxBacklogAgeMs": 3}


def test_the_rest():
    assert read(frames.unsubscribe_frame("a", "g", 3)).unsubscribe.group == "g"
    assert read(frames.ping_frame(4)).ping.id == 4
    assert read(frames.disconnect_frame("bye")).disconnect.reason == "bye"


if __name__ == "__main__":
    run(__file__)

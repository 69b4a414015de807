#!/usr/bin/python3
"""Streams across connections: nothing is missed, nothing comes twice."""

from esockets import Overflow, Start
from tests.support.python_session import FIRST_ID, TestSession
from tests.support.pytest_main import run


def test_begins_where_it_was_told():
    t = TestSession().start_connected()
    t.subscribe("chat/#", start=Start.last(2))
    assert t.sent() == [f"subscribe {FIRST_ID} chat/# last 2"]
    t.stands(FIRST_ID, 5)
    t.message("chat/1", 6)
    assert t.told() == ["chat/# stands behind 5", "chat/1=6"]


def test_last_values_come_first_and_again_on_the_next_connection():
    t = TestSession().start_connected("state/#")
    t.message("state/1", 6)
    t.reconnect()
    t.told()
    t.say(subscribed={"id": 1, "last_values": True})
    t.message("state/1", 6)
    t.say(snapshot_end={"filter": "state/#"})
    assert t.told() == ["connected", "state/1=6", "snapshot end state/#"]


def test_goes_on_behind_the_last_message():
    t = TestSession().start_connected()
    t.subscribe("chat/#", start=Start.last(2))
    t.stands(FIRST_ID, 5)
    t.message("chat/1", 6)
    t.sent(), t.told()
    t.reconnect()
    assert t.sent() == ["connect me", "subscribe 1 chat/# after 6 of 3"]
    t.stands(1, 6)
    t.message("chat/1", 7)
    assert t.told() == ["waiting", "connecting", "resumed chat/# behind 6", "connected",
                        "chat/1=7"]
    # A broker that was started again has another epoch, and counts from 1.
    t.reconnect()
    assert t.sent() == ["connect me", "subscribe 1 chat/# after 7 of 3"]
    t.told()
    t.stands(1, 0, epoch=4, recovered=False)
    t.message("chat/1", 1)
    assert t.told() == ["resumed chat/# behind 0, not recovered", "connected", "chat/1=1"]
    t.reconnect()
    assert t.sent() == ["connect me", "subscribe 1 chat/# after 1 of 4"]


def test_of_overlapping_filters_the_widest_reads_and_nobody_gets_a_message_twice():
    t = TestSession().start_connected()
    t.subscribe("chat/1")
    t.stands(FIRST_ID, 0)
    t.message("chat/1", 1)
    t.subscribe("chat/#", start=Start.last_of_each_topic(1))
    t.stands(FIRST_ID + 1, 0)
    t.message("chat/1", 1)
    t.message("chat/2", 2)
    assert t.told() == ["chat/1 stands behind 0", "chat/1=1", "chat/# stands behind 0",
                        "chat/1=1", "chat/2=2"]
    t.sent()
    t.reconnect()
    assert t.sent() == ["connect me", "subscribe 1 chat/1", "subscribe 2 chat/# after 2 of 3"]
    t.told()
    t.stands(1, 4)
    t.message("chat/1", 5)  # will be read
    assert t.told() == []
    t.stands(2, 2)
    for position in (3, 4, 5):
        t.message("chat/1", position)
    assert t.told() == ["resumed chat/# behind 2", "resumed chat/1 behind 2", "connected",
                        "chat/1=3", "chat/1=3", "chat/1=4", "chat/1=4", "chat/1=5", "chat/1=5"]


def test_who_rode_on_a_refused_filter_hears_what_is_published():
    t = TestSession().start_connected()
    t.subscribe("chat/1")
    t.stands(FIRST_ID, 0)
    t.subscribe("chat/#")
    t.stands(FIRST_ID + 1, 0)
    t.reconnect()
    t.told()
    t.stands(1, 4)
    t.say(error={"id": 2, "code": 124})
    t.message("chat/1", 5)
    assert t.told() == ["end of chat/#: 124", "error 124", "connected", "chat/1=5"]


def test_without_a_stream_it_begins_anew():
    t = TestSession().start_connected("a")
    t.message("a", 7)  # of a stream that keeps only this topic of the filter's
    t.reconnect()
    t.say(subscribed={"id": 1})
    t.message("a", 7)
    assert t.told() == ["a=7", "waiting", "connecting", "connected", "a=7"]


def test_what_conflates_begins_with_the_latest_of_each_topic():
    t = TestSession().start_connected()
    t.subscribe("chat/#", overflow=Overflow.CONFLATE)
    t.stands(FIRST_ID, 5, overflow=Overflow.CONFLATE)
    t.message("chat/1", 9)
    t.message("chat/2", 7)
    t.sent()
    t.reconnect()
    assert t.sent() == ["connect me", "subscribe 1 chat/# last 1 each"]


def test_groups_read_no_stream():
    t = TestSession().start_connected()
    t.subscribe("chat/#", group="g")
    t.stands(FIRST_ID, 5)
    for position in (9, 7):
        t.say(message={"topic": "chat/1", "payload": b"x", "position": position, "group": "g"})
    assert t.told() == ["chat/# stands"] + ["chat/1=x for chat/# in g"] * 2
    t.subscribe("chat/1", group="g")
    assert t.told() == ["end of chat/1: AlreadyExists", "chat/1 refused: AlreadyExists"]
    t.sent()
    t.reconnect()
    assert t.sent() == ["connect me", "subscribe 1 chat/# in g"]


if __name__ == "__main__":
    run(__file__)

#!/usr/bin/python3
"""Subscriptions as the program made them and as the broker confirmed them."""

import pytest

from esockets import SubscribeOptions
from esockets.dispatcher import SubscriptionName
from esockets.filter_entry import Subscribed
from esockets.message import Message
from esockets.options import WhenFull
from esockets.outgoing_buffer import BUFFERED_IDS_AFTER, OutgoingBuffer
from esockets.start import Beginning
from esockets.status import (AlreadyExistsError, EndedError, FailedPreconditionError,
                             PermissionDeniedError)
from esockets.subscription_set import SubscriptionSet
from tests.support.fake_python_transport import client_frames
from tests.support.python_session import DiarySubscriber, words_of
from tests.support.pytest_main import run

FIRST = BUFFERED_IDS_AFTER + 1
REFUSED = PermissionDeniedError("no", 120)


class Set:

    def __init__(self):
        self.outgoing = OutgoingBuffer(1000, WhenFull.ERROR, lambda: None)
        self.set = SubscriptionSet(self.outgoing)
        self.diary, self.outcomes, self._ids = [], [], 0

    def add(self, filter, group=""):
        self._ids += 1
        self.set.add(filter, SubscribeOptions(group=group),
                     Subscribed(self._ids, DiarySubscriber(filter, self.diary)),
                     self.outcomes.append)
        return self._ids

    def up(self):
        return [words_of(frame) for frame in client_frames(self.set.on_up())]

    def sent(self):
        return [words_of(frame) for frame in client_frames(self.outgoing.take(1 << 20, []))]


@pytest.fixture
def s():
    return Set()


def test_waits_for_a_connection(s):
    s.add("a")
    s.add("a")
    s.add("b")
    assert s.sent() == []
    assert s.up() == ["subscribe 1 a", "subscribe 2 b"]
    assert not s.set.is_up_again
    s.set.on_subscribed(2, Beginning(), None)
    s.set.on_subscribed(1, Beginning(last_values=True), None)
    assert s.set.is_up_again
    assert s.outcomes == [Beginning()] + [Beginning(last_values=True)] * 2


def test_asks_at_once_while_one_stands(s):
    s.up()
    s.add("a")
    assert s.sent() == [f"subscribe {FIRST} a"]
    assert s.set.is_up_again  # it counts those of the beginning
    assert s.set.on_subscribed(FIRST, Beginning(), None)
    assert not s.set.on_subscribed(FIRST, Beginning(), None)
    assert s.outcomes == [Beginning()]


def test_a_refusal_ends_who_asked_alone(s):
    s.up()
    s.add("a")
    s.set.on_subscribed(FIRST, Beginning(), None)
    s.add("a")
    errors = []
    assert s.set.on_refused(FIRST + 1, REFUSED, errors.append)
    assert (s.outcomes, errors) == ([Beginning(), REFUSED], [])
    assert s.set.dispatch(Message("a", b"1")) == 1
    assert s.diary == ["end of a: 120", "a=1"]
    assert not s.set.on_refused(FIRST + 1, REFUSED, errors.append)


def test_a_refusal_that_nobody_waits_for_is_told(s):
    s.add("a")
    s.up()
    s.set.on_subscribed(1, Beginning(), None)
    s.set.on_down()
    s.up()
    errors = []
    assert s.set.on_refused(1, REFUSED, errors.append)
    assert (errors, s.diary) == ([REFUSED], ["end of a: 120"])
    assert s.set.is_up_again


def test_with_the_last_one_the_broker_is_told(s):
    s.up()
    first, second = s.add("a"), s.add("a")
    s.sent()
    s.set.remove(SubscriptionName("a"), first)
    assert s.sent() == []
    s.set.remove(SubscriptionName("a"), second)
    s.set.remove(SubscriptionName("a"), second)
    assert s.sent() == ["unsubscribe a"]
    assert s.diary == ["end of a: Ended"] * 2
    s.set.on_subscribed(FIRST, Beginning(), None)
    assert s.outcomes == []  # forgotten


def test_a_group_is_joined_once_for_each_topic(s):
    s.add("a/+", "g")
    s.add("a/b", "g")
    s.add("a/+", "g")
    s.add("a/b", "h")
    s.add("b", "g")
    assert [type(outcome) for outcome in s.outcomes] == [AlreadyExistsError] * 2
    assert len(s.up()) == 3


def test_the_end_is_told_to_all(s):
    s.add("a")
    s.add("b/+")
    reason = EndedError("over")
    s.set.end(reason)
    assert sorted(s.diary) == ["end of a: Ended", "end of b/+: Ended"]
    assert s.outcomes == [reason] * 2
    s.set.end(reason)
    assert len(s.outcomes) == 2


def test_a_client_that_closes_asks_for_nothing(s):
    s.up()
    s.outgoing.close(FailedPreconditionError("closed"))
    id = s.add("a")
    s.set.remove(SubscriptionName("a"), id)
    assert s.sent() == []


if __name__ == "__main__":
    run(__file__)

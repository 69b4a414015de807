#!/usr/bin/python3
"""Reads the roster, takes the updates, and reads again when something was missed."""

import pytest

from esockets.message import Message
from esockets.presence_watcher import PresenceWatcher, PresenceWatchers
from esockets.proto import presence_pb2 as pb
from esockets.status import (BrokerError, FailedPreconditionError, PermissionDeniedError,
                             UnavailableError, to_error)
from tests.support.fake_loop import FakeLoop
from tests.support.pytest_main import run


class Watch:

    def __init__(self):
        self.loop, self.asked, self.news = FakeLoop(), [], []
        self.watcher = PresenceWatcher(
            self.loop, lambda payload, answer: self.asked.append((payload, answer)),
            self.news.append)

    def page(self, version, ids, next=""):
        """Answers the oldest question; returns its `after`."""
        payload, answer = self.asked.pop(0)
        answer(pb.PresenceRoster(
            epoch=1, version=version, count=len(ids), next=next,
            members=[pb.PresenceMember(client_id=id) for id in ids]).SerializeToString())
        return pb.PresenceRequest.FromString(payload).after

    def fail(self, error):
        self.asked.pop(0)[1](error)

    def update(self, version, joined="", **more):
        self.watcher.on_message(Message("$presence/t", pb.PresenceUpdate(
            epoch=1, version=version, count=1,
            joined=[pb.PresenceMember(client_id=id) for id in joined],
            **more).SerializeToString()))

    def told(self):
        news, self.news[:] = list(self.news), []
        return ["".join(sorted(m.client_id for m in one.joined)) for one in news]


@pytest.fixture
def w():
    watch = Watch()
    watch.watcher.on_subscribed()
    return watch


def test_reads_all_pages_and_then_takes_updates(w):
    assert w.page(3, "ab", next="b") == ""
    assert w.page(3, "c") == "b"
    w.update(4, "d")
    assert w.told() == ["abc", "d"]
    assert w.asked == []


def test_a_missed_update_is_read_again(w):
    w.page(3, "a")
    w.update(5, "c")
    w.page(5, "abc")
    assert w.told() == ["a", "bc"]
    w.watcher.on_gap()
    w.page(6, "abcd")
    assert w.told() == ["d"]


def test_asks_once_at_a_time(w):
    w.watcher.on_gap()
    assert len(w.asked) == 1
    w.page(3, "a")
    assert len(w.asked) == 1  # that answer may be too old


def test_a_new_connection_reads_anew_and_old_answers_do_not_count(w):
    w.watcher.on_subscribed()
    w.page(3, "old")
    assert w.told() == []
    w.page(4, "n")
    assert w.told() == ["n"]


def test_tries_again_after_a_pause(w):
    w.fail(to_error(BrokerError(122, "busy", retryable=True)))
    assert w.asked == []
    w.loop.advance(1)
    w.page(3, "a")
    assert w.told() == ["a"]


def test_waits_for_the_next_connection(w):
    w.fail(UnavailableError("broken"))
    w.loop.advance(10)
    assert w.asked == []


@pytest.mark.parametrize("error", [PermissionDeniedError("x"), FailedPreconditionError("x")])
def test_a_refusal_is_the_end(w, error):
    w.fail(error)
    assert [news.ended for news in w.news] == [error]
    w.watcher.on_end(error)
    assert len(w.news) == 1


def test_who_left_the_topic_is_told(w):
    w.update(0, ended=True)
    assert isinstance(w.news[0].ended, PermissionDeniedError)


def test_who_was_never_subscribed_or_has_stopped_hears_nothing():
    watch = Watch()
    watch.watcher.on_end(UnavailableError("x"))
    stopped = Watch()
    stopped.watcher.on_subscribed()
    stopped.watcher.stop()
    stopped.page(3, "a")
    stopped.update(4, "b")
    assert watch.news == stopped.news == []


def test_what_is_no_update_or_roster_is_not_taken(w):
    w.asked.pop(0)[1](b"\xff")
    w.watcher.on_message(Message("$presence/t", b"\xff"))
    w.loop.advance(1)
    w.page(3, "a")
    assert w.told() == ["a"]


def test_watchers_by_filter(w):
    watchers = PresenceWatchers()
    one, other = Watch(), Watch()
    watchers.add("$presence/a", one.watcher)
    watchers.add("$presence/b", other.watcher)
    one.page(1, "x")
    other.page(1, "x")
    assert watchers.on_gap("$presence/a") and not watchers.on_gap("$presence/c")
    assert (len(one.asked), len(other.asked)) == (1, 0)
    watchers.on_connected()
    assert len(other.asked) == 1
    other.watcher.stop()
    assert not watchers.on_gap("$presence/b")


if __name__ == "__main__":
    run(__file__)

#!/usr/bin/python3
"""The replies to one request."""

from esockets.message import Message
from esockets.reply_collector import ReplyCollector
from esockets.status import DeadlineExceededError, UnavailableError
from tests.support.pytest_main import run

ONE, TWO = Message("r", b"1"), Message("r", b"2")


def collector(replies_max):
    outcomes = []
    return ReplyCollector(replies_max, outcomes.append), outcomes


def test_ends_with_enough_of_them():
    replies, outcomes = collector(2)
    ends = []
    replies.set_on_end(lambda: ends.append(1))
    replies.on_reply(ONE)
    assert not replies.ended
    replies.on_reply(TWO)
    replies.on_reply(ONE)
    replies.on_timeout()
    replies.fail(UnavailableError("x"))
    assert (outcomes, ends) == ([[ONE, TWO]], [1])


def test_time_ends_it_with_what_has_come():
    replies, outcomes = collector(0)
    replies.on_reply(ONE)
    replies.on_timeout()
    assert outcomes == [[ONE]]


def test_nothing_in_time_is_an_error():
    replies, outcomes = collector(0)
    replies.on_timeout()
    assert isinstance(outcomes[0], DeadlineExceededError)


def test_fails_once():
    replies, outcomes = collector(1)
    reason = UnavailableError("x")
    replies.fail(reason)
    replies.fail(reason)
    assert outcomes == [reason] and replies.ended


def test_who_does_not_wait_any_more_is_not_told():
    replies, outcomes = collector(1)
    ends = []
    replies.set_on_end(lambda: ends.append(1))
    replies.drop()
    replies.drop()
    replies.on_reply(ONE)
    assert (replies.ended, outcomes, ends) == (True, [], [1])


if __name__ == "__main__":
    run(__file__)

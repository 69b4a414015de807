#!/usr/bin/python3
"""Requests that wait for the broker's answer."""

from esockets.delivery import Answer
from esockets.message import Message
from esockets.outgoing_buffer import PendingRequest
from esockets.pending_requests import PendingRequests
from esockets.reply_collector import ReplyCollector
from esockets.status import UnavailableError
from tests.support.pytest_main import run

GONE = UnavailableError("gone")


def plain(requests, id, end_offset=0):
    outcomes = []
    requests.add(PendingRequest(done=outcomes.append, id=id, end_offset=end_offset))
    return outcomes


def asking(requests, id, topic, replies_max=1):
    outcomes = []
    replies = ReplyCollector(replies_max, outcomes.append)
    requests.add(PendingRequest(replies=replies, reply_topic=topic, id=id))
    return outcomes


def test_an_answer_comes_once():
    requests = PendingRequests()
    outcomes = plain(requests, 1)
    assert requests.complete(1, Answer())
    assert not requests.complete(1, Answer())
    assert (outcomes, len(requests)) == ([Answer()], 0)


def test_a_request_goes_on_behind_its_published():
    requests = PendingRequests()
    outcomes = asking(requests, 1, "inbox/1", replies_max=2)
    assert requests.complete(1, Answer())
    assert requests.wants_replies(1)
    reply = Message("inbox/1", b"x")
    assert requests.take_reply(reply) and requests.take_reply(reply)
    assert not requests.take_reply(reply)
    assert outcomes == [[reply, reply]]
    assert not requests.wants_replies(1)


def test_other_messages_are_no_replies():
    requests = PendingRequests()
    asking(requests, 1, "inbox/1")
    assert not requests.take_reply(Message("inbox/2", b""))


def test_a_refusal_ends_a_request():
    requests = PendingRequests()
    outcomes = asking(requests, 1, "inbox/1")
    assert requests.complete(1, GONE)
    assert outcomes == [GONE]
    assert not requests.reply_topics


def test_who_has_given_up_hears_nothing():
    requests = PendingRequests()
    outcomes = plain(requests, 1) + asking(requests, 2, "inbox/1")
    requests.forget(1)
    requests.forget(2)
    requests.forget(3)
    requests.fail_all(GONE)
    assert (outcomes, len(requests)) == ([], 0)


def test_time_may_be_over_in_the_buffer():
    requests = PendingRequests()
    replies = ReplyCollector(1, lambda outcome: None)
    replies.on_timeout()
    requests.add(PendingRequest(replies=replies, reply_topic="inbox/1", id=1))
    assert len(requests) == 0


def test_a_broken_connection_fails_what_was_sent():
    requests = PendingRequests()
    sent, waiting = plain(requests, 1, end_offset=10), plain(requests, 2, end_offset=11)
    requests.fail_sent(10, GONE)
    assert (sent, waiting) == ([GONE], [])
    requests.fail_all(GONE)
    assert waiting == [GONE]


if __name__ == "__main__":
    run(__file__)

#!/usr/bin/python3
"""When a session comes back, and with what."""

import pytest

from esockets.dispatcher import SubscriptionName
from esockets.frames import ping_frame
from esockets.outgoing_buffer import PendingRequest
from esockets.status import UnavailableError
from tests.support.python_session import TestSession
from tests.support.pytest_main import run


@pytest.mark.parametrize("dice, waits", [
    (0.0, [0, 0, 0, 0]), (0.5, [0.05, 0.1, 0.2, 0.4, 0.5, 0.5]), (0.75, [0.075, 0.15, 0.3, 0.6]),
])
def test_waits_longer_after_each_failure(dice, waits):
    t = TestSession().start()
    t.dice = dice
    for wait in waits:
        t.break_()
        assert t.wait_for_dial() == pytest.approx(wait)


def test_only_a_connection_that_lasted_makes_the_next_wait_a_first_one():
    t = TestSession().start()
    t.break_()
    assert t.wait_for_dial() == pytest.approx(0.05)
    t.greet()
    t.loop.advance(0.199)  # the ceiling of the next wait is 0.2
    t.break_()
    assert t.wait_for_dial() == pytest.approx(0.1)
    t.greet()
    t.loop.advance(0.4)
    t.break_()
    assert t.wait_for_dial() == pytest.approx(0.05)


def test_an_attempt_has_its_time():
    t = TestSession(connect_timeout=3).start()
    t.loop.advance(2)
    t.transport.up()
    t.loop.advance(0.9)
    assert t.told() == ["connecting"]
    t.loop.advance(0.1)
    assert t.told() == ["waiting"]


def test_without_reconnect_the_first_failure_is_the_end():
    t = TestSession(reconnect=False).start()
    t.break_()
    assert t.told() == ["connecting", "closed"]
    assert t.loop.next_due is None


@pytest.mark.parametrize("close, wait", [
    ({"code": 241, "retryable": True}, 0.05),
    ({"code": 241, "retryable": True, "retry_after_ms": 3000}, 3.05),
    ({"code": 230, "retry_after_ms": 3000}, None),
])
def test_does_what_the_close_says(close, wait):
    for greeted in (True, False):
        t = TestSession().start()
        t.greet() if greeted else t.transport.up()
        t.told()
        t.say(close=close)
        assert t.told() == [f"close {close['code']}", "waiting" if wait else "closed"]
        if wait:
            assert t.wait_for_dial() == pytest.approx(wait)


def test_expired_credentials_are_the_end_unless_there_is_a_hook_for_others():
    for greeted in (True, False):
        t = TestSession().start()
        t.greet() if greeted else t.transport.up()
        t.told()
        t.say(close={"code": 233})
        assert t.told() == ["close 233", "closed"]
        asked = []
        t = TestSession(token_source=asked.append).start()
        t.transport.up()
        asked.pop()("old")
        if greeted:
            t.say(connected={"client_id": "me"})
        t.told()
        t.say(close={"code": 233, "retry_after_ms": 3000})
        assert t.told() == ["close 233", "waiting"]
        assert t.wait_for_dial() == pytest.approx(3.05)
        t.transport.up()
        asked.pop()("fresh")
        assert t.sent() == ["connect me fresh"]


def test_with_a_hook_other_refusals_are_the_end_all_the_same():
    asked = []
    t = TestSession(token_source=asked.append).start()
    t.transport.up()
    asked.pop()("wrong")
    t.say(close={"code": 230})
    assert t.told() == ["connecting", "close 230", "closed"]
    t = TestSession(token_source=asked.append, reconnect=False).start()
    t.transport.up()
    t.say(close={"code": 233})
    assert t.told() == ["connecting", "close 233", "closed"]


def test_a_transport_that_refuses_for_good_is_the_end():
    t = TestSession().start()
    t.transport.down(UnavailableError("HTTP 400"), retryable=False)
    assert t.told() == ["connecting", "closed"]


def test_leaves_when_told_and_comes_back_as_told():
    t = TestSession().start_connected()
    id = t.ask("before")
    t.sent()
    t.say(go_away={"code": 250, "retry_after_ms": 2000})
    t.publish("a", "kept")
    assert t.sent() == []
    t.say(published={"id": id})
    t.say(close={"code": 250, "retryable": True, "retry_after_ms": 500})
    assert t.told() == ["go away 250", "answer to before: yes", "close 250", "waiting"]
    assert t.wait_for_dial() == pytest.approx(2.05)
    t.greet()
    assert t.sent() == ["connect me", "publish a=kept"]


def test_is_connected_when_its_filters_stand_again():
    t = TestSession().start_connected("a", "b/#")
    t.reconnect()
    assert t.sent() == ["connect me", "subscribe 1 a", "subscribe 2 b/#"]
    t.say(subscribed={"id": 1})
    t.say(message={"topic": "a", "payload": b"1"})
    t.say(pong={})
    assert t.told() == ["waiting", "connecting", "a=1"]
    t.say(subscribed={"id": 2})
    assert t.told() == ["connected"]


def test_a_filter_that_comes_while_it_waits_is_asked_for_once():
    t = TestSession().start_connected()
    t.break_()
    t.subscribe("a")
    t.wait_for_dial()
    t.greet()
    assert t.sent() == ["connect me", "subscribe 1 a"]


def test_a_filter_that_is_refused_does_not_keep_it_from_being_connected():
    t = TestSession().start_connected("a")
    t.reconnect()
    t.told()
    t.say(error={"id": 1, "code": 120})
    assert t.told() == ["end of a: 120", "error 120", "connected"]
    t.sent()
    t.reconnect()
    assert t.sent() == ["connect me"]


def test_lost_before_its_filters_stand_is_not_connected():
    t = TestSession().start_connected("a")
    t.reconnect()
    t.break_()
    assert t.told() == ["waiting", "connecting", "waiting"]
    assert t.wait_for_dial() == pytest.approx(0.1)


def test_reads_until_its_filters_stand_though_it_is_paused():
    for paused_before in (True, False):
        t = TestSession().start_connected("a")
        if paused_before:
            t.session.pause_read()
        t.reconnect()
        if not paused_before:
            t.session.pause_read()
        assert not t.transport.paused
        t.told()
        t.say(subscribed={"id": 1})
        t.say(message={"topic": "a", "payload": b"1"})
        assert t.told() == ["connected"]
        assert t.transport.paused


def test_what_was_sent_fails_and_what_was_not_is_sent_again():
    t = TestSession().start_connected("a")
    t.ask("sent")
    t.sent()
    t.transport.congested = True
    t.ask("unsent")
    t.break_()
    assert t.told() == ["answer to sent: Unavailable", "waiting"]
    waiting = t.ask("waiting")
    t.transport.congested = False
    t.wait_for_dial()
    t.greet()
    assert t.sent() == ["connect me", "subscribe 1 a", "publish unsent=?", "publish waiting=?"]
    t.told()
    t.say(published={"id": waiting - 1})
    assert t.told() == ["answer to unsent: yes"]


def test_what_was_asked_of_the_connection_before_is_left_out():
    t = TestSession().start_connected("a")
    t.transport.congested = True
    t.subscribe("b")
    t.session.unsubscribe(SubscriptionName("a"), 1)
    t.publish("c", "1")
    t.transport.congested = False
    t.reconnect()
    assert t.sent() == ["connect me", "subscribe 1 b", "publish c=1"]


def test_the_end_fails_all_that_wait():
    t = TestSession().start_connected("a")
    t.ask("sent")
    t.transport.congested = True
    t.ask("unsent")
    t.say(close={"code": 230})
    assert t.told() == ["close 230", "answer to sent: 230", "answer to unsent: 230",
                        "end of a: 230", "closed"]


def test_each_connection_asks_for_a_token_of_its_own():
    asked = []
    t = TestSession(token_source=asked.append).start()
    t.transport.up()
    assert t.sent() == []
    asked[0]("first")
    assert t.sent() == ["connect me first"]
    t.break_()
    t.wait_for_dial()
    t.transport.up()
    asked[0]("of a connection that is gone")
    asked[1]("second")
    assert t.sent() == ["connect me second"]


def test_without_a_token_the_attempt_has_failed():
    asked = []
    t = TestSession(token_source=asked.append).start()
    t.transport.up()
    asked[0](UnavailableError("no token"))
    assert t.told() == ["connecting", "error Unavailable", "waiting"]


def test_nobody_who_closes_it_in_a_callback_confuses_it():
    t = TestSession().start_connected()
    t.ask("a")
    note = t.diary.append
    t.session._events.on_state_change = lambda state, reason: (note(state.value),
                                                               t.session.end(None))
    t.break_()
    assert t.told()[-1] == "closed"
    assert t.loop.next_due is None


def test_nor_who_closes_it_when_an_answer_fails():
    t = TestSession().start_connected()
    t.outgoing.add_control(ping_frame, PendingRequest(done=lambda outcome: t.session.end(None)))
    t.loop.run()
    t.break_()
    assert t.told() == ["closed"]
    assert t.loop.next_due is None


if __name__ == "__main__":
    run(__file__)

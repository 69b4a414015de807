#!/usr/bin/python3
"""A session while its connection stands, and to its end."""

import pytest

from esockets.dispatcher import SubscriptionName
from esockets.status import FailedPreconditionError
from tests.support.fake_python_transport import server_frame
from tests.support.python_session import FIRST_ID, TestSession
from tests.support.pytest_main import run


def test_greets_and_is_connected():
    t = TestSession(token="s3cret").start()
    t.greet()
    assert t.sent() == ["connect me s3cret"]
    assert t.told() == ["connecting", "connected"]
    assert (t.session.client_id, t.session.session_id, t.session.connects_total) == ("me", 7, 1)


def test_what_was_published_before_is_sent_behind_the_filters():
    t = TestSession().start()
    t.publish("a", "1")
    t.subscribe("b")
    t.greet()
    assert t.sent() == ["connect me", "subscribe 1 b", "publish a=1"]
    t.say(subscribed={"id": 1})
    assert t.told() == ["connecting", "b stands", "connected"]


def test_messages_and_their_news_come_in_order():
    t = TestSession().start_connected("a/#")
    t.say(message={"topic": "a/1", "payload": b"x"})
    t.say(gap={"filter": "a/#", "messages": 3, "reason": 1})
    t.say(message={"topic": "b", "payload": b"of nobody"})
    t.say(snapshot_end={"filter": "a/#"})
    t.say(message={"topic": "a", "payload": b"y"})
    assert t.told() == ["a/1=x", "gap a/# 3 BACKLOG_FULL", "snapshot end a/#", "a=y"]


def test_answers_come_to_those_who_asked():
    t = TestSession().start_connected()
    first, second = t.ask("a"), t.ask("b")
    t.say(published={"id": second})
    t.say(error={"id": first, "code": 120})
    t.say(pong={"id": 99})
    assert t.told() == ["answer to b: yes", "answer to a: 120"]


def test_replies_come_to_the_request():
    t = TestSession().start_connected("a")
    id = t.ask("a", "$INBOX/x/1")
    t.say(published={"id": id})
    t.say(message={"topic": "$INBOX/x/2", "payload": b"late"})
    assert t.told() == []
    t.say(message={"topic": "$INBOX/x/1", "payload": b"now"})
    t.say(message={"topic": "$INBOX/x/1", "payload": b"again"})
    assert t.told() == ["answer to a: yes"]


@pytest.mark.parametrize("code", [150, 152])
def test_an_error_of_a_request_whose_time_was_over_is_not_told(code):
    t = TestSession().start_connected()
    id = t.ask("a", "$INBOX/x/1")
    t.session.forget(id)
    t.say(error={"id": id, "code": code})
    assert t.told() == []


def test_a_request_that_names_an_inbox_that_is_gone_was_never_sent():
    t = TestSession().start_connected()
    id = t.ask("a", "$INBOX/x/1")
    t.say(error={"id": id, "code": 152})
    assert t.told() == ["answer to a: Unavailable"]


def test_errors_that_nobody_waits_for_are_told():
    t = TestSession().start_connected()
    t.say(error={"code": 122})
    t.say(error={"id": 77, "code": 114})
    assert t.told() == ["error 122"]


def test_stops_while_the_socket_is_congested():
    t = TestSession().start_connected()
    t.transport.congested = True
    t.publish("a", "1")
    assert t.sent() == []
    t.transport.uncongested()
    assert t.sent() == ["publish a=1"]


def test_a_pause_leaves_what_has_come_for_later():
    t = TestSession().start_connected("a")
    t.session.pause_read()
    assert t.transport.paused
    t.say(message={"topic": "a", "payload": b"1"})
    assert t.told() == []
    t.session.resume_read()
    t.loop.run()
    assert t.told() == ["a=1"]
    assert not t.transport.paused


def test_who_pauses_in_a_callback_gets_no_more_of_the_same_bytes():
    t = TestSession().start_connected()
    t.subscribe("a", t.session.pause_read)
    t.say(subscribed={"id": FIRST_ID})
    t.told()
    t.transport.say_bytes(server_frame(message={"topic": "a", "payload": b"1"})
                          + server_frame(message={"topic": "a", "payload": b"2"}))
    assert t.told() == ["a=1"]
    t.session.resume_read()
    t.loop.run()
    assert t.told() == ["a=2"]


def test_sends_signs_of_life_and_misses_the_brokers():
    t = TestSession().start_connected()
    t.reconnect()
    t.break_()
    t.wait_for_dial()
    t.greet(keep_alive_ms=2000)
    t.sent()
    t.told()
    for _ in range(3):
        t.loop.advance(1)
        assert t.sent() == ["ping"]
    t.say(pong={})
    for _ in range(3):
        t.loop.advance(1)
    assert t.told() == []
    t.loop.advance(1)
    assert t.told() == ["waiting"]


def test_a_transport_with_pings_of_its_own_needs_none_of_the_protocol():
    t = TestSession().start()
    t.transport.pings = 0
    t.greet(keep_alive_ms=2000)
    t.sent()
    t.loop.advance(3)
    assert (t.sent(), t.transport.pings) == ([], 3)
    t.transport.sign_of_life()
    t.loop.advance(3)
    assert t.told() == ["connecting", "connected"]


def test_who_does_not_listen_does_not_miss_anything():
    t = TestSession().start()
    t.greet(keep_alive_ms=2000)
    t.session.pause_read()
    t.loop.advance(60)
    assert t.told() == ["connecting", "connected"]


def with_token(expire_in_ms=10_000, **options):
    """Connected for so long; and the questions for tokens from then on."""
    asked = []
    t = TestSession(token_source=asked.append, **options).start()
    t.transport.up()
    asked.pop()("first")
    t.say(connected={"client_id": "me", "credentials_expire_in_ms": expire_in_ms})
    t.sent()
    t.told()
    return t, asked


def test_another_token_is_shown_over_the_same_connection():
    t, asked = with_token()
    t.transport.congested = True  # what is published waits
    t.publish("a", "1")
    t.loop.advance(8)
    asked.pop()("second")
    assert t.sent() == ["refresh second"]
    t.say(refreshed={"credentials_expire_in_ms": 20_000})
    t.loop.advance(16)
    asked.pop()("third")
    assert (t.sent(), t.told(), t.transport.dials) == (["refresh third"], [], 1)


def test_a_refresh_does_not_wait_for_the_filters():
    asked = []
    t = TestSession(token_source=asked.append).start()
    t.subscribe("a")
    t.transport.up()
    asked.pop()("first")
    t.say(connected={"client_id": "me", "credentials_expire_in_ms": 1000})
    t.loop.advance(0.8)
    asked.pop()("second")
    assert t.sent() == ["connect me first", "subscribe 1 a", "refresh second"]
    t.say(refreshed={})
    assert t.told() == ["connecting"]
    t.say(subscribed={"id": 1})
    assert t.told() == ["a stands", "connected"]


def test_a_refusal_of_the_new_token_is_told_once():
    t, asked = with_token()
    t.loop.advance(8)
    asked.pop()("wrong")
    t.say(error={"code": 129})
    assert t.told() == ["error 129"]
    t.loop.advance(1)
    asked.pop()("right")
    assert t.sent() == ["refresh wrong", "refresh right"]


def test_without_a_hook_nothing_is_refreshed():
    t = TestSession().start()
    t.greet(credentials_expire_in_ms=1000)
    t.sent()
    t.loop.advance(60)
    assert (t.sent(), t.told()) == ([], ["connecting", "connected"])
    t.say(refreshed={"credentials_expire_in_ms": 1000})
    t.say(error={"code": 129})
    t.loop.advance(60)
    assert (t.sent(), t.told()) == ([], ["error 129"])


@pytest.mark.parametrize("end", [
    lambda t: t.break_(), lambda t: t.session.end(None), lambda t: t.session.close()])
def test_a_token_that_comes_too_late_is_thrown_away(end):
    for is_asked in (True, False):
        t, asked = with_token(backoff_min=100, backoff_max=100)
        t.loop.advance(8 if is_asked else 7)
        end(t)
        t.sent()
        if is_asked:
            asked.pop()("late")
        t.loop.advance(30)
        assert (t.sent(), asked) == ([], [])


def test_who_closes_refreshes_no_connection_that_only_sends_what_is_buffered():
    t, asked = with_token()
    t.transport.congested = True
    t.publish("a", "1")
    t.session.close()
    t.break_()
    t.wait_for_dial()
    t.transport.up()
    asked.pop()("second")
    t.say(connected={"credentials_expire_in_ms": 1000})
    t.loop.advance(30)
    assert (t.sent(), asked) == (["connect me second"], [])
    t.transport.uncongested()
    assert t.sent() == ["publish a=1", "disconnect"]


def test_close_sends_what_is_buffered_and_says_goodbye():
    t = TestSession().start_connected("a")
    t.publish("b", "1")
    t.session.close()
    assert t.sent() == ["publish b=1", "disconnect"]
    t.say(message={"topic": "a", "payload": b"still"})
    t.say(close={"code": 200, "retryable": True})
    assert t.told() == ["a=still", "end of a: Ended", "closed"]
    with pytest.raises(FailedPreconditionError, match="closed"):
        t.publish("b", "2")


def test_close_without_a_connection_waits_only_for_what_is_buffered():
    t = TestSession().start()
    t.session.close()
    assert t.told() == ["connecting", "closed"]
    t = TestSession().start()
    t.publish("a", "1")
    t.session.close()
    t.greet()
    assert t.sent() == ["connect me", "publish a=1", "disconnect"]
    t.break_()
    assert t.told()[-1] == "closed"


def test_a_program_that_has_closed_and_does_not_receive_gets_to_its_end():
    t = TestSession().start_connected("a")
    t.session.pause_read()
    t.session.close()
    assert not t.transport.paused
    t.say(message={"topic": "a", "payload": b"1"})
    t.say(close={"code": 200, "retryable": True})
    assert t.told() == ["end of a: Ended", "closed"]


def test_who_subscribes_to_a_closed_client_is_told():
    t = TestSession().start_connected()
    t.session.end(None)
    t.subscribe("a")
    assert t.told() == ["closed", "end of a: Ended", "a refused: FailedPrecondition"]


def test_unsubscribe():
    t = TestSession().start_connected("a")
    t.session.unsubscribe(SubscriptionName("a"), 1)
    t.loop.run()
    assert (t.told(), t.sent()) == (["end of a: Ended"], ["unsubscribe a"])
    t.say(message={"topic": "a", "payload": b"1"})
    t.say(unsubscribed={"id": FIRST_ID})
    assert t.told() == []


@pytest.mark.parametrize("data", [b"\0\0", b"\xff\xff\xff\xff\xff\xff", b"\x02\x0a\xff",
                                  b"\x05\x12\x03\x0a\x01\xff"])
def test_what_is_not_the_protocol_ends_the_connection(data):
    t = TestSession().start_connected()
    t.transport.say_bytes(data)
    assert t.told() == ["waiting"]
    assert t.transport.drops == 1


def test_kinds_of_a_newer_broker_are_read_over():
    t = TestSession().start_connected("a")
    t.transport.say_bytes(b"\x05\xa2\x06\x02\x08\x01")
    t.say(message={"topic": "a", "payload": b"1"})
    assert t.told() == ["a=1"]


if __name__ == "__main__":
    run(__file__)

#!/usr/bin/python3
"""A session that comes back with what the broker has given it."""

from esockets.status import UnauthenticatedError
from tests.support.python_session import TestSession
from tests.support.pytest_main import run


def connected(ticket, **fields):
    return {"client_id": "me", "ticket": ticket, **fields}


def with_ticket(**options):
    """Connected, with a ticket."""
    t = TestSession(**options).start()
    t.greet(ticket=b"ticket1")
    t.sent()
    t.told()
    return t


def with_hook(**options):
    """The same; and the questions for tokens from then on. Each is answered at once."""
    asked = []

    def hook(tell):
        asked.append(tell)
        tell(f"t{len(asked)}")

    t = with_ticket(token_source=hook, **options)
    assert len(asked) == 1
    return t, asked


def come_back(t):
    """What the next connection begins with."""
    t.wait_for_dial()
    t.transport.up()
    t.told()
    return t.sent()


def break_and_come_back(t):
    t.break_()
    return come_back(t)


def test_the_last_ticket_is_shown_to_come_back():
    t = TestSession(token="s3cret").start()
    t.transport.up()
    assert t.sent() == ["connect me s3cret"]
    t.say(connected=connected(b"ticket1"))
    assert break_and_come_back(t) == ["connect me s3cret ticket1"]
    # Nobody knows whether it was taken.
    assert break_and_come_back(t) == ["connect me s3cret ticket1"]
    t.say(connected=connected(b"ticket2"))
    assert break_and_come_back(t) == ["connect me s3cret ticket2"]


def test_go_away_gives_another_ticket():
    t = with_ticket(user="u", password="p")
    t.say(go_away={"code": 250})
    assert break_and_come_back(t) == ["connect me u ticket1"]
    t.say(connected=connected(b"ticket1"))
    t.say(go_away={"code": 250, "ticket": b"ticket2"})
    t.say(close={"code": 250, "retryable": True})
    assert come_back(t) == ["connect me u ticket2"]


def test_connected_without_a_ticket_takes_it_away():
    t = with_ticket()
    break_and_come_back(t)
    t.say(connected=connected(b""))
    assert break_and_come_back(t) == ["connect me"]


def test_nobody_is_asked_for_a_token_while_there_is_a_ticket():
    t, asked = with_hook(token="of the environment")
    assert break_and_come_back(t) == ["connect me ticket1"]
    t.say(connected=connected(b"ticket2", credentials_expire_in_ms=10_000))
    assert len(asked) == 1
    t.loop.advance(8)
    assert t.sent() == ["refresh t2"]


def test_a_ticket_that_is_refused_is_followed_by_a_token():
    t, asked = with_hook()
    break_and_come_back(t)
    t.say(close={"code": 230})
    assert t.told() == ["close 230", "waiting"]
    assert come_back(t) == ["connect me t2"]
    t.say(close={"code": 230})
    assert t.told() == ["close 230", "closed"]
    assert len(asked) == 2


def test_a_ticket_that_is_refused_with_other_credentials_is_the_end():
    t = with_ticket(token="s3cret")
    break_and_come_back(t)
    t.say(close={"code": 230})
    assert t.told() == ["close 230", "closed"]


def test_expired_credentials_take_the_ticket_along():
    t, _ = with_hook()
    t.say(close={"code": 233})
    assert come_back(t) == ["connect me t2"]


def test_no_text_has_a_ticket():
    t, _ = with_hook()
    heard = []
    events = t.session._events
    events.on_state_change = events.on_go_away = events.on_close = lambda *said: heard.append(said)
    t.say(go_away={"code": 250, "text": "leave", "ticket": b"ticket2"})
    t.break_()
    t.wait_for_dial()
    t.transport.up()
    assert t.sent() == ["connect me ticket2"]
    t.say(close={"code": 230, "text": "no", "detail": "it is used"})
    assert isinstance(heard[-1][1], UnauthenticatedError)
    public = {name: value for name, value in vars(t.session).items() if name[0] != "_"}
    assert "ticket2" not in repr((heard, [str(said) for said in heard[-1]], public))


if __name__ == "__main__":
    run(__file__)

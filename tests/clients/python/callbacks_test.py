#!/usr/bin/python3
"""What a callback raises does no harm."""

from esockets.callbacks import CallbackSubscriber, guarded_events
from esockets.events import ClientEvents
from esockets.message import Gap, Message
from esockets.status import EndedError
from tests.support.pytest_main import run


def raising(*_):
    raise KeyError("mine")


def test_of_a_subscription():
    raised, heard = [], []
    subscriber = CallbackSubscriber(raising, raised.append)
    subscriber.on_message(Message("t", b""))
    assert [type(error) for error in raised] == [KeyError]
    subscriber = CallbackSubscriber(heard.append, raised.append)
    subscriber.on_message(Message("t", b""))
    subscriber.on_end(EndedError("over"))
    subscriber.on_message(Message("t", b""))
    assert len(heard) == 1


def test_of_events():
    raised, errors = [], []
    events = guarded_events(ClientEvents(on_gap=raising, on_error=errors.append), raised.append)
    events.on_gap(Gap("f"))
    assert (len(raised), events.on_close) == (1, None)
    events.on_error("as it is")
    assert errors == ["as it is"]


if __name__ == "__main__":
    run(__file__)

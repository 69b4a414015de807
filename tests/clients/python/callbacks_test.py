#!/usr/bin/python3
"""What a callback raises does no harm."""

import asyncio
import functools

import pytest

from esockets import SubscribeOptions
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


def test_of_a_future_that_was_cancelled():
    raised = []

    def cancelled(*_):
        raise asyncio.CancelledError

    CallbackSubscriber(cancelled, raised.append).on_message(Message("t", b""))
    guarded_events(ClientEvents(on_gap=cancelled), raised.append).on_gap(Gap("f"))
    assert [type(error) for error in raised] == [asyncio.CancelledError] * 2


def test_a_coroutine_that_nobody_awaits_is_an_error():
    raised = []
    CallbackSubscriber(lambda message: asynchronous(), raised.append).on_message(Message("t", b""))
    guarded_events(ClientEvents(on_gap=lambda gap: asynchronous()), raised.append).on_gap(Gap("f"))
    assert ["the coroutine asynchronous" in str(error) for error in raised] == [True] * 2
    CallbackSubscriber(lambda message: 7, raised.append).on_message(Message("t", b""))
    assert len(raised) == 2


def test_of_events():
    raised, errors = [], []
    events = guarded_events(ClientEvents(on_gap=raising, on_error=errors.append), raised.append)
    events.on_gap(Gap("f"))
    assert (len(raised), events.on_close) == (1, None)
    events.on_error("as it is")
    assert errors == ["as it is"]


async def asynchronous(*_):
    pass


class Asynchronous:
    __call__ = asynchronous


@pytest.mark.parametrize("callback", [
    None, "text", SubscribeOptions(), asynchronous, Asynchronous(),
    functools.partial(asynchronous, 1)], ids=str)
def test_what_would_never_be_run_is_refused(callback):
    with pytest.raises(TypeError, match="callback: a (plain )?function is wanted"):
        CallbackSubscriber(callback, raising)
    if callback is not None:
        with pytest.raises(TypeError, match="on_gap: "):
            guarded_events(ClientEvents(on_gap=callback), raising)
    with pytest.raises(TypeError, match="events: "):
        guarded_events(raising, raising)


if __name__ == "__main__":
    run(__file__)

"""The program's callbacks, kept from harming the client: what they raise goes to on_error."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Callable, Optional

from esockets.events import ClientEvents
from esockets.message import Message, MessageCallback
from esockets.status import Error

OnRaised = Callable[[Exception], None]


class CallbackSubscriber:
    """A subscription with a callback."""

    def __init__(self, callback: MessageCallback, on_raised: OnRaised) -> None:
        self._callback: Optional[MessageCallback] = callback
        self._on_raised = on_raised

    def on_message(self, message: Message) -> None:
        if self._callback:
            try:
                self._callback(message)
            except Exception as error:  # the program's own
                self._on_raised(error)

    def on_end(self, reason: Error) -> None:
        self._callback = None


def guarded(callback: Callable[..., Any], on_raised: OnRaised) -> Callable[..., None]:
    """The same callback, which does not raise."""

    def call(*arguments: Any) -> None:
        try:
            callback(*arguments)
        except Exception as error:  # the program's own
            on_raised(error)

    return call


def guarded_events(events: ClientEvents, on_raised: OnRaised) -> ClientEvents:
    """But for on_error, which `on_raised` is to call."""
    return replace(events, **{
        name: guarded(callback, on_raised)
        for name in (field.name for field in fields(events)) if name != "on_error"
        for callback in [getattr(events, name)] if callback})

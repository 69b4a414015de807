"""The program's callbacks, kept from harming the client: what they raise goes to on_error."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import fields, replace
from typing import Any, Callable, Optional

from esockets.events import ClientEvents
from esockets.message import Message, MessageCallback
from esockets.status import Error

# What a callback may raise: also what a future says that was cancelled, which is no Exception.
RAISED = (Exception, asyncio.CancelledError)

OnRaised = Callable[[BaseException], None]


class CallbackSubscriber:
    """A subscription with a callback."""

    def __init__(self, callback: MessageCallback, on_raised: OnRaised) -> None:
        """Errors: TypeError."""
        check_callback(callback, "callback")
        self._callback: Optional[Callable[[Message], object]] = callback
        self._on_raised = on_raised

    def on_message(self, message: Message) -> None:
        if self._callback:
            try:
                if (result := self._callback(message)) is not None:
                    _check_result(result)
            except RAISED as error:  # the program's own
                self._on_raised(error)

    def on_end(self, reason: Error) -> None:
        self._callback = None


def check_callable(callback: object, name: str) -> None:
    """Errors: TypeError."""
    if not callable(callback):
        raise TypeError(f"{name}: a function is wanted, not {type(callback).__name__}")


def check_callback(callback: object, name: str) -> None:
    """Errors: TypeError of what cannot be called, and of a coroutine function: nobody would await
    what it returns, and what it does would not happen."""
    check_callable(callback, name)
    if inspect.iscoroutinefunction(callback) or \
            inspect.iscoroutinefunction(getattr(callback, "__call__")):
        raise TypeError(f"{name}: a plain function is wanted, not a coroutine function; what "
                        "awaits belongs into a task, which may read from an iterator")


def _check_result(result: object) -> None:
    """Errors: TypeError of a coroutine, as of `lambda message: client.publish(...)`."""
    if inspect.iscoroutine(result):
        result.close()
        raise TypeError(f"a callback returned the coroutine {result.__qualname__}, which nobody "
                        "awaits: publish_nowait and reply need no await")


def guarded(callback: Callable[..., Any], on_raised: OnRaised) -> Callable[..., None]:
    """The same callback, which does not raise."""

    def call(*arguments: Any) -> None:
        try:
            _check_result(callback(*arguments))
        except RAISED as error:  # the program's own
            on_raised(error)

    return call


def guarded_events(events: ClientEvents, on_raised: OnRaised) -> ClientEvents:
    """But for on_error, which `on_raised` is to call. Errors: TypeError."""
    if not isinstance(events, ClientEvents):
        raise TypeError(f"events: ClientEvents are wanted, not {type(events).__name__}")
    callbacks = {field.name: callback for field in fields(events)
                 if (callback := getattr(events, field.name)) is not None}
    for name, callback in callbacks.items():
        check_callback(callback, name)
    return replace(events, **{name: guarded(callback, on_raised)
                              for name, callback in callbacks.items() if name != "on_error"})

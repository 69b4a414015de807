"""Inside of a client, whatever its face: everything that lives on the loop."""

from __future__ import annotations

import asyncio
import inspect
import threading
from dataclasses import replace
from typing import Any, Callable, List, Optional, Union, cast

from esockets.address import Address
from esockets.callbacks import RAISED, check_callable, guarded_events
from esockets.events import ClientEvents, State
from esockets.frames import connect_frame
from esockets.message import Gap
from esockets.options import ClientOptions, WhenFull
from esockets.outgoing_buffer import OutgoingBuffer
from esockets.presence_watcher import PresenceWatchers
from esockets.session import Session
from esockets.socket_transport import SocketTransport
from esockets.status import Error, InvalidArgumentError, Outcome, UnavailableError
from esockets.tls import Tls
from esockets.topic import is_utf8
from esockets.waiting import Waiters
from esockets.websocket_transport import WebSocketTransport

# Of the options: without them the client would come to a stop later.
_NUMBERS = ("connect_timeout", "request_timeout", "backoff_min", "backoff_max",
            "outgoing_bytes_max")

# Whoever waits for a state; told whether it is there.
_Wanted = Callable[[], bool]


class ClientCore:
    """Made and used on the loop; `outgoing` by any thread."""

    def __init__(self, options: ClientOptions, events: ClientEvents) -> None:
        _check(options)
        self.options = options
        self.loop = asyncio.get_running_loop()
        self._thread_id = threading.get_ident()
        self._theirs = events
        self.state = State.CONNECTING
        # Why the last connection failed or ended; None while there is none such.
        self.reason: Optional[Error] = None
        # Of CLOSED.
        self.end_reason: Optional[Error] = None
        self._waiting = Waiters()
        self.on_room: List[Callable[[], None]] = [self._waiting.wake_all]
        self._token_task: Optional[asyncio.Task[None]] = None
        self.outgoing = OutgoingBuffer(options.outgoing_bytes_max, options.when_full, self._wake,
                                       self._tell_of_room)
        self.watchers = PresenceWatchers()
        self.session = Session(self.loop, self._new_transport(), self.outgoing,
                               replace(options, dice=self._throw if options.dice else None),
                               self._with_ours(guarded_events(events, self.on_raised)),
                               self._ask_token if options.token_refresh else None)

    def _new_transport(self) -> SocketTransport:
        address = Address.parse(self.options.address)
        tls = Tls.of(self.options.tls, address)
        return (WebSocketTransport if address.url else SocketTransport)(self.loop, address, tls)

    # --- what others are told

    def on_raised(self, error: BaseException) -> None:
        """By a callback of the program's."""
        if self._theirs.on_error:
            try:
                return self._theirs.on_error(cast(Exception, error))
            except RAISED as another:  # the program's own
                error = another
        self.loop.call_exception_handler(
            {"message": "a callback of an esockets client raised", "exception": error})

    def _with_ours(self, events: ClientEvents) -> ClientEvents:
        return replace(
            events, on_error=self._on_error if events.on_error else None,
            on_state_change=lambda state, reason: self._on_state_change(state, reason, events),
            on_gap=lambda gap: self._on_gap(gap, events))

    def _on_error(self, error: Exception) -> None:
        self.on_raised(error)

    def _on_state_change(self, state: State, reason: Optional[Error],
                         events: ClientEvents) -> None:
        # A connection may have to be refreshed before it is CONNECTED: that token is wanted.
        if state is not State.CONNECTED:
            self._forget_token_task()
        self.state = state
        self.reason = reason or self.reason
        if state is State.CLOSED:
            self.end_reason = reason
        self._waiting.wake_all()
        if state is State.CONNECTED:
            self.watchers.on_connected()
        if events.on_state_change:
            events.on_state_change(state, reason)

    def _on_gap(self, gap: Gap, events: ClientEvents) -> None:
        is_watched = self.watchers.on_gap(gap.filter)
        if events.on_gap and not is_watched:
            events.on_gap(gap)

    # --- waiting

    async def until(self, wanted: _Wanted, timeout: Optional[float],
                    late: str = "no answer in time") -> None:
        """Looks after each change of state and of the buffer. Errors: DeadlineExceededError."""
        await self._waiting.until(wanted, timeout, late)

    async def until_connected(self, timeout: float) -> None:
        """Errors: the failure of the first attempt; DeadlineExceededError."""
        await self.until(lambda: self.state in (State.CONNECTED, State.CLOSED)
                         or self.reason is not None, timeout)
        if self.state is not State.CONNECTED:
            raise self.reason or UnavailableError("the client is closed")

    def _tell_of_room(self) -> None:
        for tell in self.on_room:
            tell()

    # --- the loop

    @property
    def on_loop(self) -> bool:
        """Is it the caller's thread?"""
        return threading.get_ident() == self._thread_id

    def _wake(self) -> None:
        if self.on_loop:
            self.loop.call_soon(self.session.drain)
        else:
            self.later(self.session.drain)()

    def later(self, call: Callable[[], Any]) -> Callable[[], None]:
        """The same on the loop, for any thread. Dropped when the loop is gone."""

        def on_loop() -> None:
            try:
                self.loop.call_soon_threadsafe(call)
            except RuntimeError:
                pass

        return on_loop

    # --- what the program is asked for

    def _throw(self) -> float:
        dice = self.options.dice
        assert dice
        try:
            return min(max(float(dice()), 0), 1)
        except RAISED as error:  # the program's own
            self.on_raised(error)
            return 1

    def _ask_token(self, tell: Callable[[Outcome[str]], None]) -> None:
        refresh = self.options.token_refresh
        assert refresh
        try:
            token: Union[str, Any] = refresh()
        except RAISED as error:  # the program's own
            return tell(_no_token(error))
        if inspect.isawaitable(token):
            self._token_task = self.loop.create_task(self._await_token(token, tell))
        else:
            tell(_checked(token))

    async def _await_token(self, token: Any, tell: Callable[[Outcome[str]], None]) -> None:
        """Of one that is forgotten nobody hears, however it ends, and however late."""
        try:
            result = _checked(await token)
        except RAISED as error:  # the program's own
            result = _no_token(error)
        if self._token_task is asyncio.current_task():
            self._token_task = None
            tell(result)

    def _forget_token_task(self) -> None:
        """What it brings would be of an attempt that is over."""
        task, self._token_task = self._token_task, None
        if task:
            task.cancel()


def _check(options: ClientOptions) -> None:
    """Can a connection begin with them? Errors: InvalidArgumentError; TypeError of a token_refresh
    that cannot be called."""
    try:
        connect_frame(options, options.token)
    # Text that is none, numbers out of range.
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        raise InvalidArgumentError(f"options: {error}") from None
    for name in _NUMBERS:
        number = getattr(options, name)
        if not isinstance(number, (int, float)) or not number >= 0:
            raise InvalidArgumentError(
                f"options: {name}: a number is wanted, 0 or more, not {number!r}")
    if not isinstance(options.when_full, WhenFull):
        raise InvalidArgumentError(
            f"options: when_full: one of WhenFull is wanted, not {options.when_full!r}")
    for name in ("token_refresh", "dice"):
        if getattr(options, name) is not None:
            check_callable(getattr(options, name), name)


def _checked(token: Any) -> Outcome[str]:
    if isinstance(token, str) and is_utf8(token):
        return token
    return UnavailableError("token_refresh: no text")


def _no_token(error: BaseException) -> Error:
    return error if isinstance(error, Error) else UnavailableError(f"token_refresh: {error!r}")

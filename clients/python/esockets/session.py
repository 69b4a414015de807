"""The client's side of the native protocol: greets, subscribes again, sends what is buffered, and
decides after each end whether and when to come back.

It knows neither sockets nor threads: a test runs it on a simulated loop.
"""

from __future__ import annotations

import enum
from typing import Callable, List, Optional

from esockets import server_frames
from esockets.backoff import Backoff
from esockets.dispatcher import SubscriptionName
from esockets.events import ClientEvents, State
from esockets.filter_entry import Subscribed
from esockets.frame_reader import FrameReader
from esockets.frames import connect_frame, disconnect_frame, ping_frame
from esockets.limits import FRAME_BYTES_MAX_BEFORE_CONNECTED, SEND_PIECE_BYTES, SILENT_TICKS_MAX
from esockets.loop import Loop, Timer
from esockets.options import ClientOptions, SubscribeOptions
from esockets.outgoing_buffer import OutgoingBuffer, PendingRequest
from esockets.proto import esockets_pb2 as pb
from esockets.receiver import Receiver
from esockets.refresher import Refresher, TokenSource
from esockets.status import (CREDENTIALS_EXPIRED, BrokerError, DeadlineExceededError, EndedError,
                             Error, FailedPreconditionError, Outcome, ProtocolError,
                             UnavailableError, to_error)
from esockets.subscription_set import Done
from esockets.ticket import Ticket
from esockets.transport import Transport


class _Phase(enum.Enum):
    NEW = 0
    WAITING = 1
    DIALING = 2
    GREETING = 3
    UP = 4
    ENDED = 5


class Session:
    """Called on the loop, but for frame_bytes_max."""

    def __init__(self, loop: Loop, transport: Transport, outgoing: OutgoingBuffer,
                 options: ClientOptions, events: ClientEvents,
                 token_source: Optional[TokenSource] = None) -> None:
        self._loop = loop
        self._transport = transport
        self._outgoing = outgoing
        self._options = options
        self._events = events
        self._token_source = token_source
        # What the broker takes as one frame, in bytes. Any thread reads it.
        self.frame_bytes_max = FRAME_BYTES_MAX_BEFORE_CONNECTED
        # As of Connected; empty before the first one.
        self.client_id = ""
        # Of the connection; empty when the broker knows no inboxes.
        self.inbox = ""
        self.session_id = 0
        self.connects_total = 0
        self._phase = _Phase.NEW
        # Of UP: the filters are asked for again, and the broker is not through with them. Reads on
        # even when paused: who waits for CONNECTED before it receives would wait for ever.
        self._subscribing = False
        self._closing = False  # close was called
        self._goodbye = False  # Disconnect is sent
        self._leaving = False  # the broker has sent GoAway
        self._pauses = 0
        self._reading = False  # a frame is being handled
        self._silent_ticks = 0  # of the keep-alive, without input
        self._keep_alive = 0.0
        self._retry_after = 0.0  # the broker's wish
        self._connected_at = 0.0
        self._timer: Optional[Timer] = None  # wait, connect timeout, or keep-alive
        self._backoff = Backoff(options.backoff_min, options.backoff_max, options.dice)
        self._input = FrameReader()
        self._receiver = Receiver(outgoing, events)
        self._requests = self._receiver.requests
        self._subscriptions = self._receiver.subscriptions
        self._ticket = Ticket()
        self._refresher = Refresher(loop, token_source, transport.send, options, events)
        transport.set_listener(self)

    def start(self) -> None:
        """Makes the first connection."""
        if self._phase is _Phase.NEW:
            self._dial()

    # --- a connection, from its beginning

    def _dial(self) -> None:
        self._phase = _Phase.DIALING
        self._set_timer(self._options.connect_timeout, lambda: self._fail(DeadlineExceededError(
            f"no answer from {self._options.address} in time")))
        self._set_state(State.CONNECTING, None)
        if self._phase is _Phase.DIALING:
            self._input.clear()
            self._transport.dial()

    def on_up(self) -> None:
        self._phase = _Phase.GREETING
        if self._token_source is None:
            return self._greet(self._options.token)
        if self._ticket:
            return self._greet("")  # it stands for a token
        attempt = self._timer
        self._token_source(lambda token: self._on_token(token, attempt))

    def _on_token(self, token: Outcome[str], attempt: Optional[Timer]) -> None:
        if self._phase is not _Phase.GREETING or attempt is not self._timer:
            return  # of a connection that is gone
        if isinstance(token, str):
            return self._greet(token)
        if self._events.on_error:
            self._events.on_error(token)
        self._fail(token)

    def _greet(self, token: str) -> None:
        ticket = self._ticket.show(self._options, token)
        self._transport.send(connect_frame(self._options, token, ticket))

    def on_bytes(self, data: bytes) -> None:
        self._silent_ticks = 0
        self._input.feed(data)
        self._read()

    def on_sign_of_life(self) -> None:
        self._silent_ticks = 0

    def _read(self) -> None:
        if self._reading:
            return
        self._reading = True
        on_message = self._receiver.on_message
        try:
            while self._reads():
                frame = self._input.next()
                if frame is None:
                    break
                if isinstance(frame, bytes):
                    self._on_other_frame(frame)
                else:
                    on_message(frame)
        except ProtocolError as error:
            self._fail(error)
        except BaseException:  # a callback wants to end the program: what came behind it waits
            self._loop.call_soon(self._read)
            raise
        finally:
            self._reading = False

    def _on_other_frame(self, body: bytes) -> None:
        frame = server_frames.parse(body)
        kind = frame.WhichOneof("kind")
        if kind == "connected":
            self._on_connected(frame.connected)
        elif kind == "go_away":
            self._ticket.on_go_away(frame.go_away.ticket)
            self._on_go_away(server_frames.go_away_of(frame.go_away))
        elif kind == "close":
            self.on_transport_close(server_frames.error_of(frame.close))
        elif not self._refresher.on_frame(kind, frame):
            self._receiver.on_frame(kind, frame)
            self._be_connected_if_subscribed()

    def _on_connected(self, connected: pb.Connected) -> None:
        if self._phase is not _Phase.GREETING:
            return
        self._phase = _Phase.UP
        self._connected_at = self._loop.time()
        self.client_id = connected.client_id
        self.inbox = connected.inbox
        self._ticket.on_connected(connected.ticket)
        self.session_id = connected.session_id
        self.connects_total += 1
        self.frame_bytes_max = connected.limits.frame_bytes_max or self.frame_bytes_max
        self._keep_alive = connected.keep_alive_ms / 1000
        self._silent_ticks = 0
        self._cancel_timer()
        if self._keep_alive > 0:
            self._set_timer(self._keep_alive / 2, self._on_tick)
        if not self._closing:
            self._refresher.begin(connected.credentials_expire_in_ms)
        frames = self._subscriptions.on_up()
        self._subscribing = True
        if frames:
            self._transport.send(frames)
        self._be_connected_if_subscribed()
        self.drain()

    def _be_connected_if_subscribed(self) -> None:
        if not self._subscribing or not self._subscriptions.is_up_again:
            return
        self._subscribing = False
        if not self._reads():
            self._transport.pause_read()
        if not self._goodbye:
            self._set_state(State.CONNECTED, None)

    # --- while it stands

    def drain(self) -> None:
        """The outgoing buffer has something new."""
        if self._phase is not _Phase.UP or self._goodbye or (self._leaving and not self._closing):
            return
        while not self._transport.congested:
            requests: List[PendingRequest] = []
            frames = self._outgoing.take(SEND_PIECE_BYTES, requests)
            for request in requests:
                self._requests.add(request)
            if not frames:
                break
            self._transport.send(frames)
        if self._closing and not self._outgoing.bytes_waiting:
            self._say_goodbye()

    def on_uncongested(self) -> None:
        self.drain()

    def forget(self, request_id: int) -> None:
        """Whoever asked does not wait any more."""
        self._requests.forget(request_id)

    def subscribe(self, filter: str, options: SubscribeOptions, subscribed: Subscribed,
                  done: Done) -> None:
        if self._phase is _Phase.ENDED or self._closing:
            subscribed.subscriber.on_end(EndedError("the client is closed"))
            return done(FailedPreconditionError("the client is closed"))
        self._subscriptions.add(filter, options, subscribed, done)

    def unsubscribe(self, name: SubscriptionName, subscriber_id: int) -> None:
        self._subscriptions.remove(name, subscriber_id)

    def pause_read(self) -> None:
        """Counted; across connections."""
        self._note_pauses(1)
        if self._phase is _Phase.UP and not self._reads():
            self._transport.pause_read()

    def resume_read(self) -> None:
        self._silent_ticks = 0
        self._note_pauses(-1)
        if not self._pauses and self._phase is _Phase.UP:
            self._transport.resume_read()
            self._loop.call_soon(self._read)

    def _on_tick(self) -> None:
        if not self._reads():
            self._silent_ticks = 0  # it is we who do not listen
        self._silent_ticks += 1
        if self._silent_ticks > SILENT_TICKS_MAX:
            return self._fail(UnavailableError("nothing was heard from the broker for too long"))
        if not self._transport.ping():
            self._transport.send(ping_frame(0))
        self._set_timer(self._keep_alive / 2, self._on_tick)

    # --- to its end

    def _on_go_away(self, go_away: BrokerError) -> None:
        self._leaving = True
        self._retry_after = go_away.retry_after_ms / 1000
        if self._events.on_go_away:
            self._events.on_go_away(go_away)

    def close(self) -> None:
        """Takes nothing more, sends what is buffered, says goodbye; then the state is CLOSED."""
        if self._closing or self._phase is _Phase.ENDED:
            return
        self._closing = True
        self._refresher.stop()
        self._outgoing.close(FailedPreconditionError("the client is closed"))
        # Without a connection only what is buffered is worth waiting for one.
        if self._phase is not _Phase.UP and not self._outgoing.bytes_waiting:
            return self.end(None)
        self.drain()

    def _say_goodbye(self) -> None:
        self._goodbye = True
        self._note_pauses(0)
        self._transport.send(disconnect_frame())
        # The broker's goodbye is behind what a paused client did not read.
        self._transport.resume_read()
        self._loop.call_soon(self._read)

    def on_transport_close(self, close: BrokerError) -> None:
        if self._events.on_close and not self._goodbye:
            self._events.on_close(close)
        self._transport.drop()
        self._retry_after = max(self._retry_after, close.retry_after_ms / 1000)
        # Who is asked for each token has a fresh one.
        is_renewed = close.code == CREDENTIALS_EXPIRED and self._token_source is not None
        is_ticket_refused = self._ticket.on_close(close.code)
        self._fail_or_wait(to_error(close), close.retryable or is_renewed or is_ticket_refused)

    def on_down(self, reason: Error, retryable: bool = True) -> None:
        self._fail_or_wait(reason, retryable)

    def _fail(self, reason: Error) -> None:
        """The connection is given up: what was sent over it may be lost."""
        self._transport.drop()
        self._fail_or_wait(reason, retryable=True)

    def _fail_or_wait(self, reason: Error, retryable: bool) -> None:
        if self._phase in (_Phase.ENDED, _Phase.WAITING):
            return
        self._cancel_timer()
        lasted = self._phase is _Phase.UP and \
            self._loop.time() - self._connected_at >= self._backoff.ceiling
        self._phase = _Phase.WAITING
        self._refresher.stop()
        self.inbox = ""
        self._requests.fail_sent(self._outgoing.consumed_total, reason)
        self._subscriptions.on_down()
        if lasted:
            self._backoff.reset()
        if self._goodbye or (self._closing and not self._outgoing.bytes_waiting):
            return self.end(None)
        if self._is_over():  # by one of those who were told
            return
        if not retryable or not self._options.reconnect:
            return self.end(reason)
        self._wait(reason)

    def _wait(self, reason: Error) -> None:
        self._leaving = False
        wait, self._retry_after = self._backoff.next() + self._retry_after, 0.0
        self._set_timer(wait, self._dial)
        self._set_state(State.WAITING, reason)

    def end(self, reason: Optional[Error]) -> None:
        """At once. `reason`: why; None for a client that wanted it."""
        if self._phase is _Phase.ENDED:
            return
        self._phase = _Phase.ENDED
        self._cancel_timer()
        self._refresher.stop()
        self._transport.drop()
        for_callers = reason or FailedPreconditionError("the client is closed")
        self._outgoing.close(for_callers)
        requests: List[PendingRequest] = []
        while self._outgoing.take(SEND_PIECE_BYTES, requests):
            pass
        for request in requests:
            self._requests.add(request)
        self._requests.fail_all(for_callers)
        self._subscriptions.end(reason or EndedError("the client is closed"))
        self._set_state(State.CLOSED, reason)

    # --- helpers

    def _note_pauses(self, change: int) -> None:
        self._pauses += change
        self._receiver.answers_only = self._goodbye and self._pauses > 0

    def _is_over(self) -> bool:
        return self._phase is _Phase.ENDED

    def _reads(self) -> bool:
        return self._phase is _Phase.UP and (
            not self._pauses or self._subscribing or self._goodbye) \
            or self._phase is _Phase.GREETING

    def _set_timer(self, delay: float, due: Callable[[], None]) -> None:
        self._cancel_timer()
        self._timer = self._loop.call_later(delay, due)

    def _cancel_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _set_state(self, state: State, reason: Optional[Error]) -> None:
        if self._events.on_state_change:
            self._events.on_state_change(state, reason)

"""Shows the broker another token in time: before the credentials of a connection expire."""

from __future__ import annotations

from typing import Callable, Optional

from esockets import server_frames
from esockets.backoff import Backoff
from esockets.events import ClientEvents
from esockets.frames import refresh_frame
from esockets.limits import REFRESH_AFTER_SHARE, REFRESH_PAUSE
from esockets.loop import Loop, Timer
from esockets.options import ClientOptions
from esockets.proto import esockets_pb2 as pb
from esockets.status import REFRESH_REFUSED, Error, Outcome, to_error

# Asks for a token; tells it, or why there is none. Called on the loop, as `tell`.
TokenSource = Callable[[Callable[[Outcome[str]], None]], None]


class Refresher:
    """Of a session, across its connections. Called on the loop. Without a source it does nothing."""

    def __init__(self, loop: Loop, source: Optional[TokenSource], send: Callable[[bytes], None],
                 options: ClientOptions, events: ClientEvents) -> None:
        self._loop = loop
        self._source = source
        self._send = send
        self._events = events
        self._backoff = Backoff(options.backoff_min, options.backoff_max, options.dice)
        self._timer: Optional[Timer] = None  # until a token is asked for
        self._asked: Optional[object] = None  # stands for the token that is waited for
        self._unanswered = False  # a Refresh

    def begin(self, expire_in_ms: int) -> None:
        """Of a new connection. `expire_in_ms`: as of Connected; 0: never."""
        self.stop()
        self._backoff.reset()
        self._ask_in_time(expire_in_ms, 0)

    def stop(self) -> None:
        """No Refresh is sent from here on; a token that still comes is thrown away."""
        if self._timer:
            self._timer.cancel()
        self._timer = self._asked = None
        self._unanswered = False

    def on_frame(self, kind: Optional[str], frame: pb.ServerFrame) -> bool:
        """False: it is not the answer to a Refresh."""
        if not self._unanswered:
            return False
        if kind == "refreshed":
            self._unanswered = False
            self._backoff.reset()
            self._ask_in_time(frame.refreshed.credentials_expire_in_ms, REFRESH_PAUSE)
        elif kind == "error" and frame.error.code == REFRESH_REFUSED:
            self._unanswered = False
            self._fail(to_error(server_frames.error_of(frame.error)))
        else:
            return False
        return True

    def _ask_in_time(self, expire_in_ms: int, wait_min: float) -> None:
        if self._source and expire_in_ms:
            self._ask_after(max(expire_in_ms / 1000 * REFRESH_AFTER_SHARE, wait_min))

    def _ask_after(self, wait: float) -> None:
        self._timer = self._loop.call_later(wait, self._ask)

    def _ask(self) -> None:
        self._timer = None
        assert self._source
        asked = self._asked = object()
        self._source(lambda token: self._on_token(token, asked))

    def _on_token(self, token: Outcome[str], asked: object) -> None:
        if asked is not self._asked:
            return
        self._asked = None
        if not isinstance(token, str):
            return self._fail(token)
        self._unanswered = True
        self._send(refresh_frame(0, token))

    def _fail(self, reason: Error) -> None:
        """The old token counts until it expires."""
        self._ask_after(max(self._backoff.next(), REFRESH_PAUSE))
        if self._events.on_error:
            self._events.on_error(reason)

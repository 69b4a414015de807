"""What a session needs of the network: bytes there and back, over one connection at a time."""

from __future__ import annotations

from typing import Protocol

from esockets.status import BrokerError, Error


class TransportListener(Protocol):
    """Called on the loop."""

    def on_up(self) -> None:
        """The connection stands."""

    def on_down(self, reason: Error, retryable: bool = True) -> None:
        """It could not be made, or it ended. It is gone."""

    def on_bytes(self, data: bytes) -> None:
        """Input."""

    def on_sign_of_life(self) -> None:
        """Input that is none of the native protocol, such as a Pong of WebSocket's."""

    def on_transport_close(self, close: BrokerError) -> None:
        """The broker ends the connection, in words of the transport's."""

    def on_uncongested(self) -> None:
        """It was congested, and is not any more."""


class Transport(Protocol):
    """Called on the loop. The listener is never called from within these, but for pause_read's
    twin."""

    # More is queued than the socket takes at the moment.
    congested: bool

    def set_listener(self, listener: TransportListener) -> None: ...

    def dial(self) -> None:
        """Begins a connection; on_up or on_down follows. REQUIRES: there is none."""

    def drop(self) -> None:
        """Forgets the connection, or the attempt, at once; no call follows. No effect when there is
        none."""

    def send(self, frames: bytes) -> None:
        """Whole frames. No effect when the connection does not stand."""

    def ping(self) -> bool:
        """Asks for a sign of life in the transport's own words; False: it has none."""

    def pause_read(self) -> None:
        """Not counted. A new connection reads. What has been read already may still come."""

    def resume_read(self) -> None: ...

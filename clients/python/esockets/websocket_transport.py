"""The transport over WebSocket, ws:// and wss://HOST:PORT: the native stream in binary messages.

It needs python3-websockets, whose protocol without input and output does the framing.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Optional, cast

from esockets.address import Address
from esockets.socket_transport import Link, SocketTransport
from esockets.status import (NOT_RETRYABLE_CLOSES, BrokerError, FailedPreconditionError,
                             UnavailableError)
from esockets.tls import Tls

# What the broker selects.
SUBPROTOCOL = "esockets.v1"

# A native code of Close is this much less than the code that ends the WebSocket.
CLOSE_CODES_FROM = 4000

# Codes of RFC 6455 that say that this client does not speak WebSocket as it should.
_OUR_MISTAKES = (1002, 1003, 1007, 1009)

_UNSUPPORTED_DATA, _GOING_AWAY = 1003, 1001

_log = logging.getLogger("esockets.websocket")
_log.setLevel(logging.WARNING)


def _new_connection(url: str) -> Any:
    """Errors: FailedPreconditionError when websockets is not installed."""
    try:
        import websockets.client as client
        from websockets.uri import parse_uri
    except ImportError:
        raise FailedPreconditionError(
            "ws:// and wss:// need the package websockets (Debian: python3-websockets)") from None
    # Named anew in websockets 11.
    protocol = getattr(client, "ClientProtocol", None) or getattr(client, "ClientConnection")
    return protocol(parse_uri(url), subprotocols=[SUBPROTOCOL], max_size=None, logger=_log)


class WebSocketTransport(SocketTransport):
    """Of a client, across its connections. Errors: FailedPreconditionError without websockets."""

    def __init__(self, loop: asyncio.AbstractEventLoop, address: Address,
                 tls: Optional[Tls] = None) -> None:
        super().__init__(loop, address, tls)
        _new_connection(address.url)

    def new_link(self) -> Link:
        return _WebSocketLink(self)

    def ping(self) -> bool:
        link = cast(Optional[_WebSocketLink], self._link)
        if link:
            link.ping()
        return True


class _WebSocketLink(Link):

    def __init__(self, transport: WebSocketTransport) -> None:
        super().__init__(transport)
        self._protocol = _new_connection(transport.address.url)
        self._is_open = False

    def begin(self) -> None:
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    @property
    def _may_send(self) -> bool:
        """Not behind a Close, which has been read although what came in front of it is still being
        handled."""
        return self._is_open and bool(self._protocol.state.name == "OPEN")

    def send(self, frames: bytes) -> None:
        if self._may_send:
            self._protocol.send_binary(frames)
            self._flush()

    def ping(self) -> None:
        """Its Pong is a sign of life."""
        if self._may_send:
            self._protocol.send_ping(b"")
            self._flush()

    def data_received(self, data: bytes) -> None:
        try:
            self._protocol.receive_data(data)
        except Exception as error:  # what comes is not even HTTP
            return self._refused(str(error))
        self._on_events()

    def eof_received(self) -> None:
        """Some answers end with the connection."""
        try:
            self._protocol.receive_eof()
        except Exception:  # in the middle of it: connection_lost follows
            return
        self._on_events()

    def _on_events(self) -> None:
        self._flush()
        for event in self._protocol.events_received():
            if self.transport is None:
                return
            if self._is_open:
                self._on_frame(event)
            else:
                self._on_response(event)
        if self.transport and self._protocol.handshake_exc:
            self._refused(str(self._protocol.handshake_exc))
        broken = self._protocol.parser_exc
        # At an end in the middle of a frame connection_lost follows. Otherwise the peer, which has
        # been told, need not end the connection.
        if self.transport and broken and not isinstance(broken, EOFError):
            self.down_and_drop(UnavailableError(
                f"what the broker sent is not the protocol: {broken}"))

    def _on_response(self, response: Any) -> None:
        if response.status_code != 101:
            return self._refused(f"HTTP {response.status_code} {response.reason_phrase}",
                                 retryable=response.status_code >= 500)
        if self._protocol.handshake_exc:
            return
        if self._protocol.subprotocol != SUBPROTOCOL:
            return self._refused(f"it does not speak {SUBPROTOCOL}")
        self._is_open = True
        super().begin()

    def _on_frame(self, frame: Any) -> None:
        transport = self.transport
        assert transport
        opcode = frame.opcode.name
        if opcode in ("BINARY", "CONT"):
            transport.listener.on_bytes(bytes(frame.data))
        elif opcode in ("PING", "PONG"):
            transport.listener.on_sign_of_life()
        elif opcode == "TEXT":
            self._protocol.send_close(_UNSUPPORTED_DATA, "only binary messages")
            self._flush()
            self.down_and_drop(UnavailableError(
                "what the broker sent is not the protocol: a text message"))
        elif opcode == "CLOSE":
            self._on_close()

    def _on_close(self) -> None:
        """Without a Close of the native protocol in front of it."""
        transport = self.transport
        assert transport
        close = getattr(self._protocol, "close_rcvd", None)
        code, reason = (close.code, close.reason) if close else (1005, "")
        native = code - CLOSE_CODES_FROM
        if 200 <= native < 300:
            transport.listener.on_transport_close(BrokerError(
                code=native, text=reason, retryable=native not in NOT_RETRYABLE_CLOSES))
        else:
            self.down_and_drop(UnavailableError(
                f"the broker closed the WebSocket: code {code} {reason}".rstrip()),
                               retryable=code not in _OUR_MISTAKES)

    def _refused(self, why: str, retryable: bool = False) -> None:
        self.down_and_drop(UnavailableError(f"the WebSocket handshake was refused: {why}"),
                           retryable)

    def down_and_drop(self, reason: UnavailableError, retryable: bool = True) -> None:
        """The socket is of no more use."""
        self.down(reason, retryable)
        self.drop()

    def drop(self) -> None:
        if self._is_open and self.socket and not self.socket.is_closing():
            if self._may_send:
                self._protocol.send_close(_GOING_AWAY)
            self._flush()
        super().drop()

    def _flush(self) -> None:
        if self.socket and not self.socket.is_closing():
            for data in self._protocol.data_to_send():
                if data:
                    self.socket.write(data)

"""The transport over a socket of asyncio's: TCP, encrypted or not, or a UNIX socket."""

from __future__ import annotations

import asyncio
import os
import ssl
from typing import Optional, cast

from esockets.address import Address
from esockets.status import UnavailableError
from esockets.tls import Tls, words
from esockets.transport import TransportListener

# Bytes that wait for the socket at which a connection is congested, and not any more.
_HIGH_WATERMARK_BYTES = 256 << 10
_LOW_WATERMARK_BYTES = 64 << 10

# An attempt as a whole has its time (connect_timeout); asyncio's minute for a handshake is none.
_HANDSHAKE_SECONDS_MAX = 1 << 30


class SocketTransport:
    """Of a client, across its connections."""

    listener: TransportListener

    def __init__(self, loop: asyncio.AbstractEventLoop, address: Address,
                 tls: Optional[Tls] = None) -> None:
        self._loop = loop
        self.address = address
        self.tls = tls
        self.congested = False
        self._attempt: Optional[asyncio.Task[None]] = None
        self._link: Optional[Link] = None

    def set_listener(self, listener: TransportListener) -> None:
        self.listener = listener

    def dial(self) -> None:
        self.congested = False
        self._link = self.new_link()
        self._attempt = self._loop.create_task(self._connect(self._link))

    def new_link(self) -> Link:
        """For another connection."""
        return Link(self)

    async def _connect(self, link: Link) -> None:
        try:
            if self.address.path:
                await self._loop.create_unix_connection(lambda: link, self.address.path)
            elif self.tls:
                # The link hears of the connection when the handshake is done.
                await self._loop.create_connection(
                    lambda: link, self.address.host, self.address.port, ssl=self.tls.context,
                    server_hostname=self.tls.server_name,
                    ssl_handshake_timeout=_HANDSHAKE_SECONDS_MAX)
            else:
                await self._loop.create_connection(lambda: link, self.address.host,
                                                   self.address.port)
        # Whatever it is: of the system, of a resolver, of a program that ends.
        except Exception as error:
            link.down(UnavailableError(f"no connection to {self.address.text}: {_words(error)}"))

    def drop(self) -> None:
        if self._attempt:
            self._attempt.cancel()
            self._attempt = None
        if self._link:
            self._link.drop()
            self._link = None

    def send(self, frames: bytes) -> None:
        if self._link:
            self._link.send(frames)

    def ping(self) -> bool:
        return False

    def pause_read(self) -> None:
        if self._link and self._link.socket:
            self._link.socket.pause_reading()

    def resume_read(self) -> None:
        if self._link and self._link.socket:
            self._link.socket.resume_reading()

    def forget(self, link: Link) -> None:
        """It has ended."""
        if self._link is link:
            self._link = None
            self._attempt = None


class Link(asyncio.Protocol):
    """One connection, which may be at its end when the next one is already being made."""

    def __init__(self, transport: SocketTransport) -> None:
        self.transport: Optional[SocketTransport] = transport  # None: it was dropped
        self.socket: Optional[asyncio.Transport] = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        socket = cast(asyncio.Transport, transport)
        if self.transport is None:
            return socket.abort()
        socket.set_write_buffer_limits(_HIGH_WATERMARK_BYTES, _LOW_WATERMARK_BYTES)
        self.socket = socket
        self.begin()

    def begin(self) -> None:
        """The socket stands."""
        if self.transport:
            self.transport.listener.on_up()

    def send(self, frames: bytes) -> None:
        if self.socket:
            self.socket.write(frames)

    def data_received(self, data: bytes) -> None:
        if self.transport:
            self.transport.listener.on_bytes(data)

    def pause_writing(self) -> None:
        if self.transport:
            self.transport.congested = True

    def resume_writing(self) -> None:
        if self.transport:
            self.transport.congested = False
            self.transport.listener.on_uncongested()

    def connection_lost(self, error: Optional[Exception]) -> None:
        if self.transport:
            how = f"broken: {_words(error)}" if error else "closed by the broker"
            self.down(UnavailableError(
                f"the connection to {self.transport.address.text} was {how}"))

    def down(self, reason: UnavailableError, retryable: bool = True) -> None:
        """Tells the listener, once."""
        self._keep_session()
        transport, self.transport = self.transport, None
        if transport:
            transport.forget(self)
            transport.listener.on_down(reason, retryable)

    def drop(self) -> None:
        self._keep_session()
        self.transport = None
        if self.socket:
            self.socket.abort()

    def _keep_session(self) -> None:
        if self.transport and self.transport.tls and self.socket:
            self.transport.tls.keep_session(self.socket)


def _words(error: Exception) -> str:
    """What the system says; asyncio wraps it in words of its own."""
    if isinstance(error, ssl.SSLError):
        return words(error)
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, ConnectionResetError) and not number:  # asyncio's
        return "it ended within the TLS handshake"
    return os.strerror(number) if number else str(error)

"""For programs that were written for ESocketS' SocketServer: its callbacks, on a broker.

Each client has an id, and three topics below a prefix: it publishes to `clients/ID/up`, hears on
`clients/ID/down`, and `clients/ID/gone` says that it has left, also when it dies, by its last will.
The server and its clients need not run on one machine, and several servers may listen.
"""

from __future__ import annotations

import queue
from dataclasses import replace
from typing import Callable, Dict, Optional, Union

from esockets.callbacks import check_callback
from esockets.client import Client
from esockets.events import ClientEvents, State
from esockets.message import Message, MessageCallback
from esockets.options import Bytes, ClientOptions, LastWill
from esockets.status import InvalidArgumentError
from esockets.topic import is_literal

_PREFIX = "clients"


class ServerClient:
    """A client as the server sees it."""

    def __init__(self, server: SocketServer, id: str) -> None:
        self._server = server
        self.id = id
        self.connected = True
        # With queue_recv_messages: every message that it has sent. Readable after it has left.
        self.recv_queue: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def send(self, message: Bytes) -> None:
        """As SocketServer.send."""
        self._server.send(self, message)


class SocketServer:
    """Override the callbacks, or assign to them. They run on the client's thread, one after the
    other; a thread of one's own is for long work."""

    def __init__(self, options: Union[ClientOptions, str, None] = None, prefix: str = _PREFIX,
                 queue_recv_messages: bool = False) -> None:
        self._options = options
        self._prefix = prefix
        self._queue_recv_messages = queue_recv_messages
        self._client: Optional[Client] = None
        # By id. One that has left stays until it is deleted, or comes back.
        self.clients: Dict[str, ServerClient] = {}

    # --- callbacks

    def on_start(self) -> None: ...

    def on_client_connect(self, client: ServerClient) -> None:
        """Its first message follows."""

    def on_message_recv(self, client: ServerClient, message: bytes) -> None: ...

    def on_client_disconnect(self, client: ServerClient) -> None: ...

    def on_server_shutting_down(self) -> None: ...

    def on_server_shut_down(self) -> None: ...

    def on_warning(self, message: str) -> None: ...

    # --- what the program calls

    def start(self) -> None:
        """Returns when the broker has agreed: from then on nobody is missed. Errors: those of
        Client.connect and subscribe."""
        if self._client is not None and self._client.state is not State.CLOSED:
            raise RuntimeError("the server has been started")
        events = ClientEvents(on_error=lambda error: self.on_warning(str(error)))
        self._client = Client.connect(self._options, events)
        _subscribe(self._client, {f"{self._prefix}/+/up": self._on_up,
                                  f"{self._prefix}/+/gone": self._on_gone})
        self.on_start()

    def send(self, client: Union[ServerClient, str], message: Bytes) -> None:
        """Any thread may; what one thread sends to a client comes in order."""
        id = client if isinstance(client, str) else client.id
        self._started().publish(f"{self._prefix}/{id}/down", message)

    def stop(self) -> None:
        """Sends what is buffered. REQUIRES: not within a callback."""
        self.on_server_shutting_down()
        self._started().close()
        self.on_server_shut_down()

    def _started(self) -> Client:
        if self._client is None:
            raise RuntimeError("the server has not been started")
        return self._client

    def _on_up(self, message: Message) -> None:
        client = self._client_of(message)
        if self._queue_recv_messages:
            client.recv_queue.put(message.payload)
        self.on_message_recv(client, message.payload)

    def _client_of(self, message: Message) -> ServerClient:
        id = message.topic.split("/")[-2]
        client = self.clients.get(id)
        if client is None or not client.connected:
            client = self.clients[id] = ServerClient(self, id)
            self.on_client_connect(client)
        return client

    def _on_gone(self, message: Message) -> None:
        client = self.clients.get(message.topic.split("/")[-2])
        if client and client.connected:
            client.connected = False
            self.on_client_disconnect(client)


def _subscribe(client: Client, callbacks: Dict[str, MessageCallback]) -> None:
    """Or the client is ended: nobody else has it yet."""
    try:
        for filter, callback in callbacks.items():
            client.subscribe(filter, callback)
    except BaseException:
        client.end()
        raise


class SocketPeer:
    """The other side: what was a plain socket to the server."""

    def __init__(self, id: str, on_message: Callable[[bytes], None],
                 options: Union[ClientOptions, str, None] = None, prefix: str = _PREFIX) -> None:
        """Connects. `id`: one level of a topic. Errors: those of Client.connect and subscribe."""
        if not is_literal(id) or "/" in id or not id:
            raise InvalidArgumentError(f"id {id!r}: it is one level of a topic, without wildcards")
        check_callback(on_message, "on_message")
        self._topic = f"{prefix}/{id}"
        self._client = Client.connect(
            replace(ClientOptions.of(options), will=LastWill(f"{self._topic}/gone")))
        _subscribe(self._client, {f"{self._topic}/down": lambda m: on_message(m.payload)})

    def send(self, message: Bytes) -> None:
        """Any thread may."""
        self._client.publish(f"{self._topic}/up", message)

    def close(self) -> None:
        """Says that it leaves."""
        self._client.publish(f"{self._topic}/gone", b"")
        self._client.close()

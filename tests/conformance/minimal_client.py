#!/usr/bin/python3
"""A complete client, from docs/PROTOCOL.md and the output of `protoc --python_out` alone."""

import socket
import sys
import time

from proto.esockets_pb2 import ClientFrame, ServerFrame

_FOREVER = 1e6  # seconds


class Closed(Exception):
    """args[0] is the broker's Close; None where the connection was just cut."""


class RequestFailed(Exception):
    """args[0] is the broker's Error."""


class Client:
    """One connection, used by one thread. Each request waits for its answer."""

    def __init__(self, host, port, **connect):
        self._socket = socket.create_connection((host, port))
        self._bytes = b""
        self._deliveries = []
        self._requests = 0
        self.go_away = None
        self.send(connect=dict(protocol_version=1, **connect))
        self.connected = self._wait("connected")
        self._ping_after = self.connected.keep_alive_ms / 2000 or _FOREVER

    def send(self, **kind):
        """send(ping={"id": 1})"""
        body = ClientFrame(**kind).SerializeToString()
        prefix, rest = b"", len(body)
        while rest > 0x7F:
            prefix, rest = prefix + bytes([rest & 0x7F | 0x80]), rest >> 7
        self._socket.sendall(prefix + bytes([rest]) + body)

    def _cut(self):
        """The first frame of what has been read; None while it is incomplete."""
        length = 0
        for i, byte in enumerate(self._bytes[:5]):
            length |= (byte & 0x7F) << 7 * i
            if byte < 0x80:
                start, end = i + 1, i + 1 + length
                if len(self._bytes) < end:
                    return None
                body, self._bytes = self._bytes[start:end], self._bytes[end:]
                return ServerFrame.FromString(body)

    def _read(self, timeout):
        """The next frame; None after `timeout` seconds."""
        end = time.monotonic() + timeout
        while not (frame := self._cut()):
            self._socket.settimeout(max(0.001, end - time.monotonic()))
            try:
                data = self._socket.recv(65536)
            except socket.timeout:
                return None
            if not data:
                raise Closed(None)
            self._bytes += data
        return frame

    def _wait(self, answer, request=None, timeout=_FOREVER):
        """The content of the next frame of this kind and id; answer None: after any delivery."""
        while frame := self._read(timeout):
            kind = frame.WhichOneof("kind")  # None: a kind that only newer clients know
            content = kind and getattr(frame, kind)
            if kind == "close":
                raise Closed(content)
            if kind == "error" and (not content.id or request in (None, content.id)):
                raise RequestFailed(content)
            if kind == "go_away":
                self.go_away = content
            elif kind in ("message", "gap"):
                self._deliveries.append(content)
                if not answer:
                    return content
            elif kind == answer and (request is None or content.id == request):
                return content

    def request(self, kind, answer, **fields):
        self._requests += 1
        self.send(**{kind: dict(fields, id=self._requests)})
        return self._wait(answer, self._requests)

    def subscribe(self, filter, **options):
        self.request("subscribe", "subscribed", filter=filter, **options)

    def publish(self, topic, payload, **fields):
        return self.request("publish", "published", topic=topic, payload=payload, **fields)

    def receive(self, timeout=_FOREVER):
        """The next Message or Gap; None after `timeout` seconds. Sends the Pings that are due."""
        end = time.monotonic() + timeout
        while not self._deliveries and (left := end - time.monotonic()) > 0:
            if not self._wait(None, timeout=min(left, self._ping_after)):
                self.send(ping={})
        return self._deliveries.pop(0) if self._deliveries else None

    def close(self, reason=""):
        """Says goodbye and returns the broker's Close."""
        self.send(disconnect=dict(reason=reason))
        try:
            self._wait("close")
        except Closed as closed:
            return closed.args[0]


if __name__ == "__main__":  # minimal_client.py HOST PORT FILTER
    client = Client(sys.argv[1], int(sys.argv[2]))
    client.subscribe(sys.argv[3])
    while True:
        print(client.receive(), flush=True)

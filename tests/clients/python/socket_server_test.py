#!/usr/bin/python3
"""The callbacks of the original's SocketServer, on the real broker."""

import queue
import threading

import pytest

from esockets import Client, InvalidArgumentError, SocketPeer, SocketServer
from tests.support.pytest_main import run
from tests.support.python_broker import broker  # a fixture

GIVE_UP = 60  # seconds: to give up, never to measure


class Diary(SocketServer):
    """What it is told, line by line."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.lines = queue.Queue()

    def next(self):
        return self.lines.get(timeout=GIVE_UP)

    def on_start(self):
        self.lines.put("start")

    def on_client_connect(self, client):
        self.lines.put(f"connect {client.id}")

    def on_message_recv(self, client, message):
        self.lines.put(f"{client.id}: {message.decode()}")
        client.send(message.upper())

    def on_client_disconnect(self, client):
        self.lines.put(f"disconnect {client.id}")

    def on_server_shutting_down(self):
        self.lines.put("shutting down")

    def on_server_shut_down(self):
        self.lines.put("shut down")

    def on_warning(self, message):
        self.lines.put(f"warning {message}")


def test_a_life_of_a_client(broker):
    server = Diary(broker.address, queue_recv_messages=True)
    server.start()
    heard = queue.Queue()
    anna = SocketPeer("anna", heard.put, broker.address)
    anna.send("hello")
    assert [server.next() for _ in range(3)] == ["start", "connect anna", "anna: hello"]
    assert heard.get(timeout=GIVE_UP) == b"HELLO"
    anna.send("bye")
    anna.close()
    assert [server.next() for _ in range(2)] == ["anna: bye", "disconnect anna"]
    client = server.clients["anna"]
    assert not client.connected
    assert [client.recv_queue.get_nowait() for _ in range(2)] == [b"hello", b"bye"]
    server.stop()
    assert [server.next() for _ in range(2)] == ["shutting down", "shut down"]


def test_a_client_that_dies_is_told_of_and_may_come_back(broker):
    server = Diary(broker.address, prefix="other")
    server.start()
    bert = SocketPeer("bert", lambda m: None, broker.address, prefix="other")
    bert.send("1")
    assert [server.next() for _ in range(3)] == ["start", "connect bert", "bert: 1"]
    bert._client.end()
    assert server.next() == "disconnect bert"
    again = SocketPeer("bert", lambda m: None, broker.address, prefix="other")
    again.send("2")
    assert [server.next() for _ in range(2)] == ["connect bert", "bert: 2"]
    again.close()
    server.stop()


def test_callbacks_may_be_assigned_and_what_they_raise_is_a_warning(broker):
    server = SocketServer(broker.address, prefix="third")
    warnings = queue.Queue()
    server.on_warning = warnings.put
    server.on_message_recv = lambda client, message: 1 / 0
    with pytest.raises(RuntimeError, match="not been started"):
        server.send("anybody", b"")
    server.start()
    peer = SocketPeer("c", lambda m: None, broker.address, prefix="third")
    peer.send("x")
    assert "division by zero" in warnings.get(timeout=GIVE_UP)
    peer.close()
    server.stop()


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "esockets"]


def test_what_cannot_begin_leaves_nothing(broker, monkeypatch):
    before = len(threads())
    with pytest.raises(InvalidArgumentError, match="filter"):
        SocketServer(broker.address, prefix="a#").start()
    for id in ("", "a/b", "+", "#"):
        with pytest.raises(InvalidArgumentError, match="one level"):
            SocketPeer(id, print, broker.address)
    with pytest.raises(TypeError, match="on_message"):
        SocketPeer("x", None, broker.address)
    monkeypatch.setattr(Client, "subscribe", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        SocketPeer("x", print, broker.address)
    assert len(threads()) == before


def test_may_be_started_again_when_it_has_been_stopped(broker):
    server = SocketServer(broker.address, prefix="fourth")
    for _ in range(2):
        server.start()
        with pytest.raises(RuntimeError, match="has been started"):
            server.start()
        server.stop()


if __name__ == "__main__":
    run(__file__)

#!/usr/bin/python3
"""The blocking face against the real broker."""

import queue
import sys
import threading

import pytest

import esockets
from esockets import (ClientEvents, ClientOptions, PublishOptions, RequestOptions, State,
                      SubscribeOptions, WhenFull)
from tests.support.pytest_main import run
from tests.support.python_broker import broker  # a fixture

GIVE_UP = 60  # seconds: to give up, never to measure


@pytest.fixture
def client(broker):
    with connect(broker) as client:
        yield client


def connect(broker, events=None, **options):
    return esockets.Client.connect(ClientOptions(address=broker.address, **options), events)


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "esockets"]


def test_callbacks_and_pulls(client):
    heard = queue.Queue()
    subscription = client.subscribe("t/+", heard.put)
    with client.subscribe("t/#") as pulled:
        client.publish("t/1", "hello", PublishOptions(key="k"))
        assert pulled.receive(GIVE_UP) == heard.get() == esockets.Message("t/1", b"hello", key=b"k")
        subscription.unsubscribe()
        client.publish_and_confirm("t/2", b"", 10)
        assert (pulled.receive(GIVE_UP).topic, heard.empty()) == ("t/2", True)
        with pytest.raises(esockets.DeadlineExceededError):
            pulled.receive(0)
    with pytest.raises(esockets.EndedError):
        pulled.receive()
    assert (client.state, client.connects_total, client.reason) == (State.CONNECTED, 1, None)
    assert client.client_id and client.session_id


def test_the_iterator_ends_with_the_client(broker):
    client = connect(broker)
    subscription = client.subscribe("i")
    for number in range(3):
        client.publish("i", str(number))
    client.publish_and_wait("i", "last")
    got = []
    for message in subscription:
        got.append(message.text())
        if got[-1] == "last":
            client.close()
    assert got == ["0", "1", "2", "last"]
    assert client.state is State.CLOSED


def test_its_thread_ends_with_it(broker):
    before = len(threads())
    client = connect(broker)
    assert len(threads()) == before + 1
    client.close()
    client.close()
    assert len(threads()) == before
    for call in (lambda: client.publish("a", b""), lambda: client.publish_and_wait("a", b""),
                 lambda: client.subscribe("a"), client.flush):
        with pytest.raises(esockets.FailedPreconditionError, match="closed"):
            call()
    with pytest.raises(esockets.UnavailableError):
        esockets.Client.connect("127.0.0.1:1")
    with pytest.raises(esockets.InvalidArgumentError):
        esockets.Client("nonsense")
    assert len(threads()) == before


def test_many_threads_publish_and_the_order_of_each_is_kept(client):
    heard = []
    done = threading.Event()

    def on_message(message):
        heard.append(message.text())
        if len(heard) == 4000:
            done.set()

    client.subscribe("m", on_message)
    publishers = [threading.Thread(target=lambda name=name: [
        client.publish("m", f"{name} {number}") for number in range(1000)]) for name in "abcd"]
    for publisher in publishers:
        publisher.start()
    assert done.wait(GIVE_UP)
    for publisher in publishers:
        publisher.join()
    for name in "abcd":
        assert [line for line in heard if line.startswith(name)] == [
            f"{name} {number}" for number in range(1000)]


def test_a_callback_may_publish_but_not_wait(client):
    told = queue.Queue()

    def on_message(message):
        client.publish("out", message.payload)
        for wait in (lambda: client.publish_and_wait("a", b""), lambda: client.subscribe("a"),
                     lambda: client.request("a", b""), client.flush, client.close, out.receive,
                     lambda: next(iter(out))):
            with pytest.raises(esockets.FailedPreconditionError, match="must not wait"):
                wait()
        with pytest.raises(esockets.DeadlineExceededError):
            out.receive(0)
        subscription.unsubscribe()
        told.put("done")

    out = client.subscribe("out")
    subscription = client.subscribe("in", on_message)
    client.publish("in", "x")
    assert told.get(timeout=GIVE_UP) == "done"
    assert out.receive(GIVE_UP).payload == b"x"
    assert client.state is State.CONNECTED
    client.flush()


def test_a_callback_may_end_its_client(broker):
    before = len(threads())
    client = connect(broker)
    pulled = client.subscribe("never")
    client.subscribe("end", lambda message: client.end())
    client.publish("end", b"")
    assert list(pulled) == []
    client.close()
    assert (client.state, len(threads())) == (State.CLOSED, before)


def test_a_callback_that_ends_the_program_ends_nothing(client):
    """That would be the thread's end, and the program would wait for ever."""
    heard = queue.Queue()

    def on_message(message):
        heard.put(message.text())
        sys.exit(1)

    client.subscribe("exit", on_message)
    for text in "ab":
        client.publish("exit", text)
    assert [heard.get(timeout=GIVE_UP) for _ in range(2)] == ["a", "b"]
    client.flush()


def test_a_queue_that_nobody_holds_fills_no_more(client):
    client.subscribe("n", options=SubscribeOptions(receive_queue_messages_max=1))
    for _ in range(3):
        client.publish("n", b"")
    assert client.publish_and_confirm("n", b"", 10).matched == 0


def test_a_full_buffer_makes_publishers_wait_until_there_is_room(broker):
    with connect(broker, outgoing_bytes_max=1000) as client:
        pulled = client.subscribe("b", options=SubscribeOptions(receive_queue_messages_max=10))
        for number in range(2000):
            client.publish("b", str(number))
        assert [int(pulled.receive(GIVE_UP).payload) for _ in range(2000)] == list(range(2000))


def test_a_callback_does_not_wait_for_room(broker):
    told = queue.Queue()
    with connect(broker, outgoing_bytes_max=1000) as client:
        def on_message(message):
            client.publish("out", bytes(900))
            with pytest.raises(esockets.ResourceExhaustedError):
                client.publish("out", bytes(900))
            told.put("done")

        client.subscribe("in", on_message)
        client.publish("in", b"")
        assert told.get(timeout=GIVE_UP) == "done"


def test_who_waits_for_room_hears_of_the_end():
    client = esockets.Client(ClientOptions(address="127.0.0.1:1", outgoing_bytes_max=10,
                                           backoff_min=60, backoff_max=60))
    client.publish("a", bytes(20))
    failed = queue.Queue()

    def publish():
        with pytest.raises(esockets.Error):
            client.publish("a", bytes(20))
        failed.put(True)

    publisher = threading.Thread(target=publish)
    publisher.start()
    client.end()
    assert failed.get(timeout=GIVE_UP)
    publisher.join()


def test_what_is_dropped_is_counted():
    client = esockets.Client(ClientOptions(address="127.0.0.1:1", outgoing_bytes_max=10,
                                           backoff_min=60, when_full=WhenFull.DROP_NEWEST))
    client.publish("a", bytes(20))
    client.publish("a", bytes(20))
    assert (client.dropped_messages_total, client.outgoing_bytes) == (1, 28)
    client.end()


def test_requests_and_presence(broker, client):
    with connect(broker, client_id="answerer") as answerer:
        answerer.subscribe("up", lambda m: answerer.reply(m, m.payload.upper()))
        answerer.subscribe("bad", lambda m: answerer.reply_error(m, "not today"))
        assert client.request("up", "hello") == b"HELLO"
        assert [r.payload for r in client.request_many("up", "x", RequestOptions(1))] == [b"X"]
        with pytest.raises(esockets.AbortedError, match="not today"):
            client.request("bad", b"")
        news = queue.Queue()
        watch = client.watch_presence("room/1", news.put)
        assert news.get(timeout=GIVE_UP).first
        answerer.subscribe("room/1", lambda m: None)
        assert news.get(timeout=GIVE_UP).joined[0].client_id == "answerer"
        watch.stop()


def test_streams(client):
    stored = client.publish_and_store("chat/1", "one")
    assert client.publish_and_confirm("chat/1", "two", 10).stored.position == stored.position + 1
    history = client.subscribe("chat/1", options=SubscribeOptions(start=esockets.Start.last(2)))
    assert [history.receive(GIVE_UP).payload for _ in range(2)] == [b"one", b"two"]
    assert history.stream.name == "chat"


def test_errors_of_a_block_end_it_at_once(broker):
    states = []
    with pytest.raises(KeyError):
        with connect(broker, ClientEvents(on_state_change=lambda s, r: states.append(s))):
            raise KeyError
    assert states[-1] is State.CLOSED


if __name__ == "__main__":
    run(__file__)

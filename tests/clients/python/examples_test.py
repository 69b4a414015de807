#!/usr/bin/python3
"""The examples of the Python client as people run them."""

import os
import signal
import sys

import pytest

import esockets
from esockets import Client, PublishOptions
from tests.examples.programs import Program
from tests.support.pytest_main import run
from tests.support.python_authority import Authority
from tests.support.python_broker import Broker

EXAMPLES = "clients/python/examples"
CHAT = """
stream { name: "chat" filter: "chat/#" }
presence { filter: "chat/+" window_ms: 10 grace_ms: 0 visible_to: "ANYBODY" }
admin_listen: "off"
"""
GIVE_UP = 60  # seconds: to give up, never to measure


@pytest.fixture(params=[CHAT], ids=["chat"])
def broker(tmp_path, request, monkeypatch):
    broker = Broker(tmp_path, request.param)
    monkeypatch.setenv("ESOCKETS_SERVER", broker.address)
    package = os.path.dirname(os.path.dirname(esockets.__file__))
    monkeypatch.setenv("PYTHONPATH", package)
    yield broker
    broker.kill()


def example(name, *arguments):
    return Program(sys.executable, f"{EXAMPLES}/{name}", *arguments)


def test_the_chat_bot(broker):
    with Client.connect() as client:
        client.publish("chat/lobby", "said before")
        client.flush()
        with example("chat_bot.py", "lobby") as bot:
            bot.expect("in chat/lobby")
            said = client.subscribe("chat/lobby")
            client.publish("chat/lobby", "!count", PublishOptions(headers=[("nick", "anna")]))
            answers = [said.receive(GIVE_UP) for _ in range(3)]
            assert sorted(m.text() for m in answers) == ["!count", "2 lines", "hello "]
            assert client.request("bot/count", b"") == b"2"
            client.publish("chat/lobby", "!time")
            while not said.receive(GIVE_UP).text().startswith("it is "):
                pass
            bot.signal(signal.SIGINT)
            assert bot.end()[1] == 0


@pytest.mark.parametrize("broker", ['admin_listen: "off"'], indirect=True)
def test_the_chat_bot_without_history_and_presence(broker):
    with Client.connect() as client, example("chat_bot.py", "lobby") as bot:
        bot.expect("nobody is greeted: code 160")
        bot.expect("in chat/lobby")
        said = client.subscribe("chat/lobby")
        client.publish("chat/lobby", "!count")
        assert [said.receive(GIVE_UP).text() for _ in range(2)] == ["!count", "1 lines"]


def test_the_telemetry_publisher(broker):
    with Client.connect() as client:
        figures = client.subscribe("load/+")
        with example("telemetry_publisher.py", "--host=alpha", "--interval=0.01",
                     "--count=3") as publisher:
            publisher.expect("connected")
            got = [figures.receive(GIVE_UP) for _ in range(3)]
            assert {m.topic for m in got} == {"load/alpha"} and b'"load"' in got[0].payload
            publisher.expect("closed")
            assert publisher.end()[1] == 0
        with example("telemetry_publisher.py", "--host=beta", "--interval=60") as publisher:
            publisher.expect("connected")
            assert figures.receive(GIVE_UP).topic == "load/beta"
            publisher.signal(signal.SIGKILL)
            assert figures.receive(GIVE_UP).payload == b'{"gone": true}'


def test_the_telemetry_publisher_over_tls(tmp_path, monkeypatch):
    authority = Authority(tmp_path)
    chain, key = authority.issue("broker")
    broker = Broker(tmp_path, f"""
admin_listen: "off"
listener {{
  address: "127.0.0.1:0" tls {{ certificate {{ chain_file: "{chain}" key_file: "{key}" }} }}
}}
""")
    monkeypatch.setenv("ESOCKETS_SERVER", f"tls://{broker.next_address()}")
    monkeypatch.setenv("ESOCKETS_CA", authority.path)
    monkeypatch.setenv("PYTHONPATH", os.path.dirname(os.path.dirname(esockets.__file__)))
    with Client.connect() as client:
        figures = client.subscribe("load/+")
        with example("telemetry_publisher.py", "--host=alpha", "--count=1") as publisher:
            publisher.expect("connected")
            assert figures.receive(GIVE_UP).topic == "load/alpha"
            assert publisher.end()[1] == 0
    broker.kill()


def test_moving_over_before(broker):
    with example("moving_over/before.py") as room:
        room.expect("the room is open")
        with example("moving_over/peer.py", "anna") as anna, \
                example("moving_over/peer.py", "bert") as bert:
            anna.type("hello")
            anna.expect("anna is here")
            anna.expect("anna: hello")
            bert.type("hi anna")
            anna.expect("bert is here")
            anna.expect("bert: hi anna")
            bert.expect("bert: hi anna")
            bert.end()
            anna.expect("bert has left")
            anna.end()
        room.expect("anna has left")
        assert room.end()[1] == 0


def test_moving_over_after(broker):
    with example("moving_over/after.py", "anna") as anna:
        anna.expect("anna is here")
        with example("moving_over/after.py", "bert") as bert:
            anna.expect("bert is here")
            bert.type("hi anna")
            anna.expect("bert: hi anna")
            bert.expect("bert: hi anna")
            bert.end()
            anna.expect("bert has left")
        with example("moving_over/after.py", "carl") as carl:
            anna.expect("carl is here")
            carl.signal(signal.SIGKILL)
            anna.expect("carl was cut off")
        assert anna.end()[1] == 0


if __name__ == "__main__":
    run(__file__)

#!/usr/bin/python3
"""Where a broker is."""

import pytest

from esockets import ClientOptions, InvalidArgumentError
from esockets.address import Address
from tests.support.pytest_main import run


@pytest.mark.parametrize("text, host, port, path, url, tls", [
    ("127.0.0.1:1234", "127.0.0.1", 1234, "", "", False),
    ("localhost:1", "localhost", 1, "", "", False),
    ("[::1]:65535", "::1", 65535, "", "", False),
    ("unix:/run/esockets.sock", "", 0, "/run/esockets.sock", "", False),
    ("ws://localhost:1234", "localhost", 1234, "", "ws://localhost:1234", False),
    ("ws://[::1]:1234/any/path", "::1", 1234, "", "ws://[::1]:1234/any/path", False),
    ("tls://broker.example.org:1235", "broker.example.org", 1235, "", "", True),
    ("tls://[::1]:1235", "::1", 1235, "", "", True),
    ("wss://localhost:443", "localhost", 443, "", "wss://localhost:443", True),
    ("wss://10.0.0.1:1235/a?b=c", "10.0.0.1", 1235, "", "wss://10.0.0.1:1235/a?b=c", True),
])
def test_right(text, host, port, path, url, tls):
    assert Address.parse(text) == Address(text, host, port, path, url, tls)


@pytest.mark.parametrize("text", [
    "", "localhost", "localhost:", ":1234", "localhost:0", "localhost:65536", "::1:1234",
    "localhost:x", "unix:", "ws://", "ws://localhost", "http://localhost:1234", "a b:1",
    "a..b:1", "a" * 64 + ":1", "localhost:\u0661", "unix:a\0b", "ws://u@h:1", "ws://h:1/#a",
    "ws://h:1/a b", "tls://", "tls://h", "tls://h:1/", "tls://u@h:1", "tls://unix:/x", "TLS://h:1",
    "tls:h:1", "wss://h", "wss://h:0", "wss://u@h:1", "wss://h:1/#a", None, 7, b"localhost:1",
])
def test_wrong(text):
    with pytest.raises(InvalidArgumentError, match="address"):
        Address.parse(text)


def test_the_environment_says_where_and_who(monkeypatch):
    for name in ("SERVER", "TOKEN", "USER", "PASSWORD"):
        monkeypatch.delenv(f"ESOCKETS_{name}", raising=False)
    assert ClientOptions().address == "127.0.0.1:1234"
    monkeypatch.setenv("ESOCKETS_SERVER", "unix:/x")
    monkeypatch.setenv("ESOCKETS_TOKEN", "t")
    monkeypatch.setenv("ESOCKETS_USER", "u")
    monkeypatch.setenv("ESOCKETS_PASSWORD", "p")
    told = ClientOptions()
    assert (told.address, told.token, told.user, told.password) == ("unix:/x", "t", "u", "p")
    assert ClientOptions(address="[::1]:1").address == "[::1]:1"


def test_secrets_are_not_printed():
    assert "s3cret" not in repr(ClientOptions(token="s3cret", password="s3cret"))


if __name__ == "__main__":
    run(__file__)

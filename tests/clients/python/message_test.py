#!/usr/bin/python3
"""A message, and the agreement about errors in replies."""

from esockets.message import Message, error_in
from tests.support.pytest_main import run


def test_what_is_left_out_is_empty():
    message = Message("t", b"p")
    assert (message.headers, message.reply_to, message.key, message.position) == ((), "", b"", 0)


def test_text():
    assert Message("t", "grün".encode()).text() == "grün"
    assert Message("t", b"\xff").text() == "\ufffd"


def test_error_in():
    assert error_in(Message("t", b"")) is None
    assert error_in(Message("t", b"", headers=(("a", "b"), ("error", ""), ("error", "2")))) == ""


if __name__ == "__main__":
    run(__file__)

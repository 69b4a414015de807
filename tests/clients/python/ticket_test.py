#!/usr/bin/python3
"""A ticket, from its frame to the next Connect."""

import pytest

from esockets.options import ClientOptions
from esockets.status import CREDENTIALS_EXPIRED, CREDENTIALS_REVOKED, NOT_AUTHENTICATED
from esockets.ticket import Ticket
from tests.support.pytest_main import run


def options(**credentials):
    return ClientOptions(**{"address": "x", "token": "", "user": "", "password": "",
                            **credentials})


def test_the_last_one_that_was_told_is_shown():
    ticket = Ticket()
    assert not ticket and ticket.show(options(), "") == b""
    ticket.on_connected(b"first")
    assert ticket and ticket.show(options(), "") == b"first"
    ticket.on_go_away(b"second")
    ticket.on_go_away(b"")
    assert [ticket.show(options(), "") for _ in range(2)] == [b"second", b"second"]
    ticket.on_connected(b"")
    assert not ticket and ticket.show(options(), "") == b""


@pytest.mark.parametrize("token, credentials, is_alone", [
    ("", {}, True),
    ("", {"token": "that a hook is in the place of"}, True),
    ("t", {}, False),
    ("", {"user": "u"}, False),
    ("", {"password": "p"}, False),
])
def test_one_that_is_refused_is_forgotten_if_there_was_nothing_else(token, credentials, is_alone):
    ticket = Ticket()
    ticket.on_connected(b"ticket")
    ticket.show(options(**credentials), token)
    assert not ticket.on_close(231) and ticket
    assert ticket.on_close(NOT_AUTHENTICATED) is is_alone
    assert bool(ticket) is not is_alone


def test_without_a_ticket_credentials_were_refused():
    ticket = Ticket()
    ticket.show(options(), "")
    assert not ticket.on_close(NOT_AUTHENTICATED)
    ticket.on_connected(b"told since, and not shown")
    assert not ticket.on_close(NOT_AUTHENTICATED)


@pytest.mark.parametrize("code", [CREDENTIALS_EXPIRED, CREDENTIALS_REVOKED])
def test_a_ticket_ends_with_the_credentials(code):
    ticket = Ticket()
    ticket.on_connected(b"ticket")
    ticket.show(options(), "")
    assert not ticket.on_close(code)  # who gives tokens decides
    assert not ticket


def test_a_ticket_is_not_printed():
    ticket = Ticket()
    ticket.on_connected(b"s3cret")
    assert "s3cret" not in repr(ticket) + str(ticket)


if __name__ == "__main__":
    run(__file__)

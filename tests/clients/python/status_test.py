#!/usr/bin/python3
"""Errors say what to do."""

import pytest

from esockets import status
from esockets.status import BrokerError, to_error
from tests.conformance.vectors import codes
from tests.support.pytest_main import run

CODES = codes()


def test_the_text_holds_what_the_broker_said():
    error = to_error(BrokerError(110, "the topic breaks the rules", "a/#", False, 0, "Send less."))
    assert str(error) == "code 110: the topic breaks the rules: a/# (Send less.)"
    assert (error.code, error.advice) == (110, "Send less.")
    assert str(to_error(BrokerError(1, "x"))) == "code 1: x"


@pytest.mark.parametrize("name, kind", [
    ("NOT_PERMITTED", status.PermissionDeniedError),
    ("NOT_SUBSCRIBED", status.NotFoundError),
    ("UNSUPPORTED", status.UnimplementedError),
    ("TOO_MANY_SUBSCRIPTIONS", status.ResourceExhaustedError),
    ("GROUP_DIFFERS", status.FailedPreconditionError),
    ("NOT_AUTHENTICATED", status.UnauthenticatedError),
    ("TOPIC_INVALID", status.InvalidArgumentError),
    ("TAKEN_OVER", status.FailedPreconditionError),
])
def test_kinds_by_code(name, kind):
    assert type(to_error(BrokerError(CODES[name], ""))) is kind


def test_what_may_work_later_is_unavailable():
    assert type(to_error(BrokerError(122, "", retryable=True))) is status.UnavailableError
    assert type(to_error(BrokerError(250, "", retryable=True))) is status.UnavailableError


def test_the_standard_library_knows_them():
    assert issubclass(status.DeadlineExceededError, TimeoutError)
    assert issubclass(status.UnavailableError, ConnectionError)
    assert issubclass(status.InvalidArgumentError, ValueError)


def test_the_codes_are_those_of_the_protocol():
    assert status.NOT_SUBSCRIBED == CODES["NOT_SUBSCRIBED"]
    assert status.NO_RESPONDERS == CODES["NO_RESPONDERS"]
    assert status.INBOX_NOT_ALLOWED == CODES["INBOX_NOT_ALLOWED"]


def test_the_closes_that_are_not_retryable_are_those_of_the_protocol():
    with open("docs/PROTOCOL.md", encoding="utf-8") as lines:
        rows = [line.split(" | ") for line in lines if line.startswith("| 2")]
    told = {int(row[0].strip("| ")) for row in rows if row[3] == "no"}
    assert status.NOT_RETRYABLE_CLOSES == told


if __name__ == "__main__":
    run(__file__)

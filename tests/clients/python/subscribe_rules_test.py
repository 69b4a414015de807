#!/usr/bin/python3
"""What is refused before the broker is asked."""

import pytest

from esockets import (GroupStrategy, InvalidArgumentError, Overflow, Start, SubscribeOptions)
from esockets.subscribe_rules import check_subscribe
from tests.support.pytest_main import run


@pytest.mark.parametrize("filter, options, why", [
    ("a#", {}, "filter: '\\+' must be"),
    ("", {}, "filter: topic is empty"),
    ("a", {"group_strategy": GroupStrategy.HASH}, "group_strategy: there is no group"),
    ("a", {"group": "g" * 129}, "group: too long"),
    ("a", {"group": "ü" * 65}, "group: too long"),
    ("a", {"group": "\ud800"}, "group: not UTF-8"),
    ("$SYS/a", {"group": "g"}, "below \\$ there are no groups"),
    ("a", {"group": "g", "overflow": Overflow.CONFLATE}, "overflow"),
    ("a", {"group": "g", "start": Start.last(1)}, "start"),
    ("a", {"max_backlog_messages": -1}, "options: "),
    ("a", {"max_backlog_age_ms": 1 << 32}, "options: "),
    ("a", {"max_backlog_bytes": 1.5}, "options: "),
    ("a", {"start": Start.last(-1)}, "options: "),
    ("a", {"start": 7}, "options: "),
    ("a", {"overflow": "CONFLATE IT"}, "options: "),
])
def test_refused(filter, options, why):
    with pytest.raises(InvalidArgumentError, match=why):
        check_subscribe(filter, SubscribeOptions(**options))


@pytest.mark.parametrize("filter, options, why", [
    (7, SubscribeOptions(), "a str is wanted, not int"),
    (b"a", SubscribeOptions(), "a str is wanted, not bytes"),
    (None, SubscribeOptions(), "a str is wanted, not NoneType"),
    ("a", None, "options: SubscribeOptions are wanted, not NoneType"),
    ("a", {"group": "g"}, "options: SubscribeOptions are wanted, not dict"),
], ids=str)
def test_of_the_wrong_type(filter, options, why):
    with pytest.raises(TypeError, match=why):
        check_subscribe(filter, options)


@pytest.mark.parametrize("filter, options", [
    ("a/#", {}), ("$SYS/#", {}), ("a", {"group": "g" * 128, "overflow": Overflow.DROP_NEWEST}),
    ("a", {"start": Start.last(1), "overflow": Overflow.REPLAY}),
    ("a", {"group": "g", "group_strategy": GroupStrategy.FIRST}),
])
def test_right(filter, options):
    check_subscribe(filter, SubscribeOptions(**options))


if __name__ == "__main__":
    run(__file__)

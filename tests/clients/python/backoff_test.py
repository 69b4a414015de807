#!/usr/bin/python3
"""The wait before the next attempt."""

from esockets.backoff import Backoff
from tests.support.pytest_main import run


def test_the_ceiling_doubles_up_to_the_maximum():
    backoff = Backoff(0.1, 1, dice=lambda: 0.5)
    assert [round(backoff.next(), 3) for _ in range(6)] == [0.05, 0.1, 0.2, 0.4, 0.5, 0.5]


def test_begins_again_after_reset():
    backoff = Backoff(0.1, 1, dice=lambda: 0.5)
    for _ in range(5):
        backoff.next()
    backoff.reset()
    assert backoff.ceiling == 0.1
    assert backoff.next() == 0.05


def test_is_random_between_nothing_and_the_ceiling():
    backoff = Backoff(8, 8)
    waits = [backoff.next() for _ in range(100)]
    assert all(0 <= wait < 8 for wait in waits)
    assert len(set(waits)) > 90


def test_a_maximum_below_the_minimum_is_the_minimum():
    backoff = Backoff(2, 1, dice=lambda: 0.5)
    assert [backoff.next(), backoff.next()] == [1, 1]


if __name__ == "__main__":
    run(__file__)

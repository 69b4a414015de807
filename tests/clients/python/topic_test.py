#!/usr/bin/python3
"""The rules of topics: the shared vectors, and what they do not say."""

import pytest

from esockets.topic import (filter_covers, filter_error, filter_matches, filters_overlap, is_utf8,
                            topic_error)
from tests.conformance.vectors import load
from tests.support.pytest_main import run

VECTORS = load("topics")


@pytest.mark.parametrize("vector", [v for v in VECTORS if "valid" in v], ids=str)
def test_vectors_valid(vector):
    error = topic_error(vector["topic"]) if "topic" in vector else filter_error(vector["filter"])
    assert (not error) == vector["valid"], error


@pytest.mark.parametrize("vector", [v for v in VECTORS if "matches" in v], ids=str)
def test_vectors_matches(vector):
    assert filter_matches(vector["filter"], vector["topic"]) == vector["matches"]


@pytest.mark.parametrize("text, error", [
    ("", "topic is empty"),
    ("x" * 1025, "topic is too long"),
    ("ä" * 513, "topic is too long"),
    ("\ud800", "topic is not valid UTF-8"),
    ("/".join("a" * 33), "topic has too many levels"),
])
def test_both_are_told_why(text, error):
    assert topic_error(text) == filter_error(text) == error


def test_the_longest_topic_is_one():
    assert not topic_error("x" * 1024)
    assert not topic_error("/".join("a" * 32))


@pytest.mark.parametrize("outer, inner, covers", [
    ("#", "a/b", True), ("#", "#", True), ("#", "+/#", True), ("+/#", "#", True),
    ("a/#", "a", True), ("a/#", "a/+", True), ("a/#", "a/#", True), ("a/+", "a/#", False),
    ("a/+", "a/b", True), ("a/+", "a", False), ("a", "a/#", False), ("+", "a/b", False),
    ("#", "$SYS/a", False), ("$SYS/#", "$SYS/a", True), ("a/b", "a/+", False),
])
def test_covers(outer, inner, covers):
    assert filter_covers(outer, inner) == covers


@pytest.mark.parametrize("a, b, overlap", [
    ("a/+", "+/b", True), ("a/#", "a", True), ("a/#", "b/#", False), ("a", "a/b", False),
    ("+", "a/b", False), ("a/+/c", "a/b/+", True), ("a/b", "a/c", False), ("a/b/#", "a", False),
    ("#", "$SYS/a", False), ("$SYS/+", "$SYS/a", True),
])
def test_overlap(a, b, overlap):
    assert filters_overlap(a, b) == overlap
    assert filters_overlap(b, a) == overlap


def test_half_a_surrogate_pair_is_no_text():
    assert is_utf8("日本")
    assert not is_utf8("\udc00")


if __name__ == "__main__":
    run(__file__)

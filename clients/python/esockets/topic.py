"""The rules of topics and filters: the same as the broker's."""

from __future__ import annotations

from esockets.limits import TOPIC_BYTES_MAX, TOPIC_LEVELS_MAX


def topic_error(topic: str) -> str:
    """What is wrong with a topic to publish to, without a full stop; "" when it is one."""
    error = _text_error(topic)
    if not error and not is_literal(topic):
        return "topic to publish to contains a wildcard, '+' or '#'"
    return error


def filter_error(filter: str) -> str:
    """What is wrong with a filter; "" when it is one."""
    error = _text_error(filter)
    if not error and not _wildcards_are_well_placed(filter):
        return "'+' must be a whole level of a filter, '#' its whole last level"
    return error


def is_utf8(text: str) -> bool:
    """Can it be sent? A str may hold halves of surrogate pairs. Errors: TypeError of what is no
    str."""
    try:
        str.encode(text)
    except UnicodeEncodeError:
        return False
    return True


def is_literal(filter: str) -> bool:
    """Without wildcards: it matches itself alone."""
    return "+" not in filter and "#" not in filter


def is_reserved(topic: str) -> bool:
    """Below "$", which is the broker's."""
    return topic.startswith("$")


def filter_matches(filter: str, topic: str) -> bool:
    """REQUIRES: both are right."""
    if is_reserved(topic) and not is_reserved(filter):
        return False
    given = topic.split("/")
    at = 0
    for at, wanted in enumerate(filter.split("/")):
        # Before the look at what is given: "a/#" also matches "a".
        if wanted == "#":
            return True
        if at >= len(given) or wanted not in ("+", given[at]):
            return False
    return at + 1 == len(given)


def filters_overlap(a: str, b: str) -> bool:
    """Is there a topic that both match? REQUIRES: both are right."""
    if is_reserved(a) != is_reserved(b):
        return False
    x, y = a.split("/"), b.split("/")
    for i in range(max(len(x), len(y)) + 1):
        # Before the look at the other's end: "a/#" also matches "a".
        if "#" in x[i:i + 1] + y[i:i + 1]:
            return True
        if i >= len(x) or i >= len(y):
            return len(x) == len(y)
        if x[i] != y[i] and "+" not in (x[i], y[i]):
            return False
    return True


def filter_covers(outer: str, inner: str) -> bool:
    """Does `outer` match every topic that `inner` does? REQUIRES: both are right."""
    if is_reserved(inner) and not is_reserved(outer):
        return False
    # Every topic has a first level: it is all the same as this, whose levels say so.
    within = ("+/#" if inner == "#" else inner).split("/")
    around = outer.split("/")
    for i, level in enumerate(around):
        # Before the look at the other's end: "a/#" covers "a".
        if level == "#":
            return True
        if i >= len(within) or within[i] == "#":
            return False
        if level not in ("+", within[i]):
            return False
    return len(within) == len(around)


def _text_error(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"topic: a str is wanted, not {type(text).__name__}")
    if not text:
        return "topic is empty"
    if not is_utf8(text):
        return "topic is not valid UTF-8"
    if len(text) > TOPIC_BYTES_MAX or len(text.encode()) > TOPIC_BYTES_MAX:
        return "topic is too long"
    if "\0" in text:
        return "topic contains a NUL character"
    if text.count("/") >= TOPIC_LEVELS_MAX:
        return "topic has too many levels"
    return ""


def _wildcards_are_well_placed(filter: str) -> bool:
    *levels, last = filter.split("/")
    return (last == "#" or last == "+" or is_literal(last)) and all(
        level == "+" or is_literal(level) for level in levels)

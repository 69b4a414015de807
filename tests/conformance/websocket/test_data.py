"""What compressed messages hold: five kinds of data that compress differently, always the same."""

import functools
import json
import random

_BYTES = 400_000
_SYLLABLES = ("be", "con", "der", "ein", "ge", "heit", "ich", "keit", "lo", "mir", "nun", "schau",
              "tau", "und", "ver", "wer", "zu", "zwei")


def _words(dice, count):
    return ["".join(dice.choices(_SYLLABLES, k=dice.randint(1, 3))) for _ in range(count)]


def _verses(dice):
    words = _words(dice, 3000)
    lines = (" ".join(dice.choices(words, k=7)).capitalize() + ",\n" for _ in range(_BYTES // 40))
    return "".join(lines).encode()


def _picture(dice):
    """Grey, 640 pixels a line, brighter towards a corner, with grain."""
    return bytes((x // 5 + y // 5 + dice.randrange(4)) % 256
                 for y in range(_BYTES // 640 + 1) for x in range(640))


def _document(dice):
    """Streams that are compressed already, between lines of words."""
    parts = []
    for number in range(_BYTES // 1000):
        parts.append(b"%d 0 obj << /Length 900 >> stream\n" % number + dice.randbytes(900))
        parts.append(b"\nendstream endobj\n")
    return b"".join(parts)


def _records(dice):
    words = _words(dice, 500)
    return json.dumps([{"id": i, "name": dice.choice(words), "tags": dice.choices(words, k=4),
                        "value": dice.random()} for i in range(_BYTES // 100)]).encode()


def _page(dice):
    words = _words(dice, 800)
    rows = (f'<tr class="row"><td>{i}</td><td><a href="/{dice.choice(words)}">'
            f"{' '.join(dice.choices(words, k=6))}</a></td></tr>\n" for i in range(_BYTES // 90))
    return ("<!DOCTYPE html>\n<table>\n" + "".join(rows)).encode()


# What it is, is it sent as text?, how it is made. Texts are ASCII: they may be cut anywhere.
KINDS = (
    ("verses", False, _verses),
    ("a picture", False, _picture),
    ("a document that hardly compresses", False, _document),
    ("JSON", True, _records),
    ("HTML", True, _page),
)


@functools.cache
def data(kind):
    """At least 300,000 bytes."""
    return KINDS[kind][2](random.Random(7692 + kind))


def slices(kind, size, count):
    """`count` messages of `size` bytes, one after the other from the data, then from its start."""
    source = data(kind)
    source += source[:size]
    for i in range(count):
        start = i * size % (len(source) - size)
        yield source[start:start + size]

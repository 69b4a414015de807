#!/usr/bin/python3
"""The programs of clients/python/README.md, run."""

import os
import re
import subprocess
import sys

import pytest

import esockets
from tests.support.pytest_main import run
from tests.support.python_broker import Broker

with open("clients/python/README.md", encoding="utf-8") as readme:
    TEXT = readme.read()
PROGRAMS = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_there_are_two():
    assert len(PROGRAMS) == 2


@pytest.mark.parametrize("program", PROGRAMS, ids=["blocking", "asyncio"])
def test_programs(tmp_path, program):
    broker = Broker(tmp_path)
    try:
        assert "127.0.0.1:1234" in program
        done = subprocess.run(
            [sys.executable, "-c", program.replace("127.0.0.1:1234", broker.address)],
            capture_output=True, text=True, check=True, timeout=60,
            env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(esockets.__file__))})
        assert (done.stdout, done.stderr) == ("room/42/temperature 21.5\n", "")
    finally:
        broker.kill()


def test_it_names_what_there_is():
    for name in re.findall(r"`(\w+)\(", TEXT) + re.findall(r"`esockets\.(\w+)`", TEXT):
        if name not in ("Socket",):  # the original's
            assert hasattr(esockets, name) or hasattr(esockets.Client, name) or any(
                hasattr(kind, name) for kind in (esockets.PullSubscription,)), name


if __name__ == "__main__":
    run(__file__)

#!/usr/bin/python3
"""The programs of clients/python/README.md, run."""

import os
import re
import subprocess
import sys

import pytest

import esockets
from tests.support.pytest_main import run
from tests.support.python_authority import Authority
from tests.support.python_broker import CONFIG, Broker

with open("clients/python/README.md", encoding="utf-8") as readme:
    TEXT = readme.read()
PROGRAMS = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)

LISTENER = """
listener {
  address: "127.0.0.1:0"
  tls { certificate { chain_file: "authority.pem" key_file: "authority.key" } }
}
"""


def test_there_are_three():
    assert len(PROGRAMS) == 3


@pytest.mark.parametrize("program", PROGRAMS, ids=["blocking", "asyncio", "encrypted"])
def test_programs(tmp_path, program):
    authority = Authority(tmp_path)
    broker = Broker(tmp_path, CONFIG + LISTENER)
    try:
        assert ("tls://localhost:1235" if "TlsOptions" in program else "127.0.0.1:1234") in program
        encrypted = broker.next_address().replace("127.0.0.1", "localhost")
        for word, here in (("127.0.0.1:1234", broker.address), ("localhost:1235", encrypted),
                           ("authority.pem", authority.path)):
            program = program.replace(word, here)
        done = subprocess.run(
            [sys.executable, "-c", program],
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

#!/usr/bin/python3
"""The wheel: what is in it, and that it works where nothing else of the repository is."""

import ast
import email
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.support.pytest_main import run
from tests.support.python_broker import Broker

WHEEL = "clients/python/esockets-0.1-py3-none-any.whl"

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import esockets
assert esockets.__file__.startswith(sys.argv[1]), esockets.__file__
with esockets.Client.connect(sys.argv[2]) as client:
    pulled = client.subscribe("a")
    client.publish("a", "from the wheel")
    print(pulled.receive(60).text(), esockets.__version__)
"""


@pytest.fixture
def unpacked(tmp_path):
    with zipfile.ZipFile(WHEEL) as wheel:
        wheel.extractall(tmp_path / "site")
    return tmp_path / "site"


def test_it_holds_all_of_the_package(unpacked):
    for name in ("proto/esockets_pb2.py", "proto/presence_pb2.py", "py.typed", "aio.py"):
        assert (unpacked / "esockets" / name).is_file(), name
    sources = {name for name in os.listdir("clients/python/esockets") if name.endswith(".py")}
    assert sources and sources <= set(os.listdir(unpacked / "esockets"))
    assert (unpacked / "esockets-0.1.dist-info/LICENSE").is_file()


def imports(path):
    """(module, whether the file itself needs it) of each import."""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in tree.body) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module, node in tree.body


def test_it_needs_only_protobuf_and_websockets_where_they_are_used(unpacked):
    outside = set()
    for path in (unpacked / "esockets").glob("*.py"):
        for module, at_once in imports(path):
            first = module.partition(".")[0]
            if first not in sys.stdlib_module_names and first != "esockets":
                outside.add((module, at_once))
    assert outside == {("google.protobuf.message", True), ("websockets.client", False),
                       ("websockets.uri", False)}


def test_what_it_says_of_itself(unpacked):
    with open(unpacked / "esockets-0.1.dist-info/METADATA", encoding="utf-8") as file:
        told = email.message_from_file(file)
    version = subprocess.run(["app/broker", "--version"], capture_output=True, text=True,
                             check=True).stdout
    assert re.search(r"[\d.]+", version)[0] == told["Version"]
    assert (told["Name"], told["License"], told["Requires-Python"]) == (
        "esockets", "Apache-2.0", ">=3.9")
    assert told.get_all("Requires-Dist") == [
        "protobuf (>=3.20)", "websockets (>=10.4) ; extra == 'websocket'"]
    assert "# The client library for Python" in told.get_payload()


def test_it_works_alone(unpacked, tmp_path):
    broker = Broker(tmp_path)
    try:
        done = subprocess.run([sys.executable, "-I", "-c", PROGRAM, unpacked, broker.address],
                              capture_output=True, text=True, check=False, timeout=60,
                              cwd=tmp_path)
        assert (done.stdout, done.stderr) == ("from the wheel 0.1\n", "")
    finally:
        broker.kill()


def test_from_the_repository_setup_makes_the_modules_of_the_protocol(tmp_path):
    root = tmp_path / "repository"
    shutil.copytree("clients/python", root / "clients/python", ignore=shutil.ignore_patterns(
        "*_pb2*", "*.whl", "__pycache__"))
    (root / "proto").mkdir()
    for name in ("esockets", "presence"):
        shutil.copy(f"proto/{name}.proto", root / "proto")
    subprocess.run([sys.executable, "setup.py", "--quiet", "bdist_wheel"], check=True,
                   cwd=root / "clients/python", capture_output=True)
    made, = (root / "clients/python/dist").iterdir()
    with zipfile.ZipFile(made) as wheel:
        assert "esockets/proto/esockets_pb2.py" in wheel.namelist()


if __name__ == "__main__":
    run(__file__)

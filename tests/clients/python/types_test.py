#!/usr/bin/python3
"""The types of the package, as mypy checks them strictly; and that it checks."""

import os
import subprocess

import esockets
from tests.support.pytest_main import run

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(esockets.__file__)))


def mypy(folder, *arguments):
    """Its exit code and what it says."""
    done = subprocess.run(
        ["/usr/bin/mypy", "--config-file", f"{PACKAGE}/pyproject.toml", "--cache-dir",
         str(folder / "cache"), *arguments], capture_output=True, text=True, check=False,
        env={**os.environ, "MYPYPATH": PACKAGE}, cwd=folder)
    return done.returncode, done.stdout + done.stderr


def test_the_package_is_strict(tmp_path):
    code, said = mypy(tmp_path, "--strict", "-p", "esockets")
    assert code == 0, said


def test_programs_are_checked_against_it(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("""
import esockets
def use(client: esockets.Client) -> int:
    client.subscribe("a", lambda message: print(message.topic + 1))
    pulled = client.subscribe("a")
    payload: str = pulled.receive(1.0).payload
    client.subscribe("a", print).receive()
    return client.publish_and_confirm("a", b"", 1).matched
""")
    code, said = mypy(tmp_path, str(program))
    assert code == 1
    assert [line.split(":")[1] for line in said.splitlines() if ": error:" in line] == [
        "4", "6", "7"], said


if __name__ == "__main__":
    run(__file__)

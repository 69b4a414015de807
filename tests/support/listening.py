"""Programs that say on their standard output where they listen."""

import re
import subprocess


def start(*command):
    """The process, whose output is to be read on, and where it listens."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    return process, next_address(process)


def next_address(process):
    """Where it listens beside."""
    for line in process.stdout:
        if found := re.search(r"listening on (\S+)", line):
            return found[1]
    raise RuntimeError(f"{process.args[0]} ended without listening")


def host_and_port(address):
    """As the socket module has it."""
    host, port = address.rsplit(":", 1)
    return host, int(port)

"""Where a broker is: the same words as the command line's --server, and ws://."""

from __future__ import annotations

import re
from dataclasses import dataclass

from esockets.status import InvalidArgumentError

_HOST_AND_PORT = re.compile(
    r"(?:\[(?P<ipv6>[0-9A-Fa-f:.%]+)\]|(?P<host>[^\[\]:/\s]+)):(?P<port>\d{1,5})")


@dataclass(frozen=True)
class Address:
    """One of: a path, of a UNIX socket; host and port; these and a ws:// URL."""

    text: str
    host: str = ""
    port: int = 0
    path: str = ""
    url: str = ""

    @staticmethod
    def parse(text: str) -> Address:
        """Errors: InvalidArgumentError with what is wrong."""
        if text.startswith("unix:"):
            return _unix(text)
        if text.startswith("ws://"):
            host, port = _host_and_port(text, text[len("ws://"):].partition("/")[0])
            return Address(text, host, port, url=text)
        host, port = _host_and_port(text, text)
        return Address(text, host, port)


def _unix(text: str) -> Address:
    path = text[len("unix:"):]
    if not path:
        raise InvalidArgumentError(f"address '{text}': the path of the UNIX socket is missing")
    return Address(text, path=path)


def _host_and_port(text: str, part: str) -> tuple[str, int]:
    found = _HOST_AND_PORT.fullmatch(part)
    if not found or not 0 < int(found["port"]) < 65536:
        raise InvalidArgumentError(
            f"address '{text}': write HOST:PORT, [IPV6]:PORT, unix:/path or ws://HOST:PORT")
    return found["ipv6"] or found["host"], int(found["port"])

"""Where a broker is: the same words as the command line's --server, and ws:// and wss://."""

from __future__ import annotations

import re
from dataclasses import dataclass

from esockets.status import InvalidArgumentError

_HOST_AND_PORT = re.compile(
    r"(?:\[(?P<ipv6>[0-9A-Fa-f:.%]+)\]|(?P<host>[^\[\]:/@\s]+)):(?P<port>[0-9]{1,5})")
# What no URL of a WebSocket holds.
_NOT_OF_A_URL = re.compile(r"[\s#\0-\x1f]")


@dataclass(frozen=True)
class Address:
    """One of: a path, of a UNIX socket; host and port; these and a ws:// or wss:// URL."""

    text: str
    host: str = ""
    port: int = 0
    path: str = ""
    url: str = ""
    tls: bool = False

    @staticmethod
    def parse(text: str) -> Address:
        """Errors: InvalidArgumentError with what is wrong."""
        if not isinstance(text, str):
            raise InvalidArgumentError(f"address: text is wanted, not {text!r}")
        if text.startswith("unix:"):
            return _unix(text)
        if text.startswith(("ws://", "wss://")):
            return _websocket(text)
        tls = text.startswith("tls://")
        host, port = _host_and_port(text, text[len("tls://"):] if tls else text)
        return Address(text, host, port, tls=tls)


def _unix(text: str) -> Address:
    path = text[len("unix:"):]
    if not path or "\0" in path:
        raise InvalidArgumentError(f"address {text!r}: the path of the UNIX socket is missing")
    return Address(text, path=path)


def _websocket(text: str) -> Address:
    if _NOT_OF_A_URL.search(text):
        raise InvalidArgumentError(f"address {text!r}: not a URL")
    scheme, _, rest = text.partition("://")
    host, port = _host_and_port(text, rest.partition("/")[0])
    return Address(text, host, port, url=text, tls=scheme == "wss")


def _host_and_port(text: str, part: str) -> tuple[str, int]:
    found = _HOST_AND_PORT.fullmatch(part)
    if not found or not 0 < int(found["port"]) < 65536:
        raise InvalidArgumentError(
            f"address '{text}': write HOST:PORT, [IPV6]:PORT, unix:/path or ws://HOST:PORT; "
            "encrypted: tls://HOST:PORT or wss://HOST:PORT")
    host = found["ipv6"] or found["host"]
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise InvalidArgumentError(f"address '{text}': {error}") from None
    return host, int(found["port"])

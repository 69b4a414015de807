"""TLS as TlsOptions want it, for asyncio: the context of a client's connections, the session that
the next one resumes, and what went wrong in words."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from dataclasses import replace
from typing import Any, Optional

from esockets.address import Address
from esockets.options import TlsOptions
from esockets.status import InvalidArgumentError

_NATIVE_ALPN, _WEBSOCKET_ALPN = "esockets.v1", "http/1.1"

_ALERT = re.compile(r"(?:TLS|SSL)V\d+_ALERT_(?P<what>\w+)")
# So answer those who speak no TLS, and a broker on a port where it speaks none.
_OF_ANOTHER_PROTOCOL = ("WRONG_VERSION_NUMBER", "TLSV1_ALERT_PROTOCOL_VERSION", "HTTP_REQUEST")


class _ResumingContext(ssl.SSLContext):
    """asyncio takes no session for a connection; but it is a context that it asks for the TLS of
    one."""

    # What the broker has given with the last connection. For one: who sees it twice knows that it
    # is the same client (RFC 8446, appendix C.4).
    session: Optional[ssl.SSLSession] = None

    def wrap_bio(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, server_side: bool = False,
                 server_hostname: Any = None, session: Optional[ssl.SSLSession] = None
                 ) -> ssl.SSLObject:
        session, self.session = session or self.session, None
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)


class Tls:
    """Of a client, across its connections."""

    def __init__(self, options: TlsOptions, address: Address) -> None:
        """Reads the files. Errors: InvalidArgumentError with the name of the one that is wrong."""
        self.server_name = options.server_name or address.host
        self.context = _own(options) if options.context else _new_context(options, address)
        try:
            self.context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(),
                                  server_hostname=self.server_name)
        except (AttributeError, TypeError, ValueError) as error:
            raise InvalidArgumentError(f"tls: server_name: {error}") from None

    @staticmethod
    def of(options: Optional[TlsOptions], address: Address) -> Optional[Tls]:
        """None: in the clear. Errors: InvalidArgumentError."""
        if options is not None and not isinstance(options, TlsOptions):
            raise InvalidArgumentError(f"tls: TlsOptions are wanted, not {options!r}")
        if address.tls:
            return Tls(options or TlsOptions.of_environment(), address)
        if options is not None:
            raise InvalidArgumentError(f"address '{address.text}': options of TLS want an "
                                       "address tls://HOST:PORT or wss://HOST:PORT/PATH")
        return None

    def keep_session(self, connection: asyncio.BaseTransport) -> None:
        """Of a connection that stood, for the next one. A context of the program's own begins each
        anew: nothing of asyncio hands it a session."""
        made = connection.get_extra_info("ssl_object")
        if made and isinstance(self.context, _ResumingContext):
            self.context.session = made.session


def words(error: ssl.SSLError) -> str:
    """What went wrong: "TLS: certificate verify failed: self-signed certificate"."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: certificate verify failed: {error.verify_message.rstrip('.')}"
    if not error.reason:
        return f"TLS: {error}"
    alert = _ALERT.fullmatch(error.reason)
    text = f"alert of the broker: {alert['what']}" if alert else error.reason
    hint = " (is it a port that takes TLS?)" if error.reason in _OF_ANOTHER_PROTOCOL else ""
    return f"TLS: {text.replace('_', ' ').lower()}{hint}"


def _own(options: TlsOptions) -> ssl.SSLContext:
    if replace(options, context=None, server_name="") != TlsOptions():
        raise InvalidArgumentError("tls: a context rules alone: beside it only server_name counts")
    if not isinstance(options.context, ssl.SSLContext):
        raise InvalidArgumentError(f"tls: an ssl.SSLContext is wanted, not {options.context!r}")
    return options.context


def _new_context(options: TlsOptions, address: Address) -> ssl.SSLContext:
    context = _ResumingContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies, the name too
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols([_WEBSOCKET_ALPN if address.url else _NATIVE_ALPN])
    if options.chain_file or options.key_file:
        _load_certificate(options, context)
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif options.ca_file:
        _check_pem("ca_file", options.ca_file, "CERTIFICATE")
        try:
            context.load_verify_locations(options.ca_file)
        except ssl.SSLError as error:
            raise _mistake("ca_file", options.ca_file, words(error)) from None
    else:
        context.load_default_certs()
    return context


def _load_certificate(options: TlsOptions, context: ssl.SSLContext) -> None:
    if not options.chain_file or not options.key_file:
        raise InvalidArgumentError("tls: chain_file and key_file belong together")
    _check_pem("chain_file", options.chain_file, "CERTIFICATE")
    _check_pem("key_file", options.key_file, "PRIVATE KEY")

    def no_passphrase() -> str:
        # Without this OpenSSL asks the terminal for it.
        raise _mistake("key_file", options.key_file, "it is encrypted")

    try:
        context.load_cert_chain(options.chain_file, options.key_file, no_passphrase)
    except ssl.SSLError as error:
        raise _mistake("chain_file, key_file", f"{options.chain_file}, {options.key_file}",
                       words(error)) from None


def _check_pem(field: str, path: str, kind: str) -> None:
    """OpenSSL names no file, and seldom what is wrong with it."""
    try:
        with open(path, "rb") as file:
            text = file.read()
    except (OSError, TypeError, ValueError) as error:
        number = error.errno if isinstance(error, OSError) else None
        raise _mistake(field, path, os.strerror(number) if number else str(error)) from None
    if not re.search(rf"-----BEGIN [A-Z0-9 ]*{kind}-----".encode(), text):
        raise _mistake(field, path, f"there is no {kind.lower()} in PEM")


def _mistake(field: str, path: str, why: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"tls: {field}: {path}: {why}")

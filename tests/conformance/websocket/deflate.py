"""permessage-deflate as a client speaks it (RFC 7692): what the server answered to an offer, and
the messages of both sides."""

import re
import zlib

FLUSH_END = b"\x00\x00\xff\xff"  # section 7.2.1
_WINDOW_BITS = re.compile(r"[89]|1[0-5]")


class NotAllowed(Exception):
    """The server answered, or compressed, against the RFC."""


def parse(element):
    """(name, {parameter: value or None}) of "name; parameter=value; parameter"."""
    name, *parts = [part.strip() for part in element.split(";")]
    parameters = {}
    for part in parts:
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if key in parameters:
            raise NotAllowed(f"{key} stands there twice (RFC 7692 §7.1)")
        parameters[key] = value.strip('"') if equals else None
    return name, parameters


def check_values(answer):
    for key, value in answer.items():
        if key in ("server_no_context_takeover", "client_no_context_takeover"):
            valid = value is None
        elif key in ("server_max_window_bits", "client_max_window_bits"):
            valid = value is not None and _WINDOW_BITS.fullmatch(value)
        else:
            raise NotAllowed(f"{key} is no parameter of permessage-deflate (RFC 7692 §7.1)")
        if not valid:
            raise NotAllowed(f"{key}={value} is no value (RFC 7692 §7.1)")


def _why_no_answer(offer, answer):
    """Why that is no answer to this offer; empty: it is one."""
    if "server_no_context_takeover" in offer and "server_no_context_takeover" not in answer:
        return "server_no_context_takeover is missing (RFC 7692 §7.1.1.1)"
    if "server_max_window_bits" in offer:
        if int(answer.get("server_max_window_bits", 16)) > int(offer["server_max_window_bits"]):
            return "server_max_window_bits is missing or more than offered (RFC 7692 §7.1.2.1)"
    if "client_max_window_bits" in answer:
        if "client_max_window_bits" not in offer:
            return "client_max_window_bits was not offered (RFC 7692 §7.1.2.2)"
        if int(answer["client_max_window_bits"]) > int(offer["client_max_window_bits"] or 15):
            return "client_max_window_bits is more than offered (RFC 7692 §7.1.2.2)"
    return ""


def agreement(offers, header):
    """What the server's Sec-WebSocket-Extensions means; None: it declined all offers."""
    if not header:
        return None
    if not offers:
        raise NotAllowed("an extension that was not offered (RFC 6455 §9.1)")
    name, answer = parse(header)
    if name != "permessage-deflate":
        raise NotAllowed(f"{name} was not offered (RFC 6455 §9.1)")
    check_values(answer)
    offered = []
    for element in offers.split(","):
        try:
            name, offer = parse(element)
            if name == "permessage-deflate":
                check_values({k: v for k, v in offer.items()
                               if (k, v) != ("client_max_window_bits", None)})
                offered.append(offer)
        except NotAllowed:
            continue  # an offer that nobody may accept
    reasons = [_why_no_answer(offer, answer) for offer in offered]
    if not reasons:
        raise NotAllowed("an offer that is none was accepted (RFC 7692 §7.1)")
    if all(reasons):
        raise NotAllowed(reasons[0])
    return Deflate(answer)


class Deflate:
    """Both directions of a connection."""

    def __init__(self, answer):
        self.answer = answer
        self._server_bits = int(answer.get("server_max_window_bits", 15))
        self._client_bits = max(9, int(answer.get("client_max_window_bits", 15)))
        self._inflater = self._deflater = None

    def compress(self, message):
        """The payload of a compressed message; with the window of the one before, if allowed."""
        if self._deflater is None or "client_no_context_takeover" in self.answer:
            self._deflater = zlib.compressobj(wbits=-self._client_bits)
        data = self._deflater.compress(message) + self._deflater.flush(zlib.Z_SYNC_FLUSH)
        return data[:-len(FLUSH_END)]

    def decompress(self, payload):
        """Raises NotAllowed when more than the agreed window is needed."""
        if self._inflater is None or "server_no_context_takeover" in self.answer:
            self._inflater = zlib.decompressobj(-self._server_bits)
        try:
            return self._inflate(payload + FLUSH_END)
        except zlib.error as error:
            raise NotAllowed(f"a compressed message is corrupt: {error}") from error

    def _inflate(self, data):
        # zlib looks back as far as its output of one call reaches: little of it at a time.
        step = 0 if self._server_bits == 15 else 256
        message = bytearray()
        while True:
            message += self._inflater.decompress(data, step)
            data = self._inflater.unconsumed_tail
            if self._inflater.eof:  # a last block (section 7.2.3.4)
                data = self._inflater.unused_data
                self._inflater = zlib.decompressobj(-self._server_bits)
            if not data:
                return bytes(message)

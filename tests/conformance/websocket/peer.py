"""A connection to a WebSocket server: what goes out is written as a case wants it, what comes in is
read strictly. What RFC 6455 forbids a server raises Violation."""

import base64
import hashlib
import os
import socket
import urllib.parse

from tests.conformance.websocket import deflate, frames

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_NAMES = {frames.TEXT: "text", frames.BINARY: "binary", frames.PING: "ping", frames.PONG: "pong"}


class Violation(Exception):
    """The server broke a rule."""


class Silence(Violation):
    """Nothing came, for as long as a case waits."""


class _Ended(Exception):
    """No byte comes any more; how the connection ended: eof or reset."""


def may_be_sent(code):
    """Is it a status that may stand in a Close (RFC 6455 §7.4, IANA's registry)?"""
    return 1000 <= code <= 1014 and code not in (1004, 1005, 1006) or 3000 <= code <= 4999


class Peer:
    """Events are ("text", bytes), ("binary", bytes), ("ping", bytes), ("pong", bytes),
    ("close", code or None, reason) and ("end", "eof" or "reset").

    `timeout`: seconds without a byte that are too many. `fail_fast`: seconds after which a server
    that could have failed already has not done so.
    """

    def __init__(self, url, offers="", timeout=10, fail_fast=10):
        parts = urllib.parse.urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port or 80), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.fail_fast = fail_fast
        self._bytes = bytearray()
        self._message = None  # (opcode, compressed, pieces) that has begun
        self.sent_close = self.got_close = False
        try:
            self.deflate = self._shake_hands(parts, offers)
        except _Ended as end:
            self._socket.close()
            raise Violation(f"{end} instead of a handshake") from end
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._socket.close()

    # --- the handshake ----------------------------------------------------------------------------

    def _shake_hands(self, parts, offers):
        key = base64.b64encode(os.urandom(16))
        fields = ["Host: " + parts.netloc, "Upgrade: websocket", "Connection: Upgrade",
                  "Sec-WebSocket-Key: " + key.decode(), "Sec-WebSocket-Version: 13"]
        fields += ["Sec-WebSocket-Extensions: " + line for line in offers.split("\n") if line]
        target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        self._socket.sendall("\r\n".join([f"GET {target} HTTP/1.1", *fields, "", ""]).encode())
        while b"\r\n\r\n" not in self._bytes:
            self._fill(len(self._bytes) + 1)
        head, _, self._bytes = self._bytes.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        if not status.startswith("HTTP/1.1 101 "):
            raise Violation(f"the handshake was refused: {status}")
        answer = {}
        for line in lines:
            name, _, value = line.partition(":")
            answer.setdefault(name.strip().lower(), []).append(value.strip())
        self._check_answer(answer, key)
        header = ", ".join(answer.get("sec-websocket-extensions", []))
        try:
            return deflate.agreement(offers.replace("\n", ", "), header)
        except deflate.NotAllowed as why:
            raise Violation(str(why)) from why

    def _check_answer(self, answer, key):
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()
        if answer.get("sec-websocket-accept") != [accept]:
            raise Violation("Sec-WebSocket-Accept is wrong (RFC 6455 §4.2.2)")
        if [value.lower() for value in answer.get("upgrade", [])] != ["websocket"]:
            raise Violation("Upgrade does not say websocket (RFC 6455 §4.2.2)")
        if "upgrade" not in ",".join(answer.get("connection", [])).lower():
            raise Violation("Connection does not say Upgrade (RFC 6455 §4.2.2)")
        if "sec-websocket-protocol" in answer:
            raise Violation("a subprotocol that was not offered (RFC 6455 §4.2.2)")

    # --- sending ----------------------------------------------------------------------------------

    def send(self, data, chop=0):
        """All of it, at once or `chop` bytes at a time; less when the server has hung up, which is
        seen when reading."""
        view = memoryview(data)
        try:
            for start in range(0, len(view), chop or len(view) or 1):
                self._socket.sendall(view[start:start + chop] if chop else view)
        except (BrokenPipeError, ConnectionResetError):
            pass
        except socket.timeout as timeout:
            raise Silence("the server takes no more bytes") from timeout

    def send_close(self, code=frames.NORMAL):
        if not self.sent_close:
            self.sent_close = True
            self.send(frames.close(code))

    # --- receiving --------------------------------------------------------------------------------

    def _fill(self, count):
        while len(self._bytes) < count:
            try:
                data = self._socket.recv(1 << 18)
            except socket.timeout as timeout:
                raise Silence(f"nothing came for {self._socket.gettimeout()} s") from timeout
            except ConnectionResetError as reset:
                raise _Ended("reset") from reset
            if not data:
                raise _Ended("eof")
            self._bytes += data

    def _take(self, count):
        self._fill(count)
        taken = bytes(self._bytes[:count])
        del self._bytes[:count]
        return taken

    def silent(self, seconds):
        """Does nothing come for so long?"""
        timeout = self._socket.gettimeout()
        self._socket.settimeout(seconds)
        try:
            self._fill(len(self._bytes) + 1)
            return False
        except Silence:
            return True
        except _Ended:
            return False
        finally:
            self._socket.settimeout(timeout)

    def receive(self):
        """The next event. Raises Violation."""
        while True:
            try:
                first = self._take(1)[0]
            except _Ended as end:
                return "end", str(end)
            try:
                event = self._frame(first)
            except _Ended as end:
                if str(end) == "eof":
                    raise Violation("the stream ends within a frame") from end
                return "end", str(end)
            if event:
                return event

    def _frame(self, first):
        """The event that this frame completes, if any."""
        fin, rsv, opcode = first >> 7, first >> 4 & 7, first & 15
        second = self._take(1)[0]
        if second & 0x80:
            raise Violation("a frame of the server is masked (RFC 6455 §5.1)")
        if opcode not in (0, 1, 2, 8, 9, 10):
            raise Violation(f"the opcode {opcode} is reserved (RFC 6455 §5.2)")
        if rsv and not (rsv == 4 and opcode in (1, 2) and self.deflate):
            raise Violation(f"reserved bits {rsv} are set (RFC 6455 §5.2)")
        if opcode >= 8 and not fin:
            raise Violation("a control frame is fragmented (RFC 6455 §5.5)")
        if opcode >= 8 and second > 125:
            raise Violation("a control frame is longer than 125 bytes (RFC 6455 §5.5)")
        if self.got_close:
            raise Violation("a frame after the Close (RFC 6455 §5.5.1)")
        payload = self._take(self._length(second))
        if opcode == frames.CLOSE:
            return self._close(payload)
        if opcode >= 8:
            return _NAMES[opcode], payload
        return self._data(opcode, fin, rsv == 4, payload)

    def _length(self, second):
        if second < 126:
            return second
        length = int.from_bytes(self._take(2 if second == 126 else 8), "big")
        if length < (126 if second == 126 else 1 << 16):
            raise Violation("a length has more bytes than it needs (RFC 6455 §5.2)")
        if length >> 63:
            raise Violation("the highest bit of a length is set (RFC 6455 §5.2)")
        return length

    def _data(self, opcode, fin, compressed, payload):
        if (opcode == frames.CONTINUATION) != (self._message is not None):
            raise Violation("a continuation of nothing, or a message in another (RFC 6455 §5.4)")
        if self._message is None:
            self._message = opcode, compressed, []
        opcode, compressed, pieces = self._message
        pieces.append(payload)
        if not fin:
            return None
        self._message = None
        message = b"".join(pieces)
        if compressed:
            try:
                message = self.deflate.decompress(message)
            except deflate.NotAllowed as why:
                raise Violation(str(why)) from why
        if opcode == frames.TEXT:
            self._check_utf8(message, "a text")
        return _NAMES[opcode], message

    def _close(self, payload):
        self.got_close = True
        if not payload:
            return "close", None, b""
        code = int.from_bytes(payload[:2], "big")
        if len(payload) == 1 or not may_be_sent(code):
            raise Violation(f"a Close with {payload[:2].hex()} (RFC 6455 §7.4)")
        self._check_utf8(payload[2:], "the reason of a Close")
        return "close", code, payload[2:]

    @staticmethod
    def _check_utf8(text, what):
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Violation(f"{what} is no UTF-8 (RFC 6455 §8.1)") from error

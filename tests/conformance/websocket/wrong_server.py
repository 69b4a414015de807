"""A WebSocket echo server that is right, but for the faults it is given: what shows that the cases
can fail. Each connection has a thread.

Faults:
    masks                   its frames, as only clients do
    pads lengths            of its frames to 64 bits
    wrong accept            in the handshake
    mangles                 what it echoes
    wrong pongs             with another payload
    answers Pongs
    takes anything          that is no frame, no text, no status
    waits for the end       of a text before it looks whether that is one
    forgets the echo        that is due when it fails
    wrong codes             in every Close
    hangs up                instead of sending a Close
    stays open              after its Close
    goes on after a Close
    knows no extension
    invents an extension    that nobody offered
    accepts all offers      of permessage-deflate
    ignores parameters      of those offers
    keeps its window        although it agreed not to
    larger window           than agreed on
"""

import base64
import codecs
import hashlib
import re
import socket
import threading
import zlib

from tests.conformance.websocket import deflate, frames
from tests.conformance.websocket.peer import may_be_sent

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LIMIT = 16 << 20


class _Mistake(Exception):
    """The client's; with the status of the Close."""


class WrongServer:

    def __init__(self, *faults):
        self._faults = frozenset(faults)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = "ws://%s:%d" % self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=_Connection(client, self._faults).serve, daemon=True).start()

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class _Connection:

    def __init__(self, client, faults):
        self._socket, self._faults = client, faults
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = client.makefile("rb", 1 << 16)
        self._deflate = self._deflater = self._inflater = None
        self._message = None  # (opcode, compressed, bytearray)
        self._unsent = b""
        self._decoder = None

    def serve(self):
        try:
            self._shake_hands()
            self._serve_frames()
        except (OSError, EOFError):
            pass
        self._stream.close()
        self._socket.close()

    # --- the handshake ----------------------------------------------------------------------------

    def _shake_hands(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self._stream.readline()
            if not line:
                raise EOFError
            head += line
        text = head.decode("latin-1")
        key = re.search(r"(?im)^Sec-WebSocket-Key: *(\S+)", text)[1]
        digest = hashlib.sha1((key + _GUID).encode()).digest()
        if "wrong accept" in self._faults:
            digest = digest[::-1]
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Accept: " + base64.b64encode(digest).decode()]
        offers = ", ".join(re.findall(r"(?im)^Sec-WebSocket-Extensions: *(.*?)\r$", text))
        if (answer := self._answer(offers)) is not None:
            self._deflate = deflate.Deflate(answer)
            parts = [f"{k}={v}" if v else k for k, v in answer.items()]
            lines.append("Sec-WebSocket-Extensions: " + "; ".join(["permessage-deflate", *parts]))
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def _answer(self, offers):
        """The parameters of what is accepted; None: nothing is."""
        if "invents an extension" in self._faults:
            return {}
        if "knows no extension" in self._faults:
            return None
        for offer in offers.split(","):
            if not offer.strip().startswith("permessage-deflate"):
                continue
            if "accepts all offers" in self._faults:
                return {}
            try:
                _, asked = deflate.parse(offer)
                deflate.check_values({k: v for k, v in asked.items()
                                      if (k, v) != ("client_max_window_bits", None)})
            except deflate.NotAllowed:
                continue
            if "ignores parameters" in self._faults:
                return {}
            return {k: v for k, v in asked.items() if k != "client_max_window_bits"}
        return None

    # --- receiving --------------------------------------------------------------------------------

    def _take(self, count):
        data = self._stream.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def _serve_frames(self):
        try:
            while self._serve_frame():
                pass
        except _Mistake as mistake:
            self._end(mistake.args[0])

    def _check(self, right, code=frames.PROTOCOL_ERROR):
        if not right and "takes anything" not in self._faults:
            raise _Mistake(code)
        return right

    def _serve_frame(self):
        first, second = self._take(2)
        fin, rsv, opcode = first >> 7, first >> 4 & 7, first & 15
        self._check(second & 0x80)
        self._check(opcode in (0, 1, 2, 8, 9, 10))
        self._check(not rsv or rsv == 4 and opcode in (1, 2) and self._deflate)
        self._check(opcode < 8 or fin and second & 127 < 126)
        size = second & 127
        if size >= 126:
            length = int.from_bytes(self._take(2 if size == 126 else 8), "big")
            self._check(length >= (126 if size == 126 else 1 << 16) and not length >> 63)
            size = length & (1 << 63) - 1
        kept = len(self._message[2]) if self._message else 0
        if opcode < 8:
            self._check(size + kept <= _LIMIT, frames.TOO_BIG)
        mask = self._take(4) if second & 0x80 else bytes(4)
        payload = self._payload(size, mask, opcode)
        if opcode >= 8:
            return self._control(opcode, payload)
        self._data(opcode, fin, rsv & 4, payload)
        return True

    def _payload(self, size, mask, opcode):
        """The first bytes of texts are looked at one by one, as they come."""
        begun = len(self._message[2]) if self._message else 0
        as_it_comes = (begun + size <= 1 << 10 and not self._deflate and
                       "waits for the end" not in self._faults)
        if opcode >= 8 or not as_it_comes:
            return frames.masked(self._take(size), mask)
        if opcode != frames.CONTINUATION:
            self._decoder = _Utf8() if opcode == frames.TEXT else None
        payload = bytearray()
        for at in range(size):
            payload += bytes([self._take(1)[0] ^ mask[at % 4]])
            if self._decoder:
                self._check(self._decoder.takes(payload[-1:]), frames.INVALID_PAYLOAD)
        return bytes(payload)

    def _data(self, opcode, fin, compressed, payload):
        if not self._check((opcode == 0) != (self._message is None)):
            self._message = None
        if self._message is None:
            self._message = opcode or frames.TEXT, compressed, bytearray()
        opcode, compressed, whole = self._message
        whole += payload
        if not fin:
            return
        self._message = None
        self._echo(opcode, compressed, bytes(whole))

    def _echo(self, opcode, compressed, message):
        if compressed and self._deflate:
            message = self._inflated(message + deflate.FLUSH_END)
        self._check(len(message) <= _LIMIT, frames.TOO_BIG)
        if opcode == frames.TEXT and not self._check(_is_text(message), frames.INVALID_PAYLOAD):
            opcode = frames.BINARY
        if "mangles" in self._faults:
            message += b"!"
        if self._deflate and compressed:
            self._send(opcode, self._compressed(message), rsv=4)
        else:
            self._send(opcode, message)

    def _inflated(self, data):
        if self._inflater is None or "client_no_context_takeover" in self._deflate.answer:
            self._inflater = zlib.decompressobj(-15)
        try:
            message = self._inflater.decompress(data, _LIMIT + 1)
            while self._inflater.eof and (data := self._inflater.unused_data):
                self._inflater = zlib.decompressobj(-15)
                message += self._inflater.decompress(data, _LIMIT + 1)
            return message
        except zlib.error:
            self._check(False, frames.INVALID_PAYLOAD)
            return b"?"

    def _compressed(self, message):
        answer = self._deflate.answer
        bits = int(answer.get("server_max_window_bits", 15))
        if "larger window" in self._faults:
            bits = 15
        if self._deflater is None or ("server_no_context_takeover" in answer and
                                      "keeps its window" not in self._faults):
            self._deflater = zlib.compressobj(wbits=-max(9, bits))
        data = self._deflater.compress(message) + self._deflater.flush(zlib.Z_SYNC_FLUSH)
        return data[:-len(deflate.FLUSH_END)]

    def _control(self, opcode, payload):
        """False: that was the last frame."""
        if opcode == frames.PING:
            self._send(frames.PONG, (payload + b"!")[-125:] if "wrong pongs" in self._faults
                       else payload[:125])
        elif opcode == frames.CLOSE:
            return self._on_close(payload)
        elif opcode != frames.PONG or "answers Pongs" in self._faults:
            self._send(frames.BINARY, b"?")
        return True

    def _on_close(self, payload):
        code = int.from_bytes(payload[:2], "big") if payload else frames.NORMAL
        self._check(len(payload) != 1 and may_be_sent(code))
        self._check(_is_text(payload[2:]), frames.INVALID_PAYLOAD)
        if "goes on after a Close" in self._faults:
            self._send(frames.CLOSE, payload)
            return True
        self._end(code if may_be_sent(code) else frames.NORMAL)
        return False

    # --- sending ----------------------------------------------------------------------------------

    def _send(self, opcode, payload, rsv=0):
        data = frames.frame(opcode, payload, rsv=rsv, mask="masks" in self._faults,
                            length_form=9 if "pads lengths" in self._faults else None)
        if "forgets the echo" in self._faults and opcode == frames.TEXT:
            self._unsent += data  # as one that fails before it has flushed
            if self._stream.peek(1):
                return
            data = b""
        self._socket.sendall(self._unsent + data)
        self._unsent = b""

    def _end(self, code):
        """Close, end of stream, and what still comes is read, so that no reset destroys them."""
        self._unsent = b""
        if "hangs up" not in self._faults:
            if "wrong codes" in self._faults:
                code = 4321
            self._send(frames.CLOSE, code.to_bytes(2, "big"))
        if "stays open" not in self._faults:
            self._socket.shutdown(socket.SHUT_WR)
        while self._stream.read1(1 << 16):
            pass


def _is_text(data):
    try:
        data.decode("utf-8")
        return True
    except UnicodeDecodeError:
        return False


class _Utf8:
    """A text that comes in pieces."""

    def __init__(self):
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def takes(self, piece):
        try:
            self._decoder.decode(piece)
            return True
        except UnicodeDecodeError:
            return False

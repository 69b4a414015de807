"""A transport that a test drives: what a session sends is kept, what the broker says comes in."""

from esockets.frame_reader import FrameReader
from esockets.frames import varint
from esockets.proto.esockets_pb2 import ClientFrame, ServerFrame


def server_frame(**kind):
    """server_frame(pong={"id": 1}), with its length."""
    body = ServerFrame(**kind).SerializeToString()
    return varint(len(body)) + body


def client_frames(data):
    """The frames in some bytes."""
    reader, frames = FrameReader(), []
    reader.feed(data)
    while (body := reader.next()) is not None:
        frames.append(ClientFrame.FromString(body))
    return frames


class FakeTransport:
    """As esockets.transport.Transport."""

    def __init__(self):
        self.congested = False
        self.dials = self.drops = 0
        self.paused = False
        self.pings = None  # a number: it has a ping of its own
        self._listener = None
        self._sent = b""

    def set_listener(self, listener):
        self._listener = listener

    def dial(self):
        self.dials += 1
        self.paused = False
        self._sent = b""

    def drop(self):
        self.drops += 1

    def send(self, frames):
        self._sent += frames

    def ping(self):
        if self.pings is None:
            return False
        self.pings += 1
        return True

    def pause_read(self):
        self.paused = True

    def resume_read(self):
        self.paused = False

    # --- the test's side

    def up(self):
        self._listener.on_up()

    def down(self, reason, retryable=True):
        self._listener.on_down(reason, retryable)

    def uncongested(self):
        self.congested = False
        self._listener.on_uncongested()

    def sign_of_life(self):
        self._listener.on_sign_of_life()

    def say(self, **kind):
        """The broker sends this."""
        self._listener.on_bytes(server_frame(**kind))

    def say_bytes(self, data):
        self._listener.on_bytes(data)

    def sent(self):
        """Frames since the last look."""
        frames, self._sent = client_frames(self._sent), b""
        return frames

    def sent_kinds(self):
        return [frame.WhichOneof("kind") for frame in self.sent()]

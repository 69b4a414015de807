"""A session of the Python client on a simulated loop. What the program hears and what the broker
gets are lines of text, in order."""

from esockets.events import ClientEvents
from esockets.filter_entry import Subscribed
from esockets.frames import NO_OPTIONS, publish_fields, publish_frame
from esockets.options import ClientOptions, PublishOptions, SubscribeOptions, WhenFull
from esockets.outgoing_buffer import BUFFERED_IDS_AFTER, OutgoingBuffer, PendingRequest
from esockets.reply_collector import ReplyCollector
from esockets.session import Session
from esockets.status import Error, UnavailableError
from tests.support.fake_loop import FakeLoop
from tests.support.fake_python_transport import FakeTransport

FIRST_ID = BUFFERED_IDS_AFTER + 1


class DiarySubscriber:

    def __init__(self, filter, diary, on_message=None):
        self._filter, self._diary, self._on_message = filter, diary, on_message

    def on_message(self, message):
        if self._on_message:
            self._on_message()
        group = f" for {self._filter} in {message.group}" if message.group else ""
        self._diary.append(f"{message.topic}={message.text()}{group}")

    def on_end(self, reason):
        self._diary.append(f"end of {self._filter}: {kind_of(reason)}")


def kind_of(error):
    """"Unavailable", or the broker's code."""
    return str(error.code) if error.code else type(error).__name__.removesuffix("Error")


def words_of(frame):
    """A frame as the test writes it."""
    kind = frame.WhichOneof("kind")
    content = getattr(frame, kind)
    if kind == "connect":
        shown = (content.token, content.user, content.resume.decode())
        return " ".join(("connect", content.client_id, *filter(None, shown)))
    if kind == "publish":
        return f"publish {content.topic}={content.payload.decode()}"
    if kind == "subscribe":
        start = ["", " after {} of {}", " since {}", " last {}", " last {} each"][content.start]
        group = f" in {content.group}" if content.group else ""
        return f"subscribe {content.id} {content.filter}{group}" + start.format(
            content.start_at, content.start_epoch)
    if kind == "refresh":
        return f"refresh {content.token}"
    if kind == "unsubscribe":
        return f"unsubscribe {content.filter}"
    return kind


class TestSession:
    """A session, and both of its sides."""

    __test__ = False

    def __init__(self, token_source=None, **options):
        self.loop, self.transport, self.diary = FakeLoop(), FakeTransport(), []
        self.dice = 0.5
        self.outgoing = OutgoingBuffer(1 << 20, WhenFull.ERROR,
                                       lambda: self.loop.call_soon(self.session.drain))
        defaults = {"address": "x", "client_id": "me", "token": "", "backoff_max": 1.0,
                    "dice": lambda: self.dice}
        self.session = Session(self.loop, self.transport, self.outgoing,
                               ClientOptions(**{**defaults, **options}), self._events(),
                               token_source)
        self._subscribers = 0

    def _events(self):
        note = self.diary.append
        return ClientEvents(
            on_state_change=lambda state, reason: note(state.value),
            on_gap=lambda gap: note(f"gap {gap.filter} {gap.messages} {gap.reason}"),
            on_snapshot_end=lambda filter: note(f"snapshot end {filter}"),
            on_resumed=lambda r: note(f"resumed {r.filter} behind {r.position}"
                                      + ("" if r.recovered else ", not recovered")),
            on_close=lambda close: note(f"close {close.code}"),
            on_go_away=lambda go_away: note(f"go away {go_away.code}"),
            on_error=lambda error: note(f"error {kind_of(error)}"))

    # --- what the program does

    def start(self):
        self.session.start()
        return self

    def start_connected(self, *filters):
        self.start()
        for filter in filters:
            self.subscribe(filter)
        self.greet()
        for id in range(1, len(filters) + 1):
            self.say(subscribed={"id": id})
        self.sent()
        self.told()
        return self

    def publish(self, topic, payload):
        fields = publish_fields(topic, payload.encode(), NO_OPTIONS)
        self.outgoing.add(publish_frame(fields))
        self.loop.run()

    def ask(self, topic, reply_topic=""):
        """A publish that wants its Published, or a reply; returns the id."""
        fields = publish_fields(topic, b"?", PublishOptions(reply_to=reply_topic))

        def note(outcome):
            words = kind_of(outcome) if isinstance(outcome, Error) else "yes"
            self.diary.append(f"answer to {topic}: {words}")

        request = PendingRequest(done=None if reply_topic else note, reply_topic=reply_topic,
                                 replies=ReplyCollector(1, note) if reply_topic else None)
        id = self.outgoing.add_control(lambda id: publish_frame(fields, id), request)
        self.loop.run()
        return id

    def subscribe(self, filter, on_message=None, **options):
        self._subscribers += 1
        id = self._subscribers

        def done(outcome):
            if isinstance(outcome, Error):
                return self.diary.append(f"{filter} refused: {kind_of(outcome)}")
            behind = f" behind {outcome.stream.position}" if outcome.stream else ""
            self.diary.append(f"{filter} stands{behind}")

        self.session.subscribe(filter, SubscribeOptions(**options),
                               Subscribed(id, DiarySubscriber(filter, self.diary, on_message)),
                               done)
        self.loop.run()
        return id

    # --- what the broker does

    def greet(self, **fields):
        self.transport.up()
        self.say(connected={"client_id": "me", "session_id": 7, "inbox": "$INBOX/x", **fields})

    def say(self, **kind):
        self.transport.say(**kind)
        self.loop.run()

    def message(self, topic, position=0):
        """Its payload is its position."""
        self.say(message={"topic": topic, "payload": str(position).encode(),
                          "position": position})

    def stands(self, id, position, epoch=3, recovered=True, overflow=0):
        self.say(subscribed={"id": id, "stream": {
            "name": "chat", "epoch": epoch, "position": position, "recovered": recovered,
            "overflow": overflow}})

    def break_(self):
        self.transport.down(UnavailableError("broken"))

    def reconnect(self):
        self.break_()
        self.wait_for_dial()
        self.greet()

    def wait_for_dial(self):
        """Seconds."""
        dials, wait = self.transport.dials, self.loop.next_due
        self.loop.advance(wait)
        assert self.transport.dials == dials + 1
        return wait

    # --- what came of it

    def told(self):
        diary, self.diary[:] = list(self.diary), []
        return diary

    def sent(self):
        return [words_of(frame) for frame in self.transport.sent()]

#!/usr/bin/python3
"""When another token is asked for, and what becomes of it."""

import pytest

from esockets.events import ClientEvents
from esockets.options import ClientOptions
from esockets.proto.esockets_pb2 import ServerFrame
from esockets.refresher import Refresher
from esockets.status import UnavailableError
from tests.support.fake_loop import FakeLoop
from tests.support.fake_python_transport import client_frames
from tests.support.pytest_main import run
from tests.support.python_session import kind_of

NONE = UnavailableError("no token")


class AtOnce:
    """In place of questions that wait for their answer."""

    def __init__(self, token):
        self._token = token

    def append(self, tell):
        tell(self._token)


class Scene:
    """A refresher, who is asked, and the broker. Seconds of the diary are of the whole test."""

    def __init__(self, hook=True, dice=0.5, **options):
        self.loop, self.diary, self.asked = FakeLoop(), [], []
        self.events = ClientEvents(on_error=lambda error: self.note(f"error {kind_of(error)}"))
        self.refresher = Refresher(
            self.loop, self._ask if hook else None, self._send,
            ClientOptions(address="x", dice=lambda: dice, **options), self.events)

    def note(self, what):
        self.diary.append((round(self.loop.time(), 3), what))

    def _ask(self, tell):
        self.note("ask")
        self.asked.append(tell)

    def _send(self, data):
        frame, = client_frames(data)
        self.note(f"refresh {frame.refresh.id} {frame.refresh.token}")

    def begin(self, expire_in_ms):
        self.refresher.begin(expire_in_ms)
        return self

    def bring(self, token):
        self.asked.pop()(token)

    def say(self, **kind):
        frame = ServerFrame(**kind)
        return self.refresher.on_frame(frame.WhichOneof("kind"), frame)

    def refreshed(self, expire_in_ms):
        return self.say(refreshed={"credentials_expire_in_ms": expire_in_ms})

    def refuse(self):
        return self.say(error={"code": 129})

    def told(self):
        diary, self.diary[:] = list(self.diary), []
        return diary


@pytest.mark.parametrize("expire_in_ms, due", [
    (1, 0.001), (500, 0.4), (10_000, 8), (3_600_000, 2880), (0, None)])
def test_asks_when_four_fifths_are_over(expire_in_ms, due):
    s = Scene().begin(expire_in_ms)
    assert s.loop.next_due == (due and pytest.approx(due, abs=0.0005))
    s.loop.advance(10_000)
    assert s.told() == ([(due, "ask")] if due else [])


def test_what_it_gets_is_shown_and_the_answer_tells_until_when():
    s = Scene().begin(10_000)
    s.loop.advance(9)  # the hook takes its time
    s.bring("t0ken")
    s.loop.advance(0.5)
    assert s.refreshed(20_000)
    s.loop.advance(16)
    assert s.told() == [(8, "ask"), (9, "refresh 0 t0ken"), (25.5, "ask")]
    s.bring("for good")
    assert s.refreshed(0)
    assert s.loop.next_due is None


def test_no_sooner_than_the_broker_takes_another():
    s = Scene().begin(100)
    s.loop.advance(1)
    s.bring("a")
    s.refreshed(100)
    s.loop.advance(5)
    assert s.told() == [(0.08, "ask"), (1, "refresh 0 a"), (2, "ask")]


def test_without_a_hook_nobody_is_asked():
    s = Scene(hook=False).begin(1000)
    assert s.loop.next_due is None
    assert not s.refreshed(1000) and not s.refuse()
    assert s.loop.next_due is None and s.told() == []


def test_a_failure_is_told_and_it_is_asked_again():
    s = Scene().begin(10_000)
    s.loop.advance(8)
    s.bring(NONE)
    s.loop.advance(1)
    s.bring("wrong")
    assert s.refuse() and not s.refuse()
    s.loop.advance(1)
    assert s.told() == [(8, "ask"), (8, "error Unavailable"), (9, "ask"), (9, "refresh 0 wrong"),
                        (9, "error 129"), (10, "ask")]


def test_the_waits_after_failures_double_from_a_second_up():
    s = Scene(backoff_min=1, backoff_max=7).begin(1000)

    def waits(count):
        found = []
        for _ in range(count):
            s.loop.advance(s.loop.next_due)
            s.bring(NONE)
            found.append(round(s.loop.next_due, 3))
        return found

    assert waits(5) == [1, 1, 2, 3.5, 3.5]
    s.loop.advance(s.loop.next_due)
    s.bring("a")
    s.refreshed(1000)
    assert waits(3) == [1, 1, 2]  # they begin anew
    s.begin(1000)
    assert waits(3) == [1, 1, 2]


@pytest.mark.parametrize("stop", [lambda s: s.refresher.stop(), lambda s: s.begin(0)])
def test_when_it_is_over_nothing_is_asked_and_what_comes_is_thrown_away(stop):
    s = Scene().begin(10_000)
    stop(s)
    assert s.loop.next_due is None
    for late in ("late", NONE):
        s.begin(10_000).loop.advance(8)
        s.told()
        stop(s)
        s.bring(late)
        assert (s.loop.next_due, s.told()) == (None, [])
    s.begin(10_000).loop.advance(8)
    s.bring("sent")
    stop(s)
    assert not s.refuse() and not s.refreshed(1000)
    assert s.loop.next_due is None


def test_a_token_of_the_connection_before_is_not_that_of_this_one():
    s = Scene().begin(1000)
    s.loop.advance(0.8)
    before = s.asked.pop()
    s.begin(1000).loop.advance(0.8)
    s.told()
    before("old")
    assert s.told() == []
    for token in ("new", "another"):
        s.asked[0](token)
    assert s.told() == [(1.6, "refresh 0 new")]


def test_only_answers_to_it_are_taken():
    s = Scene().begin(1000)
    assert not s.refreshed(1000) and not s.refuse()
    s.loop.advance(0.8)
    s.bring("a")
    assert not s.say(error={"code": 120}) and not s.say(pong={})
    assert s.refreshed(1000) and not s.refreshed(5000)
    assert s.loop.next_due == pytest.approx(1)


def test_who_ends_it_when_he_hears_of_a_failure_hears_no_more():
    s = Scene().begin(1000)
    s.events.on_error = lambda error: s.refresher.stop()
    s.loop.advance(0.8)
    s.bring(NONE)
    assert s.loop.next_due is None


def test_a_failure_that_nobody_hears_is_one():
    s = Scene().begin(1000)
    s.events.on_error = None
    s.loop.advance(0.8)
    s.bring(NONE)
    assert s.loop.next_due == pytest.approx(1)


def test_a_hook_that_answers_at_once():
    s = Scene()
    s.asked = AtOnce("a token")
    s.begin(1000).loop.advance(0.8)
    assert s.told() == [(0.8, "ask"), (0.8, "refresh 0 a token")]


if __name__ == "__main__":
    run(__file__)

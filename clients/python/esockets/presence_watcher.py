"""Follows who is on a topic: reads the roster, page after page, takes the updates, and reads again
when something was missed or the connection is a new one."""

from __future__ import annotations

from typing import Callable, Dict

from google.protobuf.message import DecodeError

from esockets.limits import PRESENCE_PAGE_MEMBERS, PRESENCE_PAUSE
from esockets.loop import Loop
from esockets.message import Message
from esockets.presence import PresenceCallback, PresenceNews
from esockets.presence_book import PresenceBook
from esockets.proto import presence_pb2 as pb
from esockets.status import (Error, FailedPreconditionError, Outcome, PermissionDeniedError,
                             UnavailableError)

# Asks the broker with this payload, and answers on the loop; or never, when the client ends.
Ask = Callable[[bytes, Callable[[Outcome[bytes]], None]], None]


class PresenceWatcher:
    """The subscriber of "$presence/TOPIC"."""

    def __init__(self, loop: Loop, ask: Ask, callback: PresenceCallback) -> None:
        self._loop = loop
        self._ask = ask
        self._callback = callback
        self._book = PresenceBook()
        self._reading = 0  # answers to older ones are not looked at
        self._asking = False
        self._begun = False  # before that nobody is told anything
        self.over = False

    def on_subscribed(self) -> None:
        """The broker has confirmed the subscription, on whatever connection."""
        self._begun = True
        # What was asked over another connection is not answered any more.
        self._asking = False
        self.on_gap()

    def on_gap(self) -> None:
        """Updates did not come."""
        self._book.invalidate()
        self._read_if_needed()

    def stop(self) -> None:
        """Nothing is told any more."""
        self.over = True

    def on_message(self, message: Message) -> None:
        if self.over:
            return
        try:
            update = pb.PresenceUpdate.FromString(message.payload)
        except DecodeError:
            return
        if update.ended:
            return self.on_end(PermissionDeniedError("not on the topic any more"))
        self._book.on_update(update)
        self._tell()
        self._read_if_needed()

    def on_end(self, reason: Error) -> None:
        if self.over:
            return
        self.over = True
        if self._begun:
            self._callback(PresenceNews(ended=reason))

    def _read_if_needed(self) -> None:
        """What is asked is answered first: its answer is a page of no use."""
        if self.over or self._asking or not self._book.must_read:
            return
        self._book.begin_reading()
        self._ask_page()

    def _ask_page(self) -> None:
        request = pb.PresenceRequest(limit=PRESENCE_PAGE_MEMBERS, after=self._book.next_page or "")
        self._asking = True
        self._reading += 1
        reading = self._reading
        self._ask(request.SerializeToString(), lambda answer: self._on_answer(reading, answer))

    def _on_answer(self, reading: int, payload: Outcome[bytes]) -> None:
        if self.over or reading != self._reading or not self._asking:
            return
        self._asking = False
        if isinstance(payload, bytes):
            try:
                return self._on_page(pb.PresenceRoster.FromString(payload))
            except DecodeError:
                pass
        # A connection that is lost comes back, with on_subscribed.
        self._book.invalidate()
        if isinstance(payload, UnavailableError) and not payload.code:
            return
        if isinstance(payload, (PermissionDeniedError, FailedPreconditionError)):
            return self.on_end(payload)
        self._loop.call_later(PRESENCE_PAUSE, self._read_if_needed)

    def _on_page(self, page: pb.PresenceRoster) -> None:
        self._book.on_page(page)
        self._tell()
        if not self._book.must_read and self._book.next_page is not None:
            return self._ask_page()
        self._read_if_needed()

    def _tell(self) -> None:
        news = self._book.take_news()
        if news is not None:
            self._callback(news)


class PresenceWatchers:
    """Those of a client, with the filters of their subscriptions."""

    def __init__(self) -> None:
        self._watchers: Dict[PresenceWatcher, str] = {}

    def add(self, filter: str, watcher: PresenceWatcher) -> None:
        """The broker has confirmed its subscription."""
        self._watchers = {w: f for w, f in self._watchers.items() if not w.over}
        self._watchers[watcher] = filter
        watcher.on_subscribed()

    def on_connected(self) -> None:
        """All of them are subscribed again, on a new connection."""
        for watcher in list(self._watchers):
            watcher.on_subscribed()

    def on_gap(self, of_filter: str) -> bool:
        """Does somebody watch who makes it good?"""
        watching = [w for w, f in self._watchers.items() if f == of_filter and not w.over]
        for watcher in watching:
            watcher.on_gap()
        return bool(watching)

"""The program's subscriptions to one filter, and how far each has come in the filter's stream."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import List, Optional, Protocol

from esockets.message import Message
from esockets.options import SubscribeOptions
from esockets.start import Overflow, Start, StreamStart
from esockets.status import Error


class Subscriber(Protocol):
    """One subscription of the program's."""

    def on_message(self, message: Message) -> None: ...

    def on_end(self, reason: Error) -> None:
        """Nothing will come any more."""


@dataclass
class Subscribed:
    """A subscriber, and how far it has come."""

    id: int
    subscriber: Subscriber
    # Of the filter's stream: the last message that was handed to it, or where it has begun.
    position: int = 0
    # What it does not take again. Behind `position` while another subscription of the client brings
    # older messages of the same topics.
    passed: int = 0
    # Until the broker says where it begins, what comes is meant for others.
    begun: bool = True


@dataclass
class FilterEntry:
    """The broker knows its subscribers as one, with the newest options."""

    options: SubscribeOptions = SubscribeOptions()
    # Replaced, never changed: it may be being walked.
    subscribers: List[Subscribed] = field(default_factory=list)
    # None: it is in none, or that is not known yet.
    stream: Optional[StreamStart] = None
    # Does it hear each message when it is published, and never read older ones for itself?
    is_live: bool = False
    shared: bool = False

    def add(self, newest: SubscribeOptions, subscribed: Subscribed) -> None:
        before = self.options.start
        self.options = newest
        if self.stream and newest.overflow != Overflow.DEFAULT:
            self.stream = replace(self.stream, overflow=newest.overflow)
        # Who asks for nothing older takes what the others get.
        if newest.start.is_now:
            self.options = replace(newest, start=before)
        subscribed.position = subscribed.passed = self._furthest()
        subscribed.begun = newest.start.is_now
        self.subscribers = self.subscribers + [subscribed]

    def hand(self, message: Message) -> int:
        """Gives the message to those that it is for; returns their number."""
        count = 0
        position = message.position
        for subscribed in self.subscribers:
            if position:
                if not self._takes(subscribed, position):
                    continue
                subscribed.position = max(subscribed.position, position)
                if not self.shared:
                    subscribed.passed = subscribed.position
            subscribed.subscriber.on_message(message)
            count += 1
        return count

    def _takes(self, subscribed: Subscribed, position: int) -> bool:
        # Without a stream of its own, positions of several streams come.
        return subscribed.begun and (
            not self.stream or self.conflates or position > subscribed.passed)

    # --- what the broker says: where `told`, with the stream that all of the filter is in

    def begin(self, subscriber_id: int, told: Optional[StreamStart]) -> None:
        """To the Subscribe of one of them."""
        self.options = replace(self.options, start=Start.now())
        for found in self.subscribers:
            if found.id == subscriber_id:
                if told:
                    self.is_live = found.begun and self.options.overflow != Overflow.REPLAY
                    self.stream = told
                    found.position = max(found.position, told.position) \
                        if found.begun else told.position
                    found.passed = found.position
                found.begun = True

    def begin_again(self, told: Optional[StreamStart]) -> None:
        """To one for all of them, on a new connection."""
        self.options = replace(self.options, start=Start.now())
        same_epoch = bool(told and self.stream and self.stream.epoch == told.epoch)
        for subscribed in self.subscribers:
            # What was handed meanwhile counts, if nothing older was asked for.
            goes_on = same_epoch or (not self.stream and subscribed.begun)
            begin = told.position if told else 0
            subscribed.position = max(subscribed.position, begin) if goes_on else begin
            subscribed.passed = subscribed.position
            subscribed.begun = True
        self.stream = told

    # --- what is asked

    def ask(self, rides: bool) -> None:
        """A new connection. `rides`: another filter brings what this one has missed."""
        from_now = not self.stream and self.options.start.is_now
        self.is_live = (rides or from_now) and self.options.overflow != Overflow.REPLAY
        self.shared = False
        for subscribed in self.subscribers:
            if not self.stream:
                subscribed.position = subscribed.passed = 0
            subscribed.begun = from_now

    def share(self) -> None:
        """Another filter begins with older messages, of which this one matches some."""
        if self.stream:
            self.shared = True

    @property
    def position(self) -> int:
        """Behind the last message that all of them have."""
        return min((s.position for s in self.subscribers), default=0)

    @property
    def conflates(self) -> bool:
        """A message may take the place of an older one, behind others: no position tells what has
        come."""
        return self.stream is not None and self.stream.overflow == Overflow.CONFLATE

    def _furthest(self) -> int:
        return max((s.position for s in self.subscribers), default=0)

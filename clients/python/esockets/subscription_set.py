"""A client's subscriptions, as the program made them and as the broker confirmed them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Callable, Dict, List, Optional

from esockets.dispatcher import Dispatcher, SubscriptionName
from esockets.filter_entry import Subscribed
from esockets.frames import subscribe_frame, unsubscribe_frame
from esockets.message import Message
from esockets.options import SubscribeOptions
from esockets.outgoing_buffer import BUFFERED_IDS_AFTER, OutgoingBuffer
from esockets.resumption import plan_resumptions
from esockets.start import Beginning, StreamStart
from esockets.status import AlreadyExistsError, EndedError, Error, Outcome

Done = Callable[[Outcome[Beginning]], None]
OnError = Callable[[Exception], None]
OnResumed = Callable[[StreamStart], None]


@dataclass
class _Asked:
    name: SubscriptionName
    subscriber_id: int = 0  # 0: for all that have this name
    rides: bool = False  # another answer says where it begins
    riders: List[SubscriptionName] = field(default_factory=list)


class SubscriptionSet:
    """What is asked while a connection stands goes into the outgoing buffer, behind what was
    published before."""

    def __init__(self, outgoing: OutgoingBuffer) -> None:
        self._outgoing = outgoing
        self._up = False
        self._unanswered = 0  # of what on_up has asked
        self._dispatcher = Dispatcher()
        self._asked: Dict[int, _Asked] = {}  # by request id
        self._waiting: Dict[int, Done] = {}  # by subscriber id
        self.dispatch: Callable[[Message], int] = self._dispatcher.dispatch

    def add(self, filter: str, options: SubscribeOptions, subscribed: Subscribed,
            done: Done) -> None:
        """`done` is called once: confirmed, refused, or the client has ended. While there is no
        connection it waits for one. AlreadyExistsError: the client is in this group, with a filter
        that has topics in common."""
        name = SubscriptionName(filter, options.group)
        if self._is_taken(name):
            taken = AlreadyExistsError("this client is in the group already, with a filter that "
                                       "has topics in common")
            subscribed.subscriber.on_end(taken)
            return done(taken)
        self._dispatcher.add(filter, options, subscribed)
        self._waiting[subscribed.id] = done
        if not self._up:
            return
        if not options.start.is_now:
            self._share_around(name)
        try:
            id = self._outgoing.add_for_connection(
                lambda id: subscribe_frame(filter, options, id))
        except Error:
            return  # the client closes: its end is told
        self._asked[id] = _Asked(name, subscribed.id)

    def remove(self, name: SubscriptionName, subscriber_id: int) -> None:
        """No message comes to it any more; it hears of its end. `done`, if still waiting, is
        forgotten."""
        removed = self._dispatcher.remove(name, subscriber_id)
        self._waiting.pop(subscriber_id, None)
        if removed is None:
            return
        removed.on_end(EndedError("unsubscribed"))
        if self._dispatcher.find(name) or not self._up:
            return
        try:
            self._outgoing.add_for_connection(
                lambda id: unsubscribe_frame(name.filter, name.group, id))
        except Error:
            pass  # a client that closes takes its filters along

    def on_up(self) -> bytes:
        """A new connection: asks for every filter, in frames that are to be sent before all
        others."""
        self._up = True
        frames = []
        for id, again in enumerate(plan_resumptions(self._dispatcher), 1):
            entry = self._dispatcher.find(again.name)
            assert entry
            entry.ask(again.rides)
            options = replace(entry.options, start=again.start)
            frames.append(subscribe_frame(again.name.filter, options, id))
            self._asked[id] = _Asked(again.name, rides=again.rides, riders=again.riders)
        for asked in self._asked.values():
            entry = self._dispatcher.find(asked.name)
            if entry and entry.conflates:
                self._share_around(asked.name)
        self._unanswered = len(frames)
        return b"".join(frames)

    @property
    def is_up_again(self) -> bool:
        """Is every one of these answered? The broker takes its time for each: it may answer what
        came behind them first."""
        return not self._unanswered

    def on_down(self) -> None:
        """The connection is gone, and what was asked on it."""
        self._up = False
        self._unanswered = 0
        self._asked = {}
        # On the next one all filters are asked for as they are then.
        self._outgoing.withdraw()

    def on_subscribed(self, id: int, told: Beginning, on_resumed: Optional[OnResumed]) -> bool:
        """False when the id is no subscription's. How a filter goes on that was in a stream before
        is told to `on_resumed`."""
        asked = self._take_asked(id)
        if asked is None:
            return False
        # What another member did not get comes late: by its position it would be left out.
        if asked.name.group:
            told = replace(told, stream=None)
        if not asked.subscriber_id:
            for name in ([] if asked.rides else [asked.name]) + asked.riders:
                self._resume(name, told, on_resumed)
        elif entry := self._dispatcher.find(asked.name):
            stream = told.stream and replace(told.stream, filter=asked.name.filter)
            entry.begin(asked.subscriber_id, stream)
            self._finish(asked.subscriber_id, replace(told, stream=entry.stream))
        return True

    def on_refused(self, id: int, error: Error, on_error: Optional[OnError]) -> bool:
        """The same. A refusal nobody waits for goes to `on_error`."""
        asked = self._take_asked(id)
        if asked is None:
            return False
        # Nothing reads for the riders any more: they hear what is published.
        refused = self._take_refused(asked)
        for rider in asked.riders:
            self._resume(rider, Beginning(), None)
        anybody_waited = False
        for subscribed in refused:
            subscribed.subscriber.on_end(error)
            anybody_waited |= self._finish(subscribed.id, error)
        if not anybody_waited and on_error:
            on_error(error)
        return True

    def end(self, reason: Error) -> None:
        """The client has ended."""
        self._asked = {}
        for name in self._dispatcher.names():
            for subscribed in self._dispatcher.remove_all(name).subscribers:
                subscribed.subscriber.on_end(reason)
                self._finish(subscribed.id, reason)

    def _is_taken(self, name: SubscriptionName) -> bool:
        """A message of a group does not say which filter it came for: there must be no choice."""
        return bool(name.group and (self._dispatcher.find(name)
                                    or self._dispatcher.overlapping(name)))

    def _share_around(self, name: SubscriptionName) -> None:
        """It brings older messages."""
        for entry in self._dispatcher.overlapping(name):
            entry.share()

    def _take_asked(self, id: int) -> Optional[_Asked]:
        asked = self._asked.pop(id, None)
        if asked and id <= BUFFERED_IDS_AFTER:
            self._unanswered -= 1
        return asked

    def _take_refused(self, asked: _Asked) -> List[Subscribed]:
        if not asked.subscriber_id:
            return self._dispatcher.remove_all(asked.name).subscribers
        subscriber = self._dispatcher.remove(asked.name, asked.subscriber_id)
        return [] if subscriber is None else [Subscribed(asked.subscriber_id, subscriber)]

    def _resume(self, name: SubscriptionName, told: Beginning,
                on_resumed: Optional[OnResumed]) -> None:
        entry = self._dispatcher.find(name)
        if entry is None:
            return
        before = entry.stream
        entry.begin_again(told.stream and replace(told.stream, filter=name.filter))
        begin = told.stream
        if begin:
            same = before is None or before.epoch == begin.epoch
            begin = replace(begin, filter=name.filter, position=entry.position,
                            recovered=begin.recovered and same)
            if before and on_resumed:
                on_resumed(begin)
        for subscribed in entry.subscribers:
            self._finish(subscribed.id, Beginning(begin, told.last_values))

    def _finish(self, subscriber_id: int, outcome: Outcome[Beginning]) -> bool:
        """True when somebody was waiting."""
        done = self._waiting.pop(subscriber_id, None)
        if done is None:
            return False
        done(outcome)
        return True

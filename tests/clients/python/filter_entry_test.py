#!/usr/bin/python3
"""How far the subscriptions to one filter have come."""

from esockets import Overflow, Start, StreamStart, SubscribeOptions
from esockets.filter_entry import FilterEntry, Subscribed
from esockets.message import Message
from tests.support.pytest_main import run

FROM_NOW = SubscribeOptions()


class Ear:

    def __init__(self):
        self.heard = []

    def on_message(self, message):
        self.heard.append(message.position)

    def on_end(self, reason):
        self.heard.append("end")


def entry_with(*options):
    entry, ears = FilterEntry(), []
    for id, chosen in enumerate(options, 1):
        ears.append(Ear())
        entry.add(chosen, Subscribed(id, ears[-1]))
    return entry, ears


def told(position, epoch=3, overflow=Overflow.DEFAULT):
    return StreamStart("chat/#", "chat", epoch, position, True, overflow)


def hand(entry, *positions):
    for position in positions:
        entry.hand(Message("chat/1", b"", position=position))


def test_without_a_stream_everything_is_handed_on():
    entry, (ear,) = entry_with(FROM_NOW)
    hand(entry, 0, 0, 7, 3)
    assert ear.heard == [0, 0, 7, 3]


def test_within_a_stream_nothing_comes_twice():
    entry, (ear,) = entry_with(FROM_NOW)
    entry.begin(1, told(5))
    hand(entry, 5, 6, 6, 4, 7)
    assert (ear.heard, entry.position) == ([6, 7], 7)


def test_until_the_broker_says_where_it_begins_what_comes_is_for_others():
    entry, (one, two) = entry_with(FROM_NOW, SubscribeOptions(start=Start.last(3)))
    entry.begin(1, told(5))
    hand(entry, 6)
    entry.begin(2, told(2))
    hand(entry, 3, 4, 5, 6, 7)
    assert one.heard == [6, 7]
    assert two.heard == [3, 4, 5, 6, 7]
    assert entry.options.start.is_now


def test_who_asks_for_nothing_older_takes_what_the_others_get():
    entry, _ = entry_with(SubscribeOptions(start=Start.last(3)), FROM_NOW)
    assert entry.options.start == Start.last(3)


def test_what_conflates_is_handed_on_in_any_order():
    entry, (ear,) = entry_with(SubscribeOptions(overflow=Overflow.CONFLATE))
    entry.begin(1, told(5, overflow=Overflow.CONFLATE))
    assert entry.conflates
    hand(entry, 9, 7)
    assert ear.heard == [9, 7]


def test_a_new_connection_goes_on_behind_what_was_handed():
    entry, (ear,) = entry_with(FROM_NOW)
    entry.begin(1, told(5))
    hand(entry, 6)
    entry.ask(rides=False)
    hand(entry, 8)  # meant for others
    entry.begin_again(told(6))
    hand(entry, 7, 8)
    assert ear.heard == [6, 7, 8]
    entry.begin_again(told(0, epoch=4))
    hand(entry, 1)
    assert ear.heard[-1] == 1


def test_while_it_is_shared_older_messages_come_again():
    entry, (ear,) = entry_with(FROM_NOW)
    entry.begin(1, told(5))
    entry.share()
    hand(entry, 8, 6, 7)
    assert ear.heard == [8, 6, 7]
    assert entry.position == 8


def test_position_is_that_of_the_last_one():
    entry, _ = entry_with(FROM_NOW, FROM_NOW)
    entry.begin(1, told(5))
    entry.begin(2, told(9))
    assert entry.position == 5
    assert FilterEntry().position == 0


def test_who_is_live():
    entry, _ = entry_with(FROM_NOW)
    entry.begin(1, told(5))
    assert entry.is_live
    entry.ask(rides=False)
    assert not entry.is_live
    entry.ask(rides=True)
    assert entry.is_live


if __name__ == "__main__":
    run(__file__)

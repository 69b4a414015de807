#!/usr/bin/python3
"""Which subscriptions a message is for."""

from esockets.dispatcher import Dispatcher, SubscriptionName
from esockets.filter_entry import Subscribed
from esockets.limits import MATCHED_TOPICS_MAX
from esockets.message import Message
from esockets.options import SubscribeOptions
from tests.support.pytest_main import run


class Ear:

    def __init__(self, name, heard):
        self.name, self._heard = name, heard

    def on_message(self, message):
        self._heard.append(self.name)

    def on_end(self, reason):
        pass


def dispatcher_of(*names):
    """Names are "filter" or "filter group"; ids count from 1."""
    dispatcher, heard = Dispatcher(), []
    for id, name in enumerate(names, 1):
        filter, _, group = name.partition(" ")
        dispatcher.add(filter, SubscribeOptions(group=group), Subscribed(id, Ear(name, heard)))

    def heard_of(topic, group=""):
        heard.clear()
        count = dispatcher.dispatch(Message(topic, b"", group=group))
        assert count == len(heard)
        return sorted(heard)

    return dispatcher, heard_of


def test_literals_and_wildcards():
    _, heard = dispatcher_of("a/b", "a/+", "a/#", "#", "b")
    assert heard("a/b") == ["#", "a/#", "a/+", "a/b"]
    assert heard("a/b") == ["#", "a/#", "a/+", "a/b"]  # as remembered
    assert heard("a") == ["#", "a/#"]
    assert heard("$SYS/a") == []


def test_groups_are_apart():
    _, heard = dispatcher_of("a/#", "a/# g", "a/b h")
    assert heard("a/b") == ["a/#"]
    assert heard("a/b", "g") == ["a/# g"]
    assert heard("a/b", "h") == ["a/b h"]
    assert heard("a/b", "unknown") == []


def test_what_comes_and_goes_is_not_remembered():
    dispatcher, heard = dispatcher_of("a", "a", "+")
    assert heard("a") == ["+", "a", "a"]
    assert dispatcher.remove(SubscriptionName("a"), 1).name == "a"
    assert heard("a") == ["+", "a"]
    assert dispatcher.remove(SubscriptionName("a"), 1) is None
    assert len(dispatcher.remove_all(SubscriptionName("+")).subscribers) == 1
    assert heard("a") == ["a"]
    assert dispatcher.remove(SubscriptionName("a"), 2) is not None
    assert heard("a") == []
    assert dispatcher.names() == []
    dispatcher.add("a", SubscribeOptions(), Subscribed(9, Ear("new", [])))
    assert dispatcher.dispatch(Message("a", b"")) == 1


def test_a_group_ends_with_its_last_filter():
    dispatcher, heard = dispatcher_of("a g", "b g")
    dispatcher.remove(SubscriptionName("a", "g"), 1)
    assert heard("b", "g") == ["b g"]
    dispatcher.remove_all(SubscriptionName("b", "g"))
    assert dispatcher.find(SubscriptionName("b", "g")) is None
    assert not dispatcher.remove_all(SubscriptionName("b", "g")).subscribers


def test_memory_of_topics_is_bounded():
    dispatcher, heard = dispatcher_of("+")
    for number in range(MATCHED_TOPICS_MAX + 5):
        assert heard(str(number)) == ["+"]
    assert len(dispatcher._plain.matched) <= MATCHED_TOPICS_MAX


def test_who_is_removed_in_a_callback_hears_nothing_of_this_message():
    dispatcher, heard = Dispatcher(), []

    class Remover(Ear):
        def on_message(self, message):
            super().on_message(message)
            dispatcher.remove(SubscriptionName("a"), 1)

    dispatcher.add("a", SubscribeOptions(), Subscribed(1, Remover("first", heard)))
    dispatcher.add("a", SubscribeOptions(), Subscribed(2, Ear("second", heard)))
    dispatcher.dispatch(Message("a", b""))
    dispatcher.dispatch(Message("a", b""))
    assert heard == ["first", "second", "second"]


def test_overlapping():
    dispatcher, _ = dispatcher_of("a/+", "a/b", "b/#", "a/# g")
    found = dispatcher.overlapping(SubscriptionName("a/b"))
    assert found == [dispatcher.find(SubscriptionName("a/+"))]
    assert dispatcher.overlapping(SubscriptionName("a/#", "h")) == []


if __name__ == "__main__":
    run(__file__)

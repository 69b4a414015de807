#!/usr/bin/python3
"""In which order, and from where, filters are asked for again."""

import pytest

from esockets import Overflow, Start, StreamStart, SubscribeOptions
from esockets.dispatcher import Dispatcher, SubscriptionName
from esockets.filter_entry import Subscribed
from esockets.resumption import plan_resumptions
from esockets.start import At
from tests.support.pytest_main import run


class Plan:

    def __init__(self):
        self.dispatcher = Dispatcher()

    def add(self, filter, position, stream="chat", **options):
        options = SubscribeOptions(**options)
        self.dispatcher.add(filter, options, Subscribed(1, None))
        if stream:
            self.dispatcher.find(SubscriptionName(filter)).begin(
                1, StreamStart(filter, stream, 9, position, True, options.overflow))
        return self

    def lines(self):
        """"chat/#@5 for chat/1", "chat/1 rides", "other"."""
        lines = []
        for resumption in plan_resumptions(self.dispatcher):
            line = resumption.name.filter
            line += " rides" if resumption.rides else ""
            line += f"@{resumption.start.number}" if resumption.start.epoch == 9 else ""
            line += "".join(sorted(f" for {rider.filter}" for rider in resumption.riders))
            line += f" in {resumption.name.group}" if resumption.name.group else ""
            lines.append(line)
        return lines


def test_each_goes_on_behind_what_it_has():
    plan = Plan()
    assert plan.lines() == []
    plan.add("chat/1", 5).add("chat/2/#", 7).add("#", 0, "").add("news/1", 3, "news")
    assert sorted(plan.lines()) == ["#", "chat/1@5", "chat/2/#@7", "news/1@3"]


def test_the_widest_reads_for_those_that_it_covers():
    plan = Plan().add("chat/1", 5).add("chat/+", 7, start=Start.last(1)).add("chat/#", 9)
    # chat/1 heard all up to 9.
    assert plan.lines() == ["chat/1 rides", "chat/+ rides", "chat/#@7 for chat/+ for chat/1"]


def test_groups_neither_read_nor_ride():
    plan = Plan().add("chat/#", 9).add("chat/#", 0, "", group="w").add("chat/1", 0, "", group="w")
    assert sorted(plan.lines()) == ["chat/# in w", "chat/#@9", "chat/1 in w"]


def test_of_two_that_are_the_same_one_reads():
    plan = Plan().add("#", 5, "all", overflow=Overflow.REPLAY)
    lines = plan.add("+/#", 3, "all", overflow=Overflow.REPLAY).lines()
    assert lines[0].endswith(" rides") and "@3 for " in lines[1]


def test_what_conflates_begins_anew_and_reads_for_nobody():
    """Position 5 may have come in front of position 4."""
    plan = Plan().add("chat/#", 5, overflow=Overflow.CONFLATE).add("chat/1", 3)
    plan.add("chat/2", 4, overflow=Overflow.CONFLATE)
    assert sorted(plan.lines()) == ["chat/#", "chat/1@3", "chat/2"]
    starts = {r.name.filter: r.start for r in plan_resumptions(plan.dispatcher)}
    assert starts["chat/#"] == starts["chat/2"] == Start(At.LAST_OF_EACH_TOPIC, 1)


def test_what_was_never_answered_is_asked_for_as_at_first():
    plan = Plan().add("chat/1", 0, "", start=Start.last(3))
    assert [r.start for r in plan_resumptions(plan.dispatcher)] == [Start.last(3)]


@pytest.mark.parametrize("stream, epoch_of_other", [("news", 9), ("chat", 8)])
def test_another_stream_or_epoch_is_not_covered(stream, epoch_of_other):
    plan = Plan().add("chat/#", 5, stream)
    plan.add("chat/1", 3)
    entry = plan.dispatcher.find(SubscriptionName("chat/#"))
    entry.begin_again(StreamStart("chat/#", stream, epoch_of_other, 5))
    assert not any(r.rides for r in plan_resumptions(plan.dispatcher))


def test_presence_comes_last():
    """Who may see it only while it is on the topic must be on it first."""
    plan = Plan()
    for number in range(20):
        plan.add(f"$presence/room/{number}", 0, "").add(f"room/{number}", 0, "")
    lines = plan.add("room/+", 0, "").lines()
    assert [line.startswith("$presence/") for line in lines] == [False] * 21 + [True] * 20


if __name__ == "__main__":
    run(__file__)

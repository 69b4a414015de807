"""How all filters are asked for again on a new connection, so that nothing of a stream is missed
and nothing comes twice.

Messages do not say which filter they came for. Two filters with topics in common that read from
their stream at once would bring the same messages at different times, and nobody could tell what is
still to come for one of them. So of filters that cover each other only the widest reads, for all of
them; the others ride on it and hear what is published. Groups read no streams.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Optional

from esockets.dispatcher import Dispatcher, SubscriptionName
from esockets.filter_entry import FilterEntry
from esockets.presence import PRESENCE_PREFIX
from esockets.start import Start
from esockets.topic import filter_covers, is_literal


@dataclass
class Resumption:
    """How one filter is asked for."""

    name: SubscriptionName
    start: Start = Start()
    # Another one reads for it.
    rides: bool = False
    # Those for which it reads.
    riders: List[SubscriptionName] = field(default_factory=list)


@dataclass
class _Candidate:
    resumption: Resumption
    entry: FilterEntry
    position: int  # behind which all have everything that it reads for
    reads_for_it: Optional[_Candidate] = None  # None: itself

    @property
    def filter(self) -> str:
        return self.resumption.name.filter


def plan_resumptions(dispatcher: Dispatcher) -> List[Resumption]:
    """In the order in which to ask: those that ride first, so that what is published meanwhile is
    read, too."""
    candidates = _candidates_of(dispatcher)
    _add_riders(candidates)
    for candidate in candidates:
        if not candidate.resumption.rides:
            candidate.resumption.start = _start_of(candidate)
    plan = [candidate.resumption for candidate in candidates]
    # Who may see who is on a topic only while it is there itself is there again first.
    return sorted(plan, key=lambda resumption: (
        resumption.name.filter.startswith(PRESENCE_PREFIX), not resumption.rides))


def _candidates_of(dispatcher: Dispatcher) -> List[_Candidate]:
    candidates = []
    for name in dispatcher.names():
        entry = dispatcher.find(name)
        if entry:
            candidates.append(_Candidate(Resumption(name), entry, entry.position))
    # A filter without wildcards covers none but itself.
    wildcards = [c for c in candidates if c.entry.stream and not is_literal(c.filter)]
    for candidate in candidates:
        candidate.reads_for_it = _widest_above(wildcards, candidate)
        candidate.resumption.rides = candidate.reads_for_it is not None
    return candidates


def _widest_above(wildcards: List[_Candidate], candidate: _Candidate) -> Optional[_Candidate]:
    widest = None
    for other in wildcards:
        if _is_above(other, widest or candidate):
            widest = other
    return widest


def _is_above(a: _Candidate, b: _Candidate) -> bool:
    """Of two that cover each other one is above."""
    above, below = a.entry.stream, b.entry.stream
    if not above or not below or a.filter == b.filter:
        return False
    if a.entry.conflates or b.entry.conflates:
        return False
    if above.name != below.name or above.epoch != below.epoch:
        return False
    return filter_covers(a.filter, b.filter) and not (
        filter_covers(b.filter, a.filter) and b.filter < a.filter)


def _add_riders(candidates: List[_Candidate]) -> None:
    """To those that read: for whom, and from where on."""
    for rider in candidates:
        reader = rider.reads_for_it
        if reader is None:
            continue
        reader.resumption.riders.append(rider.resumption.name)
        # What is live has all that the reader has; its own last message may be old.
        if not rider.entry.is_live:
            reader.position = min(reader.position, rider.position)


def _start_of(reader: _Candidate) -> Start:
    stream = reader.entry.stream
    if not stream:
        return reader.entry.options.start
    if reader.entry.conflates:
        return Start.last_of_each_topic(1)
    return Start.after_position(reader.position, stream.epoch)

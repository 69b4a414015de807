"""Which of a client's subscriptions a message is for: the same rules as the broker's."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional

from esockets.filter_entry import FilterEntry, Subscribed, Subscriber
from esockets.limits import MATCHED_TOPICS_MAX
from esockets.message import Message
from esockets.options import SubscribeOptions
from esockets.topic import filter_matches, filters_overlap, is_literal


class SubscriptionName(NamedTuple):
    """What tells a client's subscriptions apart, here and in the broker."""

    filter: str
    # Empty: none.
    group: str = ""


class _Filters:
    """Those of one group, or of none."""

    def __init__(self) -> None:
        self.literals: Dict[str, FilterEntry] = {}
        self.wildcards: Dict[str, FilterEntry] = {}
        # By topic. Forgotten when a filter comes or goes, and when there are too many.
        self.matched: Dict[str, List[FilterEntry]] = {}

    def __len__(self) -> int:
        return len(self.literals) + len(self.wildcards)

    def of(self, filter: str) -> Dict[str, FilterEntry]:
        return self.literals if is_literal(filter) else self.wildcards

    def match(self, topic: str) -> List[FilterEntry]:
        if len(self.matched) >= MATCHED_TOPICS_MAX:
            self.matched = {}
        literal = self.literals.get(topic)
        entries = [] if literal is None else [literal]
        entries += [entry for filter, entry in self.wildcards.items()
                    if filter_matches(filter, topic)]
        self.matched[topic] = entries
        return entries


class Dispatcher:
    """A message of a group is for the filters of that group alone, any other for those without."""

    def __init__(self) -> None:
        self._plain = _Filters()
        self._groups: Dict[str, _Filters] = {}  # none of them is empty

    def add(self, filter: str, options: SubscribeOptions, subscribed: Subscribed) -> None:
        filters = self._plain
        if options.group:
            filters = self._groups.setdefault(options.group, _Filters())
        entries = filters.of(filter)
        if filter not in entries:
            entries[filter] = FilterEntry()
            filters.matched = {}
        entries[filter].add(options, subscribed)

    def remove(self, name: SubscriptionName, id: int) -> Optional[Subscriber]:
        """None when it is not there. With its last subscriber a filter is gone."""
        entry = self.find(name)
        for subscribed in entry.subscribers if entry else ():
            if entry and subscribed.id == id:
                entry.subscribers = [s for s in entry.subscribers if s.id != id]
                if not entry.subscribers:
                    self._erase(name)
                return subscribed.subscriber
        return None

    def remove_all(self, name: SubscriptionName) -> FilterEntry:
        """The filter with all its subscribers."""
        entry = self.find(name)
        if entry is None:
            return FilterEntry()
        self._erase(name)
        return entry

    def dispatch(self, message: Message) -> int:
        """Gives the message to every subscriber that it is for; returns their number."""
        filters = self._plain if not message.group else self._groups.get(message.group)
        if filters is None:
            return 0
        entries = filters.matched.get(message.topic)
        if entries is None:
            entries = filters.match(message.topic)
        count = 0
        for entry in entries:
            count += entry.hand(message)
        return count

    def find(self, name: SubscriptionName) -> Optional[FilterEntry]:
        """None when nobody subscribes to it."""
        filters = self._filters_of(name.group)
        return filters.of(name.filter).get(name.filter) if filters else None

    def overlapping(self, name: SubscriptionName) -> List[FilterEntry]:
        """Other filters of the same group, which have topics in common with this one."""
        filters = self._filters_of(name.group)
        if filters is None:
            return []
        return [entry for entries in (filters.literals, filters.wildcards)
                for other, entry in entries.items()
                if other != name.filter and filters_overlap(other, name.filter)]

    def names(self) -> List[SubscriptionName]:
        groups = {"": self._plain, **self._groups}
        return [SubscriptionName(filter, group) for group, filters in groups.items()
                for entries in (filters.literals, filters.wildcards) for filter in entries]

    def _filters_of(self, group: str) -> Optional[_Filters]:
        return self._groups.get(group) if group else self._plain

    def _erase(self, name: SubscriptionName) -> None:
        filters = self._filters_of(name.group)
        if filters is None:
            return
        filters.of(name.filter).pop(name.filter, None)
        filters.matched = {}
        if name.group and not len(filters):
            del self._groups[name.group]

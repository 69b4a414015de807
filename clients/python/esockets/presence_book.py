"""Puts pages of a roster and updates together, as docs/PRESENCE.md says, and tells what changed.

A page may be newer than another, and, to a client that is behind, newer than updates that come
after it.
"""

from __future__ import annotations

from typing import Dict, Optional, Set

from esockets.presence import PresenceMember, PresenceNews
from esockets.proto import presence_pb2 as pb


class PresenceBook:
    """Members by client id."""

    def __init__(self) -> None:
        # The roster must be read from its beginning: nothing is known, or something was missed.
        self.must_read = True
        # `after` of the page that is wanted. None: all is read.
        self.next_page: Optional[str] = None
        self._is_told = False  # the first news
        self._told: Dict[str, PresenceMember] = {}
        self._told_count = 0
        self._members: Dict[str, PresenceMember] = {}  # as read, with the updates since
        self._touched: Set[str] = set()  # of those, since take_news
        self._all_touched = False
        self._pages: Dict[str, int] = {}  # versions, by `next`; of the last page by ""
        self._epoch = 0
        self._seen = 0  # the last update, or the version that the reading began with
        self._count = 0
        self._count_version = 0

    @property
    def members(self) -> Dict[str, PresenceMember]:
        """As told by take_news."""
        return self._told

    def begin_reading(self) -> None:
        """What was read before stays until all of it is read again."""
        self.must_read = False
        self.next_page = ""
        self._all_touched = True
        self._members = {}
        self._pages = {}

    def invalidate(self) -> None:
        """Something was missed."""
        self.must_read = True

    def on_page(self, page: pb.PresenceRoster) -> None:
        """The page that was wanted. REQUIRES: one was, and begin_reading was not called since."""
        if self.must_read:
            return
        if not self._pages:
            self._epoch = page.epoch
            self._seen = page.version
            self._count_version = 0
        if page.epoch != self._epoch:
            return self.invalidate()
        for member in page.members:
            self._members[member.client_id] = _member_of(member)
        self._pages[page.next] = page.version
        self._take_count(page.version, page.count)
        self.next_page = page.next or None

    def on_update(self, update: pb.PresenceUpdate) -> None:
        """What comes before the first page is in it."""
        if self.must_read or not self._pages:
            return
        if update.version == 1 and update.epoch > self._epoch and self.next_page is None:
            self._begin_anew(update.epoch)
        if update.epoch != self._epoch or update.version > self._seen + 1:
            return self.invalidate()
        if update.version <= self._seen:
            return
        self._seen = update.version
        self._apply(update)
        if update.incomplete:
            self.invalidate()

    def take_news(self) -> Optional[PresenceNews]:
        """What has changed since the last call. None: nothing has, or it is being read."""
        is_read = self.next_page is None and bool(self._pages)
        if not is_read or (self.must_read and not self._is_told):
            return None
        if self._all_touched:
            self._touched |= self._members.keys() | self._told.keys()
            self._all_touched = False
        news = PresenceNews(first=not self._is_told, count=self._count)
        self._is_told = True
        for id in sorted(self._touched):
            self._compare(id, news)
        self._touched = set()
        has_changed, self._told_count = self._told_count != self._count, self._count
        return news if news.first or news.joined or news.left or has_changed else None

    def _begin_anew(self, epoch: int) -> None:
        self._all_touched = True
        self._members = {}
        self._pages = {"": 0}
        self._epoch = epoch
        self._seen = 0
        self._count_version = 0

    def _apply(self, update: pb.PresenceUpdate) -> None:
        for member in update.joined:
            if self._is_news(member.client_id, update.version):
                self._members[member.client_id] = _member_of(member)
                self._touched.add(member.client_id)
        for member in update.left:
            if self._is_news(member.client_id, update.version):
                self._members.pop(member.client_id, None)
                self._touched.add(member.client_id)
        self._take_count(update.version, update.count)

    def _take_count(self, version: int, count: int) -> None:
        if version >= self._count_version:
            self._count, self._count_version = count, version

    def _is_news(self, client_id: str, version: int) -> bool:
        """The page that this member is on, or would be on, is older. It is newer, too, if it is
        still to come."""
        id = client_id.encode()  # in the order of bytes
        pages = [page for page in self._pages if page.encode() >= id]
        page = min(pages, key=str.encode, default="")
        return page in self._pages and version > self._pages[page]

    def _compare(self, client_id: str, news: PresenceNews) -> None:
        now, before = self._members.get(client_id), self._told.get(client_id)
        if now is not None:
            if before != now:
                news.joined.append(now)
                self._told[client_id] = now
        elif before is not None:
            news.left.append(self._told.pop(client_id))


def _member_of(told: pb.PresenceMember) -> PresenceMember:
    return PresenceMember(told.client_id, told.name, dict(told.metadata))

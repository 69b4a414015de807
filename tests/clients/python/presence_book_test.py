#!/usr/bin/python3
"""Pages and updates, put together."""

import pytest

from esockets.presence_book import PresenceBook
from esockets.proto import presence_pb2 as pb
from tests.support.pytest_main import run


def members(ids):
    return [pb.PresenceMember(client_id=id) for id in ids]


def update(version, joined, left, count, epoch=9, **more):
    return pb.PresenceUpdate(epoch=epoch, version=version, count=count, joined=members(joined),
                             left=members(left), **more)


def page(version, ids, count, next="", epoch=9):
    return pb.PresenceRoster(epoch=epoch, version=version, count=count, next=next,
                             members=members(ids))


def news(book):
    """"first +a -b (3)"; "" for none."""
    told = book.take_news()
    if told is None:
        return ""
    return " ".join(["first" if told.first else "then"] + [f"+{m.client_id}" for m in told.joined]
                    + [f"-{m.client_id}" for m in told.left] + [f"({told.count})"])


def read(book, one):
    book.begin_reading()
    book.on_page(one)


@pytest.fixture
def book():
    return PresenceBook()


def test_tells_the_roster_and_then_what_changes(book):
    assert book.must_read
    book.begin_reading()
    assert book.next_page == ""
    assert news(book) == ""
    book.on_page(page(3, "ab", 3, "b"))
    assert book.next_page == "b"
    assert news(book) == ""
    book.on_page(page(3, "c", 3))
    assert book.next_page is None
    assert news(book) == "first +a +b +c (3)"
    assert news(book) == ""
    book.on_update(update(4, "d", "a", 3))
    assert news(book) == "then +d -a (3)"
    assert sorted(book.members) == ["b", "c", "d"]
    assert not book.must_read


def test_an_empty_roster_is_told_too(book):
    read(book, page(0, "", 0, epoch=0))
    assert news(book) == "first (0)"
    book.on_update(update(1, "a", "", 1))
    assert news(book) == "then +a (1)"


def test_pages_of_several_versions_are_put_together(book):
    book.begin_reading()
    book.on_update(update(4, "x", "", 9))  # in the first page
    book.on_page(page(5, "bd", 4, "d"))
    book.on_update(update(6, "af", "be", 4))
    book.on_page(page(6, "fg", 4))
    assert news(book) == "first +a +d +f +g (4)"
    book.on_update(update(7, "", "g", 3))
    assert news(book) == "then -g (3)"


def test_older_updates_change_no_newer_page(book):
    """The client is behind: what is older than a page comes after it."""
    book.begin_reading()
    book.on_page(page(5, "a", 3, "m"))
    book.on_page(page(7, "x", 2))
    book.on_update(update(6, "by", "a", 4))
    book.on_update(update(7, "", "by", 2))
    assert news(book) == "first +x (2)"
    assert not book.must_read


def test_between_two_of_them_nobody_is_told_who_is_not_there(book):
    book.begin_reading()
    book.on_page(page(5, "a", 3, "m"))
    book.on_page(page(7, "x", 2))
    book.on_update(update(6, "by", "a", 4))
    assert news(book) == "first +b +x (2)"
    book.on_update(update(7, "", "by", 2))
    assert news(book) == "then -b (2)"


def test_what_is_missed_must_be_read_again(book):
    read(book, page(3, "a", 1))
    assert news(book) == "first +a (1)"
    book.on_update(update(5, "c", "", 3))
    assert book.must_read
    assert news(book) == ""
    read(book, page(5, "bc", 2))
    assert news(book) == "then +b +c -a (2)"
    book.on_update(update(6, "", "", 3, epoch=8))
    assert book.must_read


def test_what_an_incomplete_update_names_is_told_at_once(book):
    read(book, page(3, "a", 1))
    news(book)
    book.on_update(update(4, "b", "", 700, incomplete=True))
    assert news(book) == "then +b (700)"
    assert book.must_read
    read(book, page(4, "abc", 3))
    assert news(book) == "then +c (3)"


def test_an_epoch_that_begins_needs_no_reading(book):
    read(book, page(3, "a", 1))
    news(book)
    book.on_update(update(1, "b", "", 1, epoch=10))
    assert news(book) == "then +b -a (1)"
    assert not book.must_read


def test_pages_of_two_epochs_are_no_roster(book):
    book.begin_reading()
    book.on_page(page(3, "a", 2, "a"))
    book.on_page(page(1, "b", 2, epoch=10))
    assert book.must_read
    assert news(book) == ""


def test_another_name_is_news(book):
    read(book, page(3, "a", 1))
    news(book)
    renamed = pb.PresenceMember(client_id="a", name="Anna", metadata={"k": "v"})
    book.on_update(pb.PresenceUpdate(epoch=9, version=4, count=1, joined=[renamed]))
    told = book.take_news()
    assert (told.joined[0].name, told.joined[0].metadata) == ("Anna", {"k": "v"})
    book.on_update(pb.PresenceUpdate(epoch=9, version=5, count=1, joined=[renamed]))
    assert book.take_news() is None


if __name__ == "__main__":
    run(__file__)

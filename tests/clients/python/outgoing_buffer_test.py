#!/usr/bin/python3
"""Frames on their way to the loop."""

import pytest

from esockets.options import WhenFull
from esockets.outgoing_buffer import BUFFERED_IDS_AFTER, OutgoingBuffer, PendingRequest
from esockets.status import EndedError, ResourceExhaustedError
from tests.support.pytest_main import run


class Buffer(OutgoingBuffer):

    def __init__(self, bytes_max=10, when_full=WhenFull.ERROR):
        self.wakes = self.rooms = 0
        super().__init__(bytes_max, when_full, self._count_wake, self._count_room)

    def _count_wake(self):
        self.wakes += 1

    def _count_room(self):
        self.rooms += 1

    def taken(self, size=1000):
        requests = []
        return self.take(size, requests), [r.id - BUFFERED_IDS_AFTER for r in requests]


def test_whole_frames_in_the_order_of_adding():
    buffer = Buffer(100)
    for frame in (b"one", b"two", b"three"):
        buffer.add(frame)
    assert buffer.bytes_waiting == 11
    assert buffer.taken(4) == (b"onetwo", [])
    assert buffer.taken(1) == (b"three", [])
    assert buffer.taken() == (b"", [])
    assert (buffer.bytes_waiting, buffer.consumed_total, buffer.rooms) == (0, 3, 2)


def test_wakes_once_until_nothing_is_left():
    buffer = Buffer(100)
    buffer.add(b"a")
    buffer.add(b"b")
    assert buffer.wakes == 1
    buffer.taken(1)
    buffer.add(b"c")
    assert buffer.wakes == 1
    buffer.taken()
    buffer.add(b"d")
    assert buffer.wakes == 2


def test_a_full_buffer():
    buffer = Buffer(10)
    buffer.add(b"12345678")
    with pytest.raises(ResourceExhaustedError, match="8 bytes wait"):
        buffer.add(b"123")
    buffer = Buffer(10, WhenFull.DROP_NEWEST)
    assert buffer.add(b"12345678") and buffer.add(b"123") and buffer.add(b"12")
    assert buffer.dropped_messages_total == 1
    assert buffer.taken()[0] == b"1234567812"
    buffer = Buffer(10, WhenFull.BLOCK)
    assert buffer.add(b"12345678") and not buffer.add(b"123")
    buffer.taken()
    assert buffer.add(b"123")


def test_a_frame_larger_than_all_of_it_goes_through_an_empty_one():
    buffer = Buffer(10)
    assert buffer.add(b"x" * 50)
    with pytest.raises(ResourceExhaustedError):
        buffer.add(b"x")


def test_requests_have_rising_ids_and_are_never_dropped():
    buffer = Buffer(10, WhenFull.DROP_NEWEST)
    request = PendingRequest()
    assert buffer.add_request(3, lambda id: b"abc", request) == BUFFERED_IDS_AFTER + 1
    assert buffer.add_control(lambda id: b"x" * 20, PendingRequest()) == BUFFERED_IDS_AFTER + 2
    with pytest.raises(ResourceExhaustedError):
        buffer.add_request(3, lambda id: b"abc", PendingRequest())
    assert request.end_offset == 1
    assert buffer.taken() == (b"abc" + b"x" * 20, [1, 2])


def test_a_request_waits_for_room_as_a_message_does():
    buffer = Buffer(10, WhenFull.BLOCK)
    buffer.add(b"12345678")
    assert buffer.add_request(3, lambda id: b"abc", PendingRequest()) is None
    buffer.taken()
    assert buffer.add_request(3, lambda id: b"abc", PendingRequest()) is not None


def test_what_was_meant_for_a_connection_goes_with_it():
    buffer = Buffer(100)
    buffer.add_for_connection(lambda id: b"sent")
    buffer.add(b"a")
    buffer.taken(1)
    buffer.add_for_connection(lambda id: b"unsent")
    request = PendingRequest()
    buffer.add_control(lambda id: b"b", request)
    buffer.add_for_connection(lambda id: b"unsent, too")
    buffer.withdraw()
    buffer.withdraw()
    assert buffer.bytes_waiting == 2
    buffer.add_for_connection(lambda id: b"c")
    assert buffer.consumed_total < request.end_offset
    assert buffer.taken()[0] == b"abc"
    assert buffer.consumed_total >= request.end_offset


def test_a_closed_buffer_takes_nothing_but_gives_what_it_has():
    buffer = Buffer(10)
    buffer.add(b"a")
    buffer.close(EndedError("over"))
    buffer.close(EndedError("again"))
    for add in (lambda: buffer.add(b"b"),
                lambda: buffer.add_control(lambda id: b"", PendingRequest()),
                lambda: buffer.add_for_connection(lambda id: b""),
                lambda: buffer.add_request(1, lambda id: b"", PendingRequest())):
        with pytest.raises(EndedError, match="over"):
            add()
    assert buffer.rooms == 1
    assert buffer.taken()[0] == b"a"


if __name__ == "__main__":
    run(__file__)

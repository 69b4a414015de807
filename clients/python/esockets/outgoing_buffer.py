"""Frames on their way from the program to the loop, bounded in bytes.

Any thread adds; the loop takes. A frame that has been given to a connection is gone with it, what
was not survives.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Callable, Deque, List, Optional

from esockets.delivery import Answer
from esockets.options import WhenFull
from esockets.reply_collector import ReplyCollector
from esockets.status import Error, Outcome, ResourceExhaustedError

# Ids up to this one are never buffered: they are free for what is sent first on each connection.
BUFFERED_IDS_AFTER = 1 << 20


@dataclass
class PendingRequest:
    """A frame that is answered."""

    # Published or Pong is the answer; told once, on the loop.
    done: Optional[Callable[[Outcome[Answer]], None]] = None
    # Otherwise what is published to `reply_topic`.
    replies: Optional[ReplyCollector] = None
    reply_topic: str = ""
    # Given by the buffer; and how many frames were ever added, its own included.
    id: int = 0
    end_offset: int = 0


class OutgoingBuffer:
    """`wake` is called, on the adding thread, when the loop should take; `on_room` on the loop."""

    def __init__(self, bytes_max: int, when_full: WhenFull, wake: Callable[[], None],
                 on_room: Callable[[], None] = lambda: None) -> None:
        self._bytes_max = bytes_max
        self._when_full = when_full
        self._wake = wake
        self._on_room = on_room
        self._lock = threading.Lock()
        # Guarded by the lock.
        self._frames: Deque[bytes] = deque()
        self._requests: List[PendingRequest] = []
        self._bytes = 0
        self._added_total = 0  # frames
        self._for_connection: List[int] = []  # numbers of frames
        self._last_id = BUFFERED_IDS_AFTER
        self._woken = False  # since the last front that found nothing more
        self._dropped = 0
        self._reason: Optional[Error] = None  # why nothing more is taken
        # The loop alone.
        self._consumed_total = 0

    # --- any thread

    def add(self, frame: bytes) -> bool:
        """One frame. False: it must wait for room, only under BLOCK.

        Errors: ResourceExhaustedError; the reason of close. Dropped frames are counted.
        """
        with self._lock:
            if not self._fits(len(frame)):
                if self._when_full is WhenFull.BLOCK:
                    return False
                if self._when_full is WhenFull.ERROR:
                    raise self._full()
                self._dropped += 1
                return True
            self._frames.append(frame)
            wake = self._appended(len(frame))
        if wake:
            self._wake()
        return True

    def add_request(self, size: int, write: Callable[[int], bytes],
                    request: PendingRequest) -> Optional[int]:
        """A frame of about `size` bytes with an answer; returns its id. None: it must wait.

        Never dropped: DROP_NEWEST becomes ERROR. Ids rise in the order of the frames, as the broker
        wants them.
        """
        with self._lock:
            if not self._fits(size):
                if self._when_full is WhenFull.BLOCK:
                    return None
                raise self._full()
            return self._append_request(write, request)

    def add_control(self, write: Callable[[int], bytes],
                    request: PendingRequest) -> int:
        """The same, beyond the limit: a Ping must get through when publishes wait for room.

        Errors: the reason of close.
        """
        with self._lock:
            if self._reason:
                raise self._reason.with_traceback(None)
            return self._append_request(write, request)

    def add_for_connection(self, write: Callable[[int], bytes]) -> int:
        """The same, of what is meant for the connection that stands alone, until withdraw. The
        answer is somebody else's affair."""
        with self._lock:
            if self._reason:
                raise self._reason.with_traceback(None)
            id = self._append_request(write, None)
            self._for_connection.append(self._added_total)
            return id

    def full(self) -> ResourceExhaustedError:
        """What who must not wait is told."""
        with self._lock:
            return self._full()

    def close(self, reason: Error) -> None:
        """Nothing more is taken in: add raises `reason`, and those that wait look again."""
        with self._lock:
            if self._reason:
                return
            self._reason = reason
        self._on_room()

    @property
    def bytes_waiting(self) -> int:
        return self._bytes

    @property
    def dropped_messages_total(self) -> int:
        return self._dropped

    # --- the loop

    def take(self, bytes_max: int, requests: List[PendingRequest]) -> bytes:
        """Whole frames in the order of adding, about `bytes_max` of them and at least one.

        They are with a socket now; empty: there is nothing. `requests` gets those that are new to
        the loop.
        """
        taken: List[bytes] = []
        size = 0
        with self._lock:
            while self._frames and size < bytes_max:
                frame = self._frames.popleft()
                taken.append(frame)
                size += len(frame)
            requests += self._requests
            self._requests.clear()
            self._woken = bool(self._frames)
            self._bytes -= size
            self._consumed_total += len(taken)
            if self._for_connection:
                self._for_connection = [n for n in self._for_connection
                                        if n > self._consumed_total]
        if taken:
            self._on_room()
        return b"".join(taken)

    def withdraw(self) -> None:
        """The connection is gone: what was added for it and not taken never is."""
        with self._lock:
            for number in self._for_connection:
                at = number - self._consumed_total - 1
                self._bytes -= len(self._frames[at])
                self._frames[at] = b""
            self._for_connection = []

    @property
    def consumed_total(self) -> int:
        """Frames that were ever taken: what lies behind them survives a broken connection."""
        return self._consumed_total

    # --- with the lock

    def _fits(self, size: int) -> bool:
        if self._reason:
            raise self._reason.with_traceback(None)
        # A frame larger than the whole buffer still goes through an empty one.
        return not self._bytes or self._bytes + size <= self._bytes_max

    def _full(self) -> ResourceExhaustedError:
        return ResourceExhaustedError(
            f"the outgoing buffer is full: {self._bytes} bytes wait for the broker")

    def _append_request(self, write: Callable[[int], bytes],
                        request: Optional[PendingRequest]) -> int:
        self._last_id += 1
        id = self._last_id
        frame = write(id)
        self._frames.append(frame)
        wake = self._appended(len(frame))
        if request:
            request.id = id
            request.end_offset = self._added_total
            self._requests.append(request)
        if wake:
            self._wake()
        return id

    def _appended(self, size: int) -> bool:
        """Is the loop to be woken?"""
        self._added_total += 1
        self._bytes += size
        wake, self._woken = not self._woken, True
        return wake

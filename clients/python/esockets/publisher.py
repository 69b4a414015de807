"""Gives messages to the outgoing buffer, and waits for what the broker says of them."""

from __future__ import annotations

import asyncio
import math
import operator
from typing import Callable

from esockets.client_core import ClientCore
from esockets.delivery import Answer, Delivery
from esockets.frames import (NO_OPTIONS, ping_frame, publish_fields, publish_frame,
                             publish_frame_bytes_max)
from esockets.limits import CONFIRM_MS_MAX, MESSAGE_ID_BYTES_MAX
from esockets.options import Bytes, PublishOptions, to_bytes
from esockets.outgoing_buffer import PendingRequest
from esockets.status import InvalidArgumentError, UnimplementedError
from esockets.topic import is_utf8, topic_error
from esockets.waiting import settle, within

# A topic that was right is not looked at again.
_TOPICS_MAX = 10_000


class Publisher:
    """Used on the loop; but `frame_of` by any thread."""

    def __init__(self, core: ClientCore) -> None:
        self._core = core
        self._right_topics: set[str] = set()

    def frame_of(self, topic: str, payload: Bytes, options: PublishOptions) -> bytes:
        """Of a message without an answer. Errors: InvalidArgumentError."""
        frame = publish_frame(self.fields_of(topic, payload, options))
        if options.message_id:
            raise InvalidArgumentError(
                "message_id: whoever repeats a message waits for an answer")
        self.check_size(len(frame))
        return frame

    def fields_of(self, topic: str, payload: Bytes, options: PublishOptions) -> bytes:
        """Errors: InvalidArgumentError of what the broker would refuse."""
        if topic not in self._right_topics:
            self._check_topic(topic)
        if options is not NO_OPTIONS:
            _check_options(options)
        data = payload if isinstance(payload, bytes) else to_bytes(payload)
        return publish_fields(topic, data, options)

    def check_size(self, frame_bytes: int) -> None:
        limit = self._core.session.frame_bytes_max
        if frame_bytes > limit:
            raise InvalidArgumentError(f"the message's frame has {frame_bytes} bytes; the broker "
                                       f"takes at most {limit}")

    async def publish(self, topic: str, payload: Bytes, options: PublishOptions) -> None:
        """Waits for room under BLOCK."""
        frame = self.frame_of(topic, payload, options)
        outgoing = self._core.outgoing
        if not outgoing.add(frame):
            await self._core.until(lambda: outgoing.add(frame), None)

    def publish_nowait(self, topic: str, payload: Bytes, options: PublishOptions) -> None:
        """BLOCK becomes ERROR."""
        if not self._core.outgoing.add(self.frame_of(topic, payload, options)):
            raise self._core.outgoing.full()

    async def ask(self, topic: str, payload: Bytes, options: PublishOptions,
                  confirm_ms: int, timeout: float) -> Answer:
        """The broker's answer to a publish."""
        fields = self.fields_of(topic, payload, options)
        answer = _Answer(self._core)
        end = self._core.loop.time() + timeout
        await self.add(fields, answer.request, lambda id: publish_frame(fields, id, confirm_ms),
                       timeout)
        return await answer.wait(end - self._core.loop.time())

    async def add(self, fields: bytes, request: PendingRequest, write: Callable[[int], bytes],
                  timeout: float) -> None:
        """Gives a request to the buffer; it has its id then. `timeout`: of waiting for room."""
        size = publish_frame_bytes_max(fields)
        self.check_size(size)
        outgoing = self._core.outgoing
        if outgoing.add_request(size, write, request) is None:
            await self._core.until(
                lambda: outgoing.add_request(size, write, request) is not None, timeout,
                "no room in the outgoing buffer in time")

    async def confirm(self, topic: str, payload: Bytes, settle: float,
                      options: PublishOptions) -> Delivery:
        """`settle`: seconds, of which the broker counts a minute."""
        # 0 would ask for nothing.
        confirm_ms = max(math.ceil(min(settle * 1000, CONFIRM_MS_MAX)), 1)
        answer = await self.ask(topic, payload, options, confirm_ms,
                                settle + self._core.options.request_timeout)
        if answer.delivery is None:
            raise UnimplementedError("this broker does not say what became of a message")
        return answer.delivery

    async def ping(self, timeout: float) -> None:
        """Returns when everything published so far has reached the broker."""
        answer = _Answer(self._core)
        self._core.outgoing.add_control(ping_frame, answer.request)
        await answer.wait(timeout)

    def _check_topic(self, topic: str) -> None:
        if error := topic_error(topic):
            raise InvalidArgumentError(f"topic: {error}")
        if len(self._right_topics) >= _TOPICS_MAX:
            self._right_topics = set()
        self._right_topics.add(topic)


class _Answer:
    """What a task waits for."""

    def __init__(self, core: ClientCore) -> None:
        self._core = core
        self._future: asyncio.Future[Answer] = core.loop.create_future()
        self.request = PendingRequest(
            done=lambda outcome: settle(self._future, outcome))

    async def wait(self, timeout: float) -> Answer:
        try:
            return await within(timeout, self._future)
        finally:
            self._core.session.forget(self.request.id)


def _check_options(options: PublishOptions) -> None:
    if not isinstance(options, PublishOptions):
        raise TypeError(f"options: PublishOptions are wanted, not {type(options).__name__}")
    # The broker ends the connection of a client that sends text which is none.
    if not is_utf8(options.reply_to):
        raise InvalidArgumentError("reply_to: not UTF-8")
    if len(to_bytes(options.message_id)) > MESSAGE_ID_BYTES_MAX:
        raise InvalidArgumentError("message_id: too long")
    if not 0 <= operator.index(options.ttl_ms) < 1 << 32:
        raise InvalidArgumentError("ttl_ms: not between 0 and 2^32")
    if not all(is_utf8(name) and is_utf8(value) for name, value in options.headers):
        raise InvalidArgumentError("headers: not UTF-8")

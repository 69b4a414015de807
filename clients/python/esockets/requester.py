"""Asks whoever is subscribed to a topic, or the broker itself, and gathers the replies."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import Callable, List

from esockets.client_core import ClientCore
from esockets.events import State
from esockets.frames import publish_frame
from esockets.message import Message
from esockets.options import Bytes, PublishOptions, RequestOptions
from esockets.outgoing_buffer import PendingRequest
from esockets.presence import PRESENCE_PREFIX
from esockets.publisher import Publisher
from esockets.reply_collector import ReplyCollector
from esockets.status import (DeadlineExceededError, Error, FailedPreconditionError, Outcome,
                             UnavailableError, UnimplementedError)
from esockets.waiting import settle


class Requester:
    """Used on the loop."""

    def __init__(self, core: ClientCore, publisher: Publisher) -> None:
        self._core = core
        self._publisher = publisher
        self._reply_topics = 0
        # For replies of the broker itself, which come to this client whatever stands here: unlike
        # an inbox it outlives a connection, so that such a request can wait for the next one. Those
        # of two clients must not meet, for a broker that takes it for a topic like any other.
        self._reply_prefix = f"_INBOX/{secrets.token_hex(8)}/"

    async def request_many(self, topic: str, payload: Bytes,
                           options: RequestOptions) -> List[Message]:
        """The replies in the order in which they came."""
        timeout = self._core.options.request_timeout if options.timeout is None else options.timeout
        end = self._core.loop.time() + timeout
        if not _is_for_broker(topic):
            await self._until_there_is_an_inbox(timeout)
        answer: asyncio.Future[List[Message]] = self._core.loop.create_future()
        replies = ReplyCollector(options.replies_max, lambda outcome: settle(answer, outcome))
        request = PendingRequest(replies=replies, reply_topic=self._next_reply_topic(topic))
        try:
            await self._send(topic, payload, options.publish, request,
                             end - self._core.loop.time())
            self._end_in_time(request, replies, end - self._core.loop.time())
            return await answer
        finally:
            replies.drop()
            self._core.session.forget(request.id)

    def ask_broker(self, topic: str, payload: bytes,
                   answer: Callable[[Outcome[bytes]], None]) -> None:
        """One reply of the broker itself. `answer` is called once, or never: the client ended."""

        def done(outcome: Outcome[List[Message]]) -> None:
            answer(outcome if isinstance(outcome, Error) else outcome[0].payload)

        replies = ReplyCollector(1, done)
        request = PendingRequest(replies=replies, reply_topic=self._next_reply_topic(topic))
        fields = self._publisher.fields_of(topic, payload,
                                           PublishOptions(reply_to=request.reply_topic))
        try:
            self._core.outgoing.add_control(lambda id: publish_frame(fields, id), request)
        except Error as error:
            return answer(error)
        self._end_in_time(request, replies, self._core.options.request_timeout)

    async def _send(self, topic: str, payload: Bytes, options: PublishOptions,
                    request: PendingRequest, timeout: float) -> None:
        options = replace(options, reply_to=request.reply_topic)
        fields = self._publisher.fields_of(topic, payload, options)
        if _is_for_broker(topic):
            self._core.outgoing.add_control(lambda id: publish_frame(fields, id), request)
        else:
            await self._publisher.add(fields, request, lambda id: publish_frame(fields, id),
                                      timeout)

    def _end_in_time(self, request: PendingRequest, replies: ReplyCollector,
                     timeout: float) -> None:
        if replies.ended:
            return

        def too_late() -> None:
            self._core.session.forget(request.id)
            replies.on_timeout()

        replies.set_on_end(self._core.loop.call_later(timeout, too_late).cancel)

    async def _until_there_is_an_inbox(self, timeout: float) -> None:
        """Replies come to an inbox of the connection: there must be one. If none comes, those who
        name it say so."""
        core = self._core
        try:
            await core.until(lambda: core.state in (State.CONNECTED, State.CLOSED), timeout)
        except DeadlineExceededError:
            pass

    def _next_reply_topic(self, request_topic: str) -> str:
        """Where the replies to a request of this topic come to."""
        self._reply_topics += 1
        if _is_for_broker(request_topic):
            return f"{self._reply_prefix}{self._reply_topics}"
        core = self._core
        if core.state is State.CLOSED:
            raise core.end_reason or FailedPreconditionError("the client is closed")
        if core.state is not State.CONNECTED:
            raise UnavailableError(f"no connection to {core.options.address}")
        if not core.session.inbox:
            raise UnimplementedError("this broker takes no requests to other clients")
        return f"{core.session.inbox}/{self._reply_topics}"


def _is_for_broker(topic: str) -> bool:
    return topic.startswith(("$SYS/", PRESENCE_PREFIX))

"""Requests that wait for the broker's answer."""

from __future__ import annotations

from typing import Dict

from esockets.delivery import Answer
from esockets.message import Message
from esockets.outgoing_buffer import PendingRequest
from esockets.status import Error, Outcome


class PendingRequests:
    """By id, and those that wait for replies also by their topic."""

    def __init__(self) -> None:
        self._requests: Dict[int, PendingRequest] = {}
        self._ids_by_reply_topic: Dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._requests)

    @property
    def reply_topics(self) -> Dict[str, int]:
        """Looked at for each message: most clients wait for nothing."""
        return self._ids_by_reply_topic

    def add(self, request: PendingRequest) -> None:
        if request.replies:
            # Its time was over while it waited in the buffer.
            if request.replies.ended:
                return
            self._ids_by_reply_topic[request.reply_topic] = request.id
        self._requests[request.id] = request

    def complete(self, id: int, answer: Outcome[Answer]) -> bool:
        """The answer to the request with this id; False when none is waiting for it."""
        request = self._requests.get(id)
        if request is None:
            return False
        # Published says that the request has arrived; its replies are still to come.
        if request.replies and not isinstance(answer, Error):
            return True
        self.forget(id)
        if request.replies and isinstance(answer, Error):
            request.replies.fail(answer)
        elif request.done:
            request.done(answer)
        return True

    def take_reply(self, reply: Message) -> bool:
        """A message on the reply topic of a request; False when it belongs to none."""
        id = self._ids_by_reply_topic.get(reply.topic)
        replies = self._requests[id].replies if id is not None else None
        if id is None or replies is None:
            return False
        replies.on_reply(reply)
        if replies.ended:
            self.forget(id)
        return True

    def wants_replies(self, id: int) -> bool:
        """Does the request with this id wait for replies?"""
        request = self._requests.get(id)
        return request is not None and request.replies is not None

    def forget(self, id: int) -> None:
        """Whoever asked does not wait any more."""
        request = self._requests.pop(id, None)
        if request and request.replies:
            self._ids_by_reply_topic.pop(request.reply_topic, None)

    def fail_sent(self, consumed_total: int, reason: Error) -> None:
        """The connection broke: requests whose frame ends at or before `consumed_total` may have
        been lost with it. The others are still in the outgoing buffer."""
        for id in [r.id for r in self._requests.values() if r.end_offset <= consumed_total]:
            self.complete(id, reason)

    def fail_all(self, reason: Error) -> None:
        for id in list(self._requests):
            self.complete(id, reason)

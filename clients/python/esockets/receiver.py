"""Brings what the broker sends to those who wait for it: messages, answers, and news of both."""

from __future__ import annotations

from typing import Optional

from esockets import server_frames
from esockets.delivery import Answer
from esockets.events import ClientEvents
from esockets.message import Message
from esockets.outgoing_buffer import OutgoingBuffer
from esockets.pending_requests import PendingRequests
from esockets.proto import esockets_pb2 as pb
from esockets.status import (INBOX_NOT_ALLOWED, NO_RESPONDERS, NOT_SUBSCRIBED, BrokerError,
                             UnavailableError, to_error)
from esockets.subscription_set import SubscriptionSet


class Receiver:
    """Of a session, across its connections."""

    def __init__(self, outgoing: OutgoingBuffer, events: ClientEvents) -> None:
        self._events = events
        self.requests = PendingRequests()
        self.subscriptions = SubscriptionSet(outgoing)
        # A program that has closed, and does not receive: only answers are for it.
        self.answers_only = False

    def on_message(self, message: Message) -> None:
        requests = self.requests
        if requests.reply_topics and requests.take_reply(message):
            return
        if not self.answers_only:
            self.subscriptions.dispatch(message)

    def on_frame(self, kind: Optional[str], frame: pb.ServerFrame) -> None:
        """All but those that concern the connection. What a newer broker may add is read over."""
        if kind == "message":
            self.on_message(server_frames.message_of(frame.message))
        elif kind == "subscribed":
            told = server_frames.beginning_of(frame.subscribed)
            self.subscriptions.on_subscribed(frame.subscribed.id, told, self._events.on_resumed)
        elif kind == "published":
            self.requests.complete(frame.published.id, server_frames.answer_of(frame.published))
        elif kind == "pong":
            self.requests.complete(frame.pong.id, Answer())
        elif kind == "error":
            self._on_error(server_frames.error_of(frame.error), frame.error.id)
        elif kind == "gap" and self._events.on_gap:
            self._events.on_gap(server_frames.gap_of(frame.gap))
        elif kind == "snapshot_end" and self._events.on_snapshot_end:
            self._events.on_snapshot_end(frame.snapshot_end.filter)

    def _on_error(self, error: BrokerError, id: int) -> None:
        # A request that waited in the buffer while the connection was made anew names an inbox that
        # is gone.
        is_late = error.code == INBOX_NOT_ALLOWED and self.requests.wants_replies(id)
        status = UnavailableError("the connection broke before the request was sent") \
            if is_late else to_error(error)
        if self.requests.complete(id, status):
            return
        # An Unsubscribe of a filter that the broker has ended by itself.
        if error.code == NOT_SUBSCRIBED:
            return
        if self.subscriptions.on_refused(id, status, self._events.on_error):
            return
        if id and error.code in (NO_RESPONDERS, INBOX_NOT_ALLOWED):
            return  # of a request whose time was over
        if self._events.on_error:
            self._events.on_error(status)

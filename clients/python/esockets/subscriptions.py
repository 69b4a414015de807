"""Subscribes, and waits for the broker's word."""

from __future__ import annotations

import asyncio
from typing import Callable

from esockets.callbacks import CallbackSubscriber, check_callback, guarded
from esockets.client_core import ClientCore
from esockets.dispatcher import SubscriptionName
from esockets.filter_entry import Subscribed, Subscriber
from esockets.message import MessageCallback
from esockets.options import SubscribeOptions
from esockets.presence import PRESENCE_PREFIX, PresenceCallback, PresenceNews
from esockets.presence_watcher import PresenceWatcher
from esockets.requester import Requester
from esockets.start import Beginning
from esockets.status import DeadlineExceededError
from esockets.subscribe_rules import check_subscribe
from esockets.waiting import settle, within


class Subscriptions:
    """Of a client, whatever its face. Used on the loop."""

    def __init__(self, core: ClientCore, requester: Requester) -> None:
        self._core = core
        self._requester = requester
        self._subscriber_ids = 0

    def with_callback(self, callback: MessageCallback) -> Subscriber:
        return CallbackSubscriber(callback, self._core.on_raised)

    async def add(self, filter: str, options: SubscribeOptions,
                  subscriber: Subscriber) -> tuple[Beginning, Callable[[], None]]:
        """How it begins, and what ends it."""
        beginning, id = await self._add(filter, options, subscriber)
        name = SubscriptionName(filter, options.group)
        return beginning, lambda: self._core.session.unsubscribe(name, id)

    async def _add(self, filter: str, options: SubscribeOptions,
                   subscriber: Subscriber) -> tuple[Beginning, int]:
        check_subscribe(filter, options)
        self._subscriber_ids += 1
        id = self._subscriber_ids
        session = self._core.session
        answer: asyncio.Future[Beginning] = self._core.loop.create_future()
        session.subscribe(filter, options, Subscribed(id, subscriber),
                          lambda outcome: settle(answer, outcome))
        try:
            return await within(self._core.options.request_timeout, answer), id
        except (DeadlineExceededError, asyncio.CancelledError):
            session.unsubscribe(SubscriptionName(filter, options.group), id)
            raise

    async def watch_presence(self, topic: str, callback: PresenceCallback) -> Callable[[], None]:
        """Returns what ends it."""
        filter = PRESENCE_PREFIX + topic
        core = self._core
        check_callback(callback, "callback")
        tell = guarded(callback, core.on_raised)
        id = 0

        def on_news(news: PresenceNews) -> None:
            if news.ended:
                # Not at once: the subscriptions are being walked.
                core.loop.call_soon(core.session.unsubscribe, SubscriptionName(filter), id)
            tell(news)

        watcher = PresenceWatcher(
            core.loop, lambda payload, answer: self._requester.ask_broker(filter, payload, answer),
            on_news)
        _, id = await self._add(filter, SubscribeOptions(), watcher)
        core.watchers.add(filter, watcher)

        def end() -> None:
            watcher.stop()
            core.session.unsubscribe(SubscriptionName(filter), id)

        return end

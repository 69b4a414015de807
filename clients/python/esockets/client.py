"""A client of the broker, for programs without asyncio.

    with esockets.Client.connect("127.0.0.1:1234") as client:
        client.subscribe("room/+/temperature", lambda m: print(m.topic, m.text()))
        client.publish("room/42/temperature", "21.5")

Any thread may call. The client has one thread, with an asyncio loop, on which all callbacks run:
they must not wait for their own client, and are told so with FailedPreconditionError instead of a
deadlock. What the calls promise, and their errors, is said in aio.py.
"""

from __future__ import annotations

import threading
from typing import Any, Callable, Coroutine, Iterator, List, Optional, TypeVar, Union, overload

from esockets import aio
from esockets.delivery import Delivery, Stored
from esockets.dispatcher import SubscriptionName
from esockets.events import ClientEvents
from esockets.face import Face
from esockets.frames import NO_OPTIONS
from esockets.loop_thread import LoopThread
from esockets.message import Message, MessageCallback
from esockets.options import (Bytes, ClientOptions, PublishOptions, RequestOptions,
                              SubscribeOptions)
from esockets.presence import PresenceCallback
from esockets.receive_queue import ThreadReceiveQueue
from esockets.start import Beginning
from esockets.status import EndedError, Error
from esockets.subscription import PresenceWatch, PullHold, Subscription

T = TypeVar("T")


class PullSubscription(PullHold):
    """Read with receive, or as iterator. Several threads may read, each message goes to one of
    them."""

    def __init__(self, name: SubscriptionName, beginning: Beginning, remove: Callable[[], None],
                 abandon: Callable[[], None], queue: ThreadReceiveQueue,
                 thread: LoopThread) -> None:
        super().__init__(name, beginning, remove, abandon)
        self._queue = queue
        self._thread = thread

    def receive(self, timeout: Optional[float] = None) -> Message:
        """As of aio. Within a callback only with a `timeout` of 0."""
        if timeout != 0:
            self._thread.check_may_wait()
        return self._queue.take(timeout)

    def __iter__(self) -> Iterator[Message]:
        """Ends after unsubscribe and close. Errors: the reason for which the client ended."""
        while True:
            try:
                yield self.receive()
            except EndedError:
                return

    def size(self) -> int:
        return self._queue.size()

    def __enter__(self) -> PullSubscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.unsubscribe()


class Client(Face):
    """Times are seconds."""

    def __init__(self, options: Union[ClientOptions, str, None] = None,
                 events: Optional[ClientEvents] = None) -> None:
        """Begins to connect and returns at once. The rest as of aio.Client."""
        self._thread = LoopThread()
        try:
            self._client = self._thread.wait(self._make(options, events))
        except BaseException:
            self._thread.stop()
            raise
        self.core = self._client.core
        self._publisher = self._client.publisher
        self._room = threading.Condition()
        self.core.on_room.append(self._tell_of_room)

    @staticmethod
    async def _make(options: Union[ClientOptions, str, None],
                    events: Optional[ClientEvents]) -> aio.Client:
        return aio.Client(options, events)

    @classmethod
    def connect(cls, options: Union[ClientOptions, str, None] = None,
                events: Optional[ClientEvents] = None) -> Client:
        """Makes one, and waits for the outcome of the first attempt."""
        client = cls(options, events)
        try:
            client._wait(client.core.until_connected(client.core.options.connect_timeout + 1))
        except BaseException:
            client.end()
            raise
        return client

    # --- publishing

    def publish(self, topic: str, payload: Bytes, options: PublishOptions = NO_OPTIONS) -> None:
        """Within a callback BLOCK becomes ERROR."""
        frame = self._publisher.frame_of(topic, payload, options)
        if not self.core.outgoing.add(frame):
            if self._thread.is_current:
                raise self.core.outgoing.full()
            with self._room:
                while not self.core.outgoing.add(frame):
                    self._room.wait()

    def publish_and_wait(self, topic: str, payload: Bytes,
                         options: PublishOptions = NO_OPTIONS) -> None:
        self._wait(self._client.publish_and_wait(topic, payload, options))

    def publish_and_store(self, topic: str, payload: Bytes,
                          options: PublishOptions = NO_OPTIONS) -> Optional[Stored]:
        return self._wait(self._client.publish_and_store(topic, payload, options))

    def publish_and_confirm(self, topic: str, payload: Bytes, settle: float,
                            options: PublishOptions = NO_OPTIONS) -> Delivery:
        return self._wait(self._client.publish_and_confirm(topic, payload, settle, options))

    # --- subscribing

    @overload
    def subscribe(self, filter: str, callback: MessageCallback,
                  options: SubscribeOptions = ...) -> Subscription: ...

    @overload
    def subscribe(self, filter: str, callback: None = ...,
                  options: SubscribeOptions = ...) -> PullSubscription: ...

    def subscribe(self, filter: str, callback: Optional[MessageCallback] = None,
                  options: SubscribeOptions = SubscribeOptions(),
                  ) -> Union[Subscription, PullSubscription]:
        """Without a callback the program reads from what is returned. When unsubscribe returns, a
        callback is not running and will not be run again; but called within a callback it returns
        at once."""
        name = SubscriptionName(filter, options.group)
        add = self._client.subscriptions.add
        if callback is not None:
            subscriber = self._client.subscriptions.with_callback(callback)
            beginning, remove = self._wait(add(filter, options, subscriber))
            return Subscription(name, beginning, self._on_thread(remove))
        session = self.core.session
        queue = ThreadReceiveQueue(options.receive_queue_messages_max, session.pause_read,
                                   self.core.later(session.resume_read))
        beginning, remove = self._wait(add(filter, options, queue))
        return PullSubscription(name, beginning, self._on_thread(remove),
                                self.core.later(remove), queue, self._thread)

    def watch_presence(self, topic: str, callback: PresenceCallback) -> PresenceWatch:
        watch = self._wait(self._client.watch_presence(topic, callback))
        return PresenceWatch(topic, self._on_thread(watch.stop))

    # --- asking and answering

    def request(self, topic: str, payload: Bytes, timeout: Optional[float] = None) -> bytes:
        return self._wait(self._client.request(topic, payload, timeout))

    def request_many(self, topic: str, payload: Bytes,
                     options: RequestOptions = RequestOptions()) -> List[Message]:
        return self._wait(self._client.request_many(topic, payload, options))

    def reply(self, request: Message, payload: Bytes,
              options: PublishOptions = NO_OPTIONS) -> None:
        """As publish to its reply_to. One that wants no answer gets none."""
        if request.reply_to:
            self.publish(request.reply_to, payload, options)

    # --- to its end

    def flush(self, timeout: Optional[float] = None) -> None:
        self._wait(self._client.flush(timeout))

    def close(self, timeout: Optional[float] = None) -> None:
        """Ends the thread as well."""
        if self._thread.is_over:
            return self._thread.stop()
        self._thread.check_may_wait()
        try:
            self._wait(self._client.close(timeout))
        finally:
            self._thread.stop()

    def end(self, reason: Optional[Error] = None) -> None:
        """At once; close for an orderly end. Within a callback the thread ends behind it."""
        self._thread.run(lambda: self._client.end(reason))
        self._thread.stop()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self.close()
        else:
            self.end()

    # --- the thread

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.wait(work)

    def _on_thread(self, call: Callable[[], None]) -> Callable[[], None]:
        return lambda: self._thread.run(call)

    def _tell_of_room(self) -> None:
        with self._room:
            self._room.notify_all()

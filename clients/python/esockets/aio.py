"""A client of the broker, for asyncio.

    async with await aio.Client.connect("127.0.0.1:1234") as client:
        await client.subscribe("room/+/temperature", lambda m: print(m.topic, m.text()))
        await client.publish("room/42/temperature", "21.5")

It belongs to the loop on which it was made: callbacks run there, and everything is called there. A
lost connection is made again, after a random and growing pause, and everything is subscribed again;
what was published in between waits in the outgoing buffer. Delivery is at most once: what had been
given to a connection that then broke may be lost, and publish_and_wait says so.
"""

from __future__ import annotations

import asyncio
from typing import List, Optional, Union, overload

from esockets.client_core import ClientCore
from esockets.delivery import Delivery, Stored
from esockets.dispatcher import SubscriptionName
from esockets.events import ClientEvents, State
from esockets.face import Face
from esockets.frames import NO_OPTIONS
from esockets.message import Message, MessageCallback, error_in
from esockets.options import (Bytes, ClientOptions, PublishOptions, RequestOptions,
                              SubscribeOptions)
from esockets.presence import PresenceCallback
from esockets.publisher import Publisher
from esockets.receive_queue import ReceiveQueue
from esockets.requester import Requester
from esockets.status import AbortedError, DeadlineExceededError, Error
from esockets.subscriptions import Subscriptions
from esockets.subscription import PresenceWatch, PullSubscription, Subscription


class Client(Face):
    """Times are seconds."""

    def __init__(self, options: Union[ClientOptions, str, None] = None,
                 events: Optional[ClientEvents] = None) -> None:
        """Begins to connect and returns at once; what is published meanwhile is buffered.

        `options`: a str is the address. REQUIRES: a running loop. Errors: InvalidArgumentError of
        the address, or of a file of `tls`, which are read here.
        """
        self.core = ClientCore(ClientOptions.of(options), events or ClientEvents())
        self.publisher = Publisher(self.core)
        self._requester = Requester(self.core, self.publisher)
        self.subscriptions = Subscriptions(self.core, self._requester)
        self.core.session.start()

    @classmethod
    async def connect(cls, options: Union[ClientOptions, str, None] = None,
                      events: Optional[ClientEvents] = None) -> Client:
        """Makes one, and waits for the outcome of the first attempt: who wants to wait for a broker
        that is not there yet uses Client(...).

        Errors: the broker's refusal; UnavailableError or DeadlineExceededError when it could not be
        reached, or is not the one meant (`tls`); InvalidArgumentError of the address.
        """
        client = cls(options, events)
        try:
            await client.core.until_connected(client.core.options.connect_timeout + 1)
        except BaseException:
            client.end()
            raise
        return client

    # --- publishing

    async def publish(self, topic: str, payload: Bytes,
                      options: PublishOptions = NO_OPTIONS) -> None:
        """Into the outgoing buffer. A refusal by the broker comes to on_error.

        Errors: InvalidArgumentError of a topic or text that the broker would refuse, or of more
        than a frame may hold; TypeError of a topic that is no str, or a payload that is neither
        bytes nor str; ResourceExhaustedError when the buffer is full and when_full says so; the
        reason when the client is closed.
        """
        await self.publisher.publish(topic, payload, options)

    def publish_nowait(self, topic: str, payload: Bytes,
                       options: PublishOptions = NO_OPTIONS) -> None:
        """The same within a callback, which must not wait: a full buffer is an error."""
        self.publisher.publish_nowait(topic, payload, options)

    async def publish_and_wait(self, topic: str, payload: Bytes,
                               options: PublishOptions = NO_OPTIONS) -> None:
        """Returns when the broker has handed the message to every subscriber's queue.

        Errors: those of publish; the broker's refusal; UnavailableError when the connection broke
        before it could say; DeadlineExceededError within request_timeout.
        """
        await self.publish_and_store(topic, payload, options)

    async def publish_and_store(self, topic: str, payload: Bytes,
                                options: PublishOptions = NO_OPTIONS) -> Optional[Stored]:
        """The same, and tells where the message is in its stream; None: no stream keeps its topic.

        After an error one does not know; the same again, with the same message_id, is stored once.
        """
        answer = await self.publisher.ask(topic, payload, options, 0,
                                           self.core.options.request_timeout)
        return answer.stored

    async def publish_and_confirm(self, topic: str, payload: Bytes, settle: float,
                                  options: PublishOptions = NO_OPTIONS) -> Delivery:
        """Asks what became of the message: returns when that is settled for every subscriber, or
        after `settle`, of which at most 60 s count; then some may still be `queued`.

        Errors: as of publish_and_wait, DeadlineExceededError request_timeout after `settle`;
        UnimplementedError of a broker that does not know.
        """
        return await self.publisher.confirm(topic, payload, settle, options)

    # --- subscribing

    @overload
    async def subscribe(self, filter: str, callback: MessageCallback,
                        options: SubscribeOptions = ...) -> Subscription: ...

    @overload
    async def subscribe(self, filter: str, callback: None = ...,
                        options: SubscribeOptions = ...) -> PullSubscription: ...

    async def subscribe(self, filter: str, callback: Optional[MessageCallback] = None,
                        options: SubscribeOptions = SubscribeOptions(),
                        ) -> Union[Subscription, PullSubscription]:
        """Returns when the broker has confirmed: from then on nothing that matches is missed while
        the connection stands. A message that matches several filters of this client comes to each
        of its callbacks. Without a callback the program reads from what is returned.

        Errors: the broker's refusal, InvalidArgumentError, DeadlineExceededError; TypeError of a
        callback that is no plain function: what an `async def` returns nobody would await.
        AlreadyExistsError when this client is in the options' group, with a filter that has topics
        in common.
        """
        name = SubscriptionName(filter, options.group)
        if callback is not None:
            begun = await self.subscriptions.add(filter, options,
                                                  self.subscriptions.with_callback(callback))
            return Subscription(name, *begun)
        session = self.core.session
        queue = ReceiveQueue(options.receive_queue_messages_max, session.pause_read,
                             session.resume_read)
        beginning, remove = await self.subscriptions.add(filter, options, queue)
        return PullSubscription(name, beginning, remove, self.core.later(remove), queue)

    async def watch_presence(self, topic: str, callback: PresenceCallback) -> PresenceWatch:
        """Tells who is on a topic: first all of them, then who joins and who leaves. After a lost
        connection it tells what has changed meanwhile. Returns when the broker has agreed.

        Errors: the broker's refusal, PermissionDeniedError, or FailedPreconditionError when it has
        no presence of this topic; those of subscribe.
        """
        return PresenceWatch(topic, await self.subscriptions.watch_presence(topic, callback))

    # --- asking and answering

    async def request(self, topic: str, payload: Bytes,
                      timeout: Optional[float] = None) -> bytes:
        """Asks whoever is subscribed to the topic, and returns the payload of the first reply; or
        asks the broker itself ("$SYS/...", with the messages of proto/admin.proto).

        `timeout` None: request_timeout. Errors: UnavailableError with the code NO_RESPONDERS, at
        once, when nobody is subscribed; DeadlineExceededError when no reply came in time;
        UnavailableError when the connection broke; AbortedError when whoever was asked has sent an
        error (ERROR_HEADER).
        """
        reply, = await self.request_many(topic, payload,
                                         RequestOptions(replies_max=1, timeout=timeout))
        error = error_in(reply)
        if error is not None:
            raise AbortedError(f"who was asked has failed: {error}")
        return reply.payload

    async def request_many(self, topic: str, payload: Bytes,
                           options: RequestOptions = RequestOptions()) -> List[Message]:
        """Asks all of them, and returns their replies in the order in which they came: when there
        are `replies_max`, or the time is over. Errors: the same, but for AbortedError."""
        return await self._requester.request_many(topic, payload, options)

    def reply(self, request: Message, payload: Bytes,
              options: PublishOptions = NO_OPTIONS) -> None:
        """Answers a request, in a callback or elsewhere: as publish_nowait to its reply_to. One
        that wants no answer gets none."""
        if request.reply_to:
            self.publish_nowait(request.reply_to, payload, options)

    # --- to its end

    async def flush(self, timeout: Optional[float] = None) -> None:
        """Returns when everything published so far has reached the broker. UnavailableError: the
        connection broke meanwhile, and some of it may be lost. `timeout` None: request_timeout."""
        await self.publisher.ping(self._timeout(timeout))

    async def close(self, timeout: Optional[float] = None) -> None:
        """Sends what is buffered, says goodbye, and waits for the end. On an error the connection
        is ended all the same, and the error says what was not sent; and when it is cancelled."""
        if self.state is not State.CLOSED:
            self.core.session.close()
            try:
                await self.core.until(lambda: self.state is State.CLOSED, self._timeout(timeout))
            except DeadlineExceededError:
                late = DeadlineExceededError("the broker has not taken everything in time")
                self.end(late)
                raise late from None
            except asyncio.CancelledError:
                self.end()
                raise
            if self.core.end_reason:
                raise self.core.end_reason

    def end(self, reason: Optional[Error] = None) -> None:
        """Ends the connection at once; close for an orderly end."""
        self.core.session.end(reason)

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        """Closes; at once when the block has failed."""
        if kind is None:
            await self.close()
        else:
            self.end()

    def _timeout(self, timeout: Optional[float]) -> float:
        return self.core.options.request_timeout if timeout is None else timeout

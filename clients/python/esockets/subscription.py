"""A program's hold on its subscriptions, in asyncio."""

from __future__ import annotations

from typing import Callable, Optional

from esockets.dispatcher import SubscriptionName
from esockets.message import Message
from esockets.receive_queue import ReceiveQueue
from esockets.start import Beginning, StreamStart
from esockets.status import EndedError


class Hold:
    """What all kinds have in common. `remove` is called once."""

    def __init__(self, name: SubscriptionName, beginning: Beginning,
                 remove: Callable[[], None]) -> None:
        self._name = name
        self._beginning = beginning
        self._remove: Optional[Callable[[], None]] = remove

    @property
    def filter(self) -> str:
        return self._name.filter

    @property
    def group(self) -> str:
        """Empty: none."""
        return self._name.group

    @property
    def stream(self) -> Optional[StreamStart]:
        """Where it began in its stream; None: its filter is within none."""
        return self._beginning.stream

    @property
    def last_values(self) -> bool:
        """Whether last values came first: on_snapshot_end tells when all have come."""
        return self._beginning.last_values

    def unsubscribe(self) -> None:
        """When it returns, nothing is handed out any more. The broker is told without waiting for
        its answer: what of a group is on its way here by then is lost."""
        remove, self._remove = self._remove, None
        if remove:
            remove()


class Subscription(Hold):
    """With a callback. It lives until unsubscribe or the end of the client, across reconnects,
    whether somebody holds it or not."""


class PullHold(Hold):
    """One that the program reads from. It ends with its object: its queue would fill, and with
    nobody to read it the client would not read either."""

    def __init__(self, name: SubscriptionName, beginning: Beginning, remove: Callable[[], None],
                 abandon: Callable[[], None]) -> None:
        """`abandon`: as `remove`, without waiting, from wherever an object may go."""
        super().__init__(name, beginning, remove)
        self._abandon = abandon

    def __del__(self) -> None:
        if self._remove:
            self._abandon()


class PullSubscription(PullHold):
    """Read with receive, or as asynchronous iterator. Several tasks may read, each message goes to
    one of them."""

    def __init__(self, name: SubscriptionName, beginning: Beginning, remove: Callable[[], None],
                 abandon: Callable[[], None], queue: ReceiveQueue) -> None:
        super().__init__(name, beginning, remove, abandon)
        self._queue = queue

    async def receive(self, timeout: Optional[float] = None) -> Message:
        """The oldest message. `timeout`: seconds; None: for ever. Errors: DeadlineExceededError
        when none came in time; when none is left and none will come: EndedError after unsubscribe
        and close, otherwise the reason for which the client ended."""
        return await self._queue.take(timeout)

    def __aiter__(self) -> PullSubscription:
        return self

    async def __anext__(self) -> Message:
        """Ends after unsubscribe and close. Errors: the reason for which the client ended."""
        try:
            return await self._queue.take(None)
        except EndedError:
            raise StopAsyncIteration from None

    def size(self) -> int:
        """Messages waiting here."""
        return self._queue.size()

    async def __aenter__(self) -> PullSubscription:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.unsubscribe()


class PresenceWatch:
    """Hears who is on a topic, across reconnects, until stop."""

    def __init__(self, topic: str, remove: Callable[[], None]) -> None:
        self.topic = topic
        self._remove: Optional[Callable[[], None]] = remove

    def stop(self) -> None:
        """As unsubscribe."""
        remove, self._remove = self._remove, None
        if remove:
            remove()

"""What both faces of a client say of it: `Client` for threads, `aio.Client` for asyncio."""

from __future__ import annotations

from typing import Optional

from esockets.client_core import ClientCore
from esockets.events import State
from esockets.message import ERROR_HEADER, Message
from esockets.options import Bytes, PublishOptions
from esockets.status import Error


class Face:
    """What any thread may ask. A subclass says how a message is published in a callback."""

    # Inside, for tests and for the other face.
    core: ClientCore

    def reply(self, request: Message, payload: Bytes,
              options: PublishOptions = PublishOptions()) -> None:
        raise NotImplementedError

    def reply_error(self, request: Message, error: str) -> None:
        """Says that it could not be done, and why."""
        self.reply(request, b"", PublishOptions(headers=((ERROR_HEADER, error),)))

    @property
    def state(self) -> State:
        return self.core.state

    @property
    def reason(self) -> Optional[Error]:
        """Why the last connection failed or ended; None while there is none such."""
        return self.core.reason

    @property
    def client_id(self) -> str:
        """In force: the client's own, or the one that the broker chose. Empty before the first
        connection."""
        return self.core.session.client_id

    @property
    def session_id(self) -> int:
        """Of the connection: what the broker stamps as `publisher`."""
        return self.core.session.session_id

    @property
    def connects_total(self) -> int:
        """Connections that stood, the first included."""
        return self.core.session.connects_total

    @property
    def dropped_messages_total(self) -> int:
        """By DROP_NEWEST."""
        return self.core.outgoing.dropped_messages_total

    @property
    def outgoing_bytes(self) -> int:
        """Of the outgoing buffer."""
        return self.core.outgoing.bytes_waiting

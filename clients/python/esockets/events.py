"""What a client tells its program besides messages."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Callable, Optional

from esockets.message import Gap
from esockets.start import StreamStart
from esockets.status import BrokerError, Error


class State(enum.Enum):
    """Of a client."""

    CONNECTING = "connecting"  # an attempt is under way
    # The broker has answered, and every filter is subscribed again: what is published from here on
    # reaches them. A filter that the broker refused is gone; on_error has said so.
    CONNECTED = "connected"
    WAITING = "waiting"  # for the next attempt
    CLOSED = "closed"  # for good: close, or an ending that is not retryable


@dataclass
class ClientEvents:
    """Callbacks, run on the client's loop. Any may be None. They must not wait for the client."""

    # The reason is None unless a connection failed or ended.
    on_state_change: Optional[Callable[[State, Optional[Error]], None]] = None
    # In order with the messages of the subscription.
    on_gap: Optional[Callable[[Gap], None]] = None
    # Of each topic that this filter matches, the last value has come, or a newer one: in order with
    # the messages. After a lost connection they come again.
    on_snapshot_end: Optional[Callable[[str], None]] = None
    # After a lost connection: a filter within a stream goes on behind this position, and nothing of
    # it was missed if it is `recovered`. Before the messages that follow, and before CONNECTED.
    on_resumed: Optional[Callable[[StreamStart], None]] = None
    # The broker said why it ends the connection; on_state_change follows.
    on_close: Optional[Callable[[BrokerError], None]] = None
    # The broker asks to leave; the client does, and comes back as told.
    on_go_away: Optional[Callable[[BrokerError], None]] = None
    # A failure that no call is waiting for: of a plain publish, of a filter subscribed again, of a
    # fresh token (none from token_refresh, or refused while the connection stands), or what a
    # callback of the program's has raised (as it is, not as an esockets.Error).
    on_error: Optional[Callable[[Exception], None]] = None

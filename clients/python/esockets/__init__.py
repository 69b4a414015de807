"""A client of the ESocketS broker: `Client` for threads, `aio.Client` for asyncio."""

from esockets import aio
from esockets.client import Client, PullSubscription
from esockets.delivery import Delivery, Stored
from esockets.events import ClientEvents, State
from esockets.message import ERROR_HEADER, Gap, Message, error_in
from esockets.options import (ClientOptions, LastWill, PublishOptions, RequestOptions,
                              SubscribeOptions, TlsOptions, WhenFull)
from esockets.presence import PresenceMember, PresenceNews
from esockets.socket_server import SocketPeer, SocketServer
from esockets.start import At, GroupStrategy, Overflow, Start, StreamStart
from esockets.status import (NO_RESPONDERS, AbortedError, AlreadyExistsError, BrokerError,
                             DeadlineExceededError, EndedError, Error, FailedPreconditionError,
                             InvalidArgumentError, NotFoundError, PermissionDeniedError,
                             ProtocolError, ResourceExhaustedError, UnauthenticatedError,
                             UnavailableError, UnimplementedError)
from esockets.subscription import PresenceWatch, Subscription

__version__ = "0.1"

__all__ = [
    "AbortedError", "AlreadyExistsError", "At", "BrokerError", "Client", "ClientEvents",
    "ClientOptions", "DeadlineExceededError", "Delivery", "ERROR_HEADER", "EndedError", "Error",
    "FailedPreconditionError", "Gap", "GroupStrategy", "InvalidArgumentError", "LastWill",
    "Message", "NO_RESPONDERS", "NotFoundError", "Overflow", "PermissionDeniedError",
    "PresenceMember", "PresenceNews", "PresenceWatch", "ProtocolError", "PublishOptions",
    "PullSubscription", "RequestOptions", "ResourceExhaustedError", "SocketPeer", "SocketServer",
    "Start", "State", "Stored", "StreamStart", "SubscribeOptions", "Subscription",
    "TlsOptions", "UnauthenticatedError", "UnavailableError", "UnimplementedError", "WhenFull",
    "aio", "error_in",
]

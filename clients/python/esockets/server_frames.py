"""The broker's rarer frames in the words of the client library."""

from __future__ import annotations

from typing import Union

from google.protobuf.message import DecodeError

from esockets.delivery import Answer, Delivery, Stored
from esockets.message import Gap, Message
from esockets.proto import esockets_pb2 as pb
from esockets.start import Beginning, Overflow, StreamStart
from esockets.status import BrokerError, ProtocolError


def parse(body: bytes) -> pb.ServerFrame:
    """Errors: ProtocolError."""
    frame = pb.ServerFrame()
    try:
        # Behind the end of a group that never began it reads no further, and warns.
        whole = frame.MergeFromString(body) == len(body)
    except (DecodeError, RuntimeWarning) as error:
        raise ProtocolError(f"what the broker sent is not the protocol: {error}") from None
    if not whole:
        raise ProtocolError("what the broker sent is not the protocol: an end without a beginning")
    return frame


def message_of(message: pb.Message) -> Message:
    """One that is not laid out as usual."""
    return Message(topic=message.topic, payload=message.payload,
                   headers=tuple((header.name, header.value) for header in message.headers),
                   reply_to=message.reply_to, key=message.key, ttl_ms=message.ttl_ms,
                   group=message.group, time_us=message.time_us, publisher=message.publisher,
                   position=message.position)


def gap_of(gap: pb.Gap) -> Gap:
    """A reason of a newer broker is its number."""
    known = gap.reason in pb.Gap.Reason.values()
    return Gap(filter=gap.filter, messages=gap.messages, bytes=gap.bytes, from_us=gap.from_us,
               to_us=gap.to_us,
               reason=pb.Gap.Reason.Name(gap.reason) if known else str(int(gap.reason)),
               conflated=gap.conflated, expired=gap.expired, from_position=gap.from_position,
               to_position=gap.to_position, group=gap.group)


def answer_of(published: pb.Published) -> Answer:
    """What the broker says of one publish."""
    stored = None
    if published.HasField("stored"):
        stored = Stored(published.stored.epoch, published.stored.position,
                        published.stored.repeated)
    if not published.HasField("delivery"):
        return Answer(stored=stored)
    told = published.delivery
    return Answer(stored=stored, delivery=Delivery(
        matched=told.matched, written=told.written, queued=told.queued, conflated=told.conflated,
        dropped=told.dropped, gone=told.gone, stored=stored))


def beginning_of(subscribed: pb.Subscribed) -> Beginning:
    """Without the filter: the answer does not say it."""
    if not subscribed.HasField("stream"):
        return Beginning(last_values=subscribed.last_values)
    told = subscribed.stream
    known = told.overflow in pb.Overflow.values()
    stream = StreamStart(name=told.name, epoch=told.epoch, position=told.position,
                         recovered=told.recovered,
                         overflow=Overflow(told.overflow) if known else Overflow.DEFAULT)
    return Beginning(stream=stream, last_values=subscribed.last_values)


def error_of(error: Union[pb.Error, pb.Close]) -> BrokerError:
    """A Close says when to come back, an Error does not."""
    return BrokerError(code=error.code, text=error.text, detail=error.detail,
                       retryable=error.retryable,
                       retry_after_ms=error.retry_after_ms if isinstance(error, pb.Close) else 0,
                       advice=error.advice)


def go_away_of(go_away: pb.GoAway) -> BrokerError:
    """A Close will follow."""
    return BrokerError(code=go_away.code, text=go_away.text, retryable=True,
                       retry_after_ms=go_away.retry_after_ms,
                       advice="Leave, and come back after retry_after_ms.")

#include "clients/cpp/server_frames.h"

namespace esockets::client {

Gap GapOf(const esockets::Gap& gap) {
  return {.filter = gap.filter(),
          .messages = gap.messages(),
          .bytes = gap.bytes(),
          .from_us = gap.from_us(),
          .to_us = gap.to_us(),
          .reason = esockets::Gap::Reason_Name(gap.reason()),
          .conflated = gap.conflated(),
          .expired = gap.expired(),
          .from_position = gap.from_position(),
          .to_position = gap.to_position(),
          .group = gap.group()};
}

Delivery DeliveryOf(const esockets::Delivery& delivery) {
  return {.matched = delivery.matched(),
          .written = delivery.written(),
          .queued = delivery.queued(),
          .conflated = delivery.conflated(),
          .dropped = delivery.dropped(),
          .gone = delivery.gone()};
}

Stored StoredOf(const esockets::Stored& stored) {
  return {.epoch = stored.epoch(), .position = stored.position(), .repeated = stored.repeated()};
}

StreamStart StreamStartOf(const esockets::StreamStart& start) {
  return {.filter = {},
          .name = start.name(),
          .epoch = start.epoch(),
          .position = start.position(),
          .recovered = start.recovered(),
          .overflow = static_cast<Overflow>(start.overflow())};
}

BrokerError ErrorOf(const esockets::Error& error) {
  return {.code = error.code(),
          .text = error.text(),
          .detail = error.detail(),
          .retryable = error.retryable(),
          .retry_after_ms = 0,
          .advice = error.advice()};
}

BrokerError ErrorOf(const esockets::Close& close) {
  return {.code = close.code(),
          .text = close.text(),
          .detail = close.detail(),
          .retryable = close.retryable(),
          .retry_after_ms = close.retry_after_ms(),
          .advice = close.advice()};
}

BrokerError ErrorOf(const esockets::GoAway& go_away) {
  return {.code = go_away.code(),
          .text = go_away.text(),
          .detail = {},
          .retryable = true,
          .retry_after_ms = go_away.retry_after_ms(),
          .advice = "Leave, and come back after retry_after_ms."};
}

}  // namespace esockets::client

#include "broker/server_frames.h"

#include <string>

#include "base/utf8.h"
#include "broker/command_checks.h"

namespace esockets::broker {

ServerFrame ConnectedFrame(const ConnectedFacts& facts, const Limits& limits) {
  ServerFrame frame;
  Connected& connected = *frame.mutable_connected();
  connected.set_protocol_version(kProtocolVersion);
  connected.set_client_id(std::string(facts.client_id));
  connected.set_session_id(facts.session_id);
  connected.set_keep_alive_ms(static_cast<uint32_t>(base::Millis(facts.keep_alive)));
  connected.set_server(std::string(facts.server));
  connected.set_inbox(std::string(facts.inbox));
  connected.set_credentials_expire_in_ms(
      static_cast<uint64_t>(base::Millis(facts.credentials_expire_in)));
  connected.set_ticket(facts.ticket);
  esockets::Limits& told = *connected.mutable_limits();
  told.set_frame_bytes_max(limits.frame_bytes_max);
  told.set_payload_bytes_max(limits.payload_bytes_max);
  told.set_topic_bytes_max(static_cast<uint32_t>(limits.topic.topic_bytes_max));
  told.set_topic_levels_max(static_cast<uint32_t>(limits.topic.topic_levels_max));
  told.set_subscriptions_max(limits.subscriptions_max);
  told.set_backlog_messages_max(limits.backlog_messages_max);
  told.set_backlog_bytes_max(limits.backlog_bytes_max);
  return frame;
}

ServerFrame RefreshedFrame(uint64_t request_id, base::Duration credentials_expire_in) {
  ServerFrame frame;
  frame.mutable_refreshed()->set_id(request_id);
  frame.mutable_refreshed()->set_credentials_expire_in_ms(
      static_cast<uint64_t>(base::Millis(credentials_expire_in)));
  return frame;
}

ServerFrame ErrorFrame(uint64_t request_id, ErrorCode code, std::string_view detail) {
  const ErrorInfo& info = Info(code);
  ServerFrame frame;
  Error& error = *frame.mutable_error();
  error.set_id(request_id);
  error.set_code(static_cast<uint32_t>(code));
  error.set_text(std::string(info.text));
  if (base::IsValidUtf8(detail)) error.set_detail(std::string(detail));
  error.set_retryable(info.retryable);
  error.set_advice(std::string(info.advice));
  return frame;
}

ServerFrame GapFrame(std::string_view filter, const Gap& gap, const base::Clock& clock,
                     std::string_view group) {
  const base::TimePoint now = clock.Now();
  const int64_t wall_now_us = clock.WallMicros();
  const auto wall_us = [&](base::TimePoint time) {
    return static_cast<uint64_t>(
        wall_now_us - std::chrono::duration_cast<std::chrono::microseconds>(now - time).count());
  };
  ServerFrame frame;
  esockets::Gap& told = *frame.mutable_gap();
  told.set_filter(std::string(filter));
  told.set_group(std::string(group));
  told.set_messages(gap.messages);
  told.set_bytes(gap.bytes);
  if (gap.reason != GapReason::kRetention) {
    told.set_from_us(wall_us(gap.from));
    told.set_to_us(wall_us(gap.to));
  }
  told.set_from_position(gap.from_position);
  told.set_to_position(gap.to_position);
  // The same words: a test goes through all of them.
  esockets::Gap::Reason reason = esockets::Gap::REASON_UNSPECIFIED;
  esockets::Gap::Reason_Parse(std::string(GapReasonText(gap.reason)), &reason);
  told.set_reason(reason);
  told.set_conflated(gap.conflated);
  told.set_expired(gap.expired);
  return frame;
}

ServerFrame GoAwayFrame(CloseCode code, uint32_t retry_after_ms, std::string ticket) {
  const CloseInfo& info = Info(code);
  ServerFrame frame;
  GoAway& go_away = *frame.mutable_go_away();
  go_away.set_code(static_cast<uint32_t>(info.code));
  go_away.set_text(std::string(info.text));
  go_away.set_retry_after_ms(retry_after_ms);
  go_away.set_ticket(std::move(ticket));
  return frame;
}

namespace {

void Fill(const Delivery& delivery, esockets::Delivery* filled) {
  filled->set_matched(delivery.matched);
  filled->set_written(delivery.written);
  filled->set_queued(delivery.queued);
  filled->set_conflated(delivery.conflated);
  filled->set_dropped(delivery.dropped);
  filled->set_gone(delivery.gone);
}

}  // namespace

ServerFrame PublishedFrame(uint64_t request_id, const Delivery* delivery, const Stored& stored) {
  ServerFrame frame;
  Published& published = *frame.mutable_published();
  published.set_id(request_id);
  if (delivery != nullptr) Fill(*delivery, published.mutable_delivery());
  if (stored.position == 0) return frame;
  published.mutable_stored()->set_epoch(stored.epoch);
  published.mutable_stored()->set_position(stored.position);
  published.mutable_stored()->set_repeated(stored.repeated);
  return frame;
}

namespace {

esockets::Overflow OverflowWord(Overflow overflow) {
  switch (overflow) {
    case Overflow::kConflate:
      return OVERFLOW_CONFLATE;
    case Overflow::kDropOldest:
      return OVERFLOW_DROP_OLDEST;
    case Overflow::kDropNewest:
      return OVERFLOW_DROP_NEWEST;
    case Overflow::kDisconnect:
      return OVERFLOW_DISCONNECT;
    case Overflow::kReplay:
      return OVERFLOW_REPLAY;
  }
  return OVERFLOW_DEFAULT;
}

}  // namespace

ServerFrame SubscribedFrame(uint64_t request_id, const StreamBegin& begin) {
  ServerFrame frame;
  Subscribed& subscribed = *frame.mutable_subscribed();
  subscribed.set_id(request_id);
  subscribed.mutable_stream()->set_name(begin.name);
  subscribed.mutable_stream()->set_epoch(begin.epoch);
  subscribed.mutable_stream()->set_position(begin.position);
  subscribed.mutable_stream()->set_recovered(begin.recovered);
  subscribed.mutable_stream()->set_overflow(OverflowWord(begin.overflow));
  return frame;
}

ServerFrame SubscribedWithLastValuesFrame(uint64_t request_id) {
  ServerFrame frame;
  frame.mutable_subscribed()->set_id(request_id);
  frame.mutable_subscribed()->set_last_values(true);
  return frame;
}

ServerFrame SnapshotEndFrame(std::string_view filter) {
  ServerFrame frame;
  frame.mutable_snapshot_end()->set_filter(std::string(filter));
  return frame;
}

ServerFrame MessageFrame(std::string_view topic, std::string_view payload) {
  ServerFrame frame;
  frame.mutable_message()->set_topic(std::string(topic));
  frame.mutable_message()->set_payload(std::string(payload));
  return frame;
}

}  // namespace esockets::broker

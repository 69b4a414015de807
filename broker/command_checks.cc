#include "broker/command_checks.h"

#include <chrono>

#include "base/strings.h"
#include "base/topic.h"
#include "broker/inbox_names.h"
#include "broker/limits.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {
namespace {

using CloseRefusal = std::optional<Refusal<CloseCode>>;
using ErrorRefusal = std::optional<Refusal<ErrorCode>>;

ErrorRefusal Refuse(ErrorCode code, std::string detail) {
  return Refusal<ErrorCode>{code, std::move(detail)};
}

CloseRefusal Refuse(CloseCode code, std::string detail) {
  return Refusal<CloseCode>{code, std::move(detail)};
}

}  // namespace

ErrorRefusal CheckGroup(const proto::SubscribeView& subscribe) {
  if (!GroupStrategy_IsValid(static_cast<int>(subscribe.group_strategy))) {
    return Refuse(ErrorCode::kUnsupported, base::StrCat("strategy ", subscribe.group_strategy));
  }
  if (subscribe.group.size() > kGroupNameBytesMax) {
    return Refuse(ErrorCode::kGroupInvalid, base::StrCat("a name of ", subscribe.group.size(),
                                                         " bytes; limit ", kGroupNameBytesMax));
  }
  if (subscribe.group.empty() && subscribe.group_strategy != GROUP_STRATEGY_UNSPECIFIED) {
    return Refuse(ErrorCode::kGroupInvalid, "a strategy without a group");
  }
  return std::nullopt;
}

ErrorRefusal CheckSubscribe(const proto::SubscribeView& subscribe, const Limits& limits) {
  if (const auto error = base::CheckFilter(subscribe.filter, limits.topic);
      error != base::TopicError::kOk) {
    return Refuse(ErrorCode::kFilterInvalid, std::string(base::TopicErrorText(error)));
  }
  if (limits.wildcard_levels_max != 0 && !base::IsLiteral(subscribe.filter)) {
    const size_t levels = base::LevelsOf(subscribe.filter);
    if (levels > limits.wildcard_levels_max) {
      return Refuse(
          ErrorCode::kFilterInvalid,
          base::StrCat(levels, " levels with wildcards; limit ", limits.wildcard_levels_max));
    }
  }
  if (subscribe.filter == kInboxRoot || IsInInbox(subscribe.filter)) {
    return Refuse(ErrorCode::kInboxNotAllowed, "an inbox needs no subscription");
  }
  if (const auto refusal = CheckGroup(subscribe)) return refusal;
  if (!Overflow_IsValid(static_cast<int>(subscribe.overflow))) {
    return Refuse(ErrorCode::kUnsupported, base::StrCat("overflow ", subscribe.overflow));
  }
  if (!Start_IsValid(static_cast<int>(subscribe.start))) {
    return Refuse(ErrorCode::kUnsupported, base::StrCat("start ", subscribe.start));
  }
  const bool counts = subscribe.start == START_LAST || subscribe.start == START_LAST_OF_EACH_TOPIC;
  if (counts && (subscribe.start_at == 0 || subscribe.start_at > UINT32_MAX)) {
    return Refuse(ErrorCode::kStartInvalid,
                  base::StrCat(subscribe.start_at, " messages; at least 1, at most 4294967295"));
  }
  return std::nullopt;
}

ErrorRefusal CheckContent(std::string_view topic, uint64_t payload_bytes, size_t key_bytes,
                          const Limits& limits) {
  if (const auto error = base::CheckTopic(topic, limits.topic); error != base::TopicError::kOk) {
    return Refuse(ErrorCode::kTopicInvalid, std::string(base::TopicErrorText(error)));
  }
  if (payload_bytes > limits.payload_bytes_max) {
    return Refuse(ErrorCode::kPayloadTooLarge,
                  base::StrCat(payload_bytes, " bytes; limit ", limits.payload_bytes_max));
  }
  if (key_bytes > limits.key_bytes_max) {
    return Refuse(ErrorCode::kKeyTooLong,
                  base::StrCat(key_bytes, " bytes; limit ", limits.key_bytes_max));
  }
  return std::nullopt;
}

ErrorRefusal CheckPublish(const proto::PublishView& publish, const Limits& limits) {
  if (auto refusal =
          CheckContent(publish.topic, publish.payload.size(), publish.key.size(), limits)) {
    return refusal;
  }
  if (!publish.reply_to.empty()) {
    if (const auto error = base::CheckTopic(publish.reply_to, limits.topic);
        error != base::TopicError::kOk) {
      return Refuse(ErrorCode::kReplyToInvalid, std::string(base::TopicErrorText(error)));
    }
    // Nobody shall be led to send the broker a request by answering a message. Whose inbox it is
    // depends.
    if (base::IsReserved(publish.reply_to) && !IsInInbox(publish.reply_to)) {
      return Refuse(ErrorCode::kReplyToInvalid, "reserved topic");
    }
  }
  if (publish.message_id.size() > kMessageIdBytesMax) {
    return Refuse(ErrorCode::kMessageIdInvalid,
                  base::StrCat(publish.message_id.size(), " bytes; limit ", kMessageIdBytesMax));
  }
  if (!publish.message_id.empty() && publish.id == 0) {
    return Refuse(ErrorCode::kMessageIdInvalid, "it needs a request id");
  }
  if (publish.header_count > limits.headers_max ||
      publish.header_bytes_max > limits.header_bytes_max) {
    return Refuse(ErrorCode::kHeadersTooLarge,
                  base::StrCat(publish.header_count, " headers, the longest text of ",
                               publish.header_bytes_max, " bytes; limits ", limits.headers_max,
                               " and ", limits.header_bytes_max));
  }
  return std::nullopt;
}

namespace {

CloseRefusal RefuseWill(std::string_view why, std::string_view detail = {}) {
  return Refuse(CloseCode::kConnectInvalid,
                base::StrCat("will: ", why, detail.empty() ? "" : ": ", detail));
}

CloseRefusal CheckWill(const proto::WillView& will, const Limits& limits) {
  const proto::PublishView& message = will.message;
  if (message.id != 0 || message.confirm_ms != 0 || !message.message_id.empty()) {
    return RefuseWill("nobody hears an answer: without id, confirm_ms and message_id");
  }
  if (const auto refusal = CheckPublish(message, limits)) {
    return RefuseWill(Info(refusal->code).text, refusal->detail);
  }
  if (base::IsReserved(message.topic)) {
    return RefuseWill(Info(ErrorCode::kReservedTopic).text, message.topic);
  }
  // The client's own is another one on its next connection.
  if (base::IsReserved(message.reply_to)) {
    return RefuseWill(Info(ErrorCode::kReplyToInvalid).text, message.reply_to);
  }
  if (std::chrono::milliseconds(will.delay_ms) > kWillDelayMax) {
    return RefuseWill(
        base::StrCat("a delay of ", will.delay_ms, " ms; limit ", base::Millis(kWillDelayMax)));
  }
  return std::nullopt;
}

}  // namespace

CloseRefusal CheckConnect(const proto::ConnectView& connect, const Limits& limits) {
  if (connect.protocol_version != kProtocolVersion) {
    return Refuse(CloseCode::kUnsupportedVersion,
                  base::StrCat("version ", connect.protocol_version, " was asked for; this is ",
                               kProtocolVersion));
  }
  if (connect.client_id.size() > limits.client_id_bytes_max) {
    return Refuse(
        CloseCode::kClientIdInvalid,
        base::StrCat(connect.client_id.size(), " bytes; limit ", limits.client_id_bytes_max));
  }
  if (connect.name.size() > limits.name_bytes_max) {
    return Refuse(
        CloseCode::kConnectInvalid,
        base::StrCat("a name of ", connect.name.size(), " bytes; limit ", limits.name_bytes_max));
  }
  if (connect.metadata_count > limits.metadata_entries_max ||
      connect.metadata_bytes > limits.metadata_bytes_max) {
    return Refuse(CloseCode::kConnectInvalid,
                  base::StrCat("metadata of ", connect.metadata_count, " entries and ",
                               connect.metadata_bytes, " bytes; limits ",
                               limits.metadata_entries_max, " and ", limits.metadata_bytes_max));
  }
  return connect.will ? CheckWill(*connect.will, limits) : std::nullopt;
}

}  // namespace esockets::broker

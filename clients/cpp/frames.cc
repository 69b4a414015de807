#include "clients/cpp/frames.h"

#include <cstddef>

#include "proto/esockets.pb.h"
#include "proto/varint.h"

namespace esockets::client {
namespace {

constexpr uint32_t kVarintType = 0;
constexpr uint32_t kBytesType = 2;

constexpr uint32_t Tag(int field, uint32_t type) {
  return static_cast<uint32_t>(field) << 3 | type;
}

void AppendVarint(uint64_t value, std::string* out) {
  char buffer[proto::kVarint64BytesMax];
  out->append(buffer, static_cast<size_t>(proto::PutVarint(value, buffer) - buffer));
}

size_t BytesFieldSize(size_t bytes) { return 1 + proto::VarintSize(bytes) + bytes; }

void AppendBytesField(int field, std::string_view bytes, std::string* out) {
  AppendVarint(Tag(field, kBytesType), out);
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

// What is empty is the default, which is left out.
size_t FieldSize(std::string_view bytes) {
  return bytes.empty() ? 0 : BytesFieldSize(bytes.size());
}

void AppendField(int field, std::string_view bytes, std::string* out) {
  if (!bytes.empty()) AppendBytesField(field, bytes, out);
}

void AppendVarintField(int field, uint64_t value, std::string* out) {
  AppendVarint(Tag(field, kVarintType), out);
  AppendVarint(value, out);
}

size_t HeaderSize(const std::pair<std::string, std::string>& header) {
  return FieldSize(header.first) + FieldSize(header.second);
}

// All fields of Publish have numbers below 16: one byte of tag each.
size_t PublishSize(std::string_view topic, std::string_view payload, const PublishOptions& options,
                   const AnswerWanted& wanted) {
  size_t size = FieldSize(topic) + FieldSize(payload);
  for (const auto& header : options.headers) size += BytesFieldSize(HeaderSize(header));
  size += FieldSize(options.reply_to) + FieldSize(options.key) + FieldSize(options.message_id);
  if (options.ttl_ms != 0) size += 1 + proto::VarintSize(options.ttl_ms);
  if (wanted.id != 0) size += 1 + proto::VarintSize(wanted.id);
  if (wanted.confirm_ms != 0) size += 1 + proto::VarintSize(wanted.confirm_ms);
  return size;
}

void AppendFrame(const ClientFrame& frame, std::string* out) {
  AppendVarint(frame.ByteSizeLong(), out);
  frame.AppendToString(out);
}

}  // namespace

void AppendPublish(std::string_view topic, std::string_view payload, const PublishOptions& options,
                   const AnswerWanted& wanted, std::string* out) {
  const size_t size = PublishSize(topic, payload, options, wanted);
  AppendVarint(BytesFieldSize(size), out);
  AppendVarint(Tag(ClientFrame::kPublishFieldNumber, kBytesType), out);
  AppendVarint(size, out);
  AppendField(Publish::kTopicFieldNumber, topic, out);
  AppendField(Publish::kPayloadFieldNumber, payload, out);
  for (const auto& header : options.headers) {
    AppendVarint(Tag(Publish::kHeadersFieldNumber, kBytesType), out);
    AppendVarint(HeaderSize(header), out);
    AppendField(Header::kNameFieldNumber, header.first, out);
    AppendField(Header::kValueFieldNumber, header.second, out);
  }
  AppendField(Publish::kReplyToFieldNumber, options.reply_to, out);
  AppendField(Publish::kKeyFieldNumber, options.key, out);
  if (options.ttl_ms != 0) AppendVarintField(Publish::kTtlMsFieldNumber, options.ttl_ms, out);
  if (wanted.id != 0) AppendVarintField(Publish::kIdFieldNumber, wanted.id, out);
  if (wanted.confirm_ms != 0) {
    AppendVarintField(Publish::kConfirmMsFieldNumber, wanted.confirm_ms, out);
  }
  AppendField(Publish::kMessageIdFieldNumber, options.message_id, out);
}

size_t PublishFrameBytesMax(std::string_view topic, std::string_view payload,
                            const PublishOptions& options) {
  constexpr AnswerWanted kLongest{.id = ~uint64_t{0}, .confirm_ms = ~uint32_t{0}};
  const size_t body = BytesFieldSize(PublishSize(topic, payload, options, kLongest));
  return proto::VarintSize(body) + body;
}

namespace {

void FillWill(const LastWill& last_will, esockets::Will* will) {
  esockets::Publish& message = *will->mutable_message();
  message.set_topic(last_will.topic);
  message.set_payload(last_will.payload);
  message.set_reply_to(last_will.options.reply_to);
  message.set_key(last_will.options.key);
  message.set_ttl_ms(last_will.options.ttl_ms);
  for (const auto& [name, value] : last_will.options.headers) {
    esockets::Header& header = *message.add_headers();
    header.set_name(name);
    header.set_value(value);
  }
  will->set_delay_ms(
      static_cast<uint32_t>(std::chrono::ceil<std::chrono::milliseconds>(last_will.delay).count()));
}

}  // namespace

void AppendConnect(const ClientOptions& options, std::string_view token, std::string_view ticket,
                   std::string* out) {
  ClientFrame frame;
  esockets::Connect& connect = *frame.mutable_connect();
  connect.set_protocol_version(1);
  connect.set_client_id(options.client_id);
  connect.set_token(std::string(token));
  connect.set_user(options.user);
  connect.set_password(options.password);
  connect.set_name(options.name);
  connect.mutable_metadata()->insert(options.metadata.begin(), options.metadata.end());
  connect.set_keep_alive_ms(static_cast<uint32_t>(
      std::chrono::ceil<std::chrono::milliseconds>(options.keep_alive).count()));
  connect.set_resume(std::string(ticket));
  if (options.will) FillWill(*options.will, connect.mutable_will());
  AppendFrame(frame, out);
}

void AppendSubscribe(std::string_view filter, const SubscribeOptions& options, uint64_t id,
                     std::string* out) {
  ClientFrame frame;
  esockets::Subscribe& subscribe = *frame.mutable_subscribe();
  subscribe.set_id(id);
  subscribe.set_filter(std::string(filter));
  // The same words in the same order.
  static_assert(static_cast<int>(Overflow::kReplay) == OVERFLOW_REPLAY);
  subscribe.set_overflow(static_cast<esockets::Overflow>(options.overflow));
  subscribe.set_max_backlog_messages(options.max_backlog_messages);
  subscribe.set_max_backlog_bytes(options.max_backlog_bytes);
  subscribe.set_max_backlog_age_ms(options.max_backlog_age_ms);
  static_assert(static_cast<int>(Start::At::kLastOfEachTopic) == START_LAST_OF_EACH_TOPIC);
  subscribe.set_start(static_cast<esockets::Start>(options.start.at()));
  subscribe.set_start_at(options.start.number());
  subscribe.set_start_epoch(options.start.epoch());
  subscribe.set_skip_last_values(!options.last_values);
  subscribe.set_group(options.group);
  static_assert(static_cast<int>(GroupStrategy::kFirst) == GROUP_STRATEGY_FIRST);
  subscribe.set_group_strategy(static_cast<esockets::GroupStrategy>(options.group_strategy));
  AppendFrame(frame, out);
}

void AppendUnsubscribe(const SubscriptionName& name, uint64_t id, std::string* out) {
  ClientFrame frame;
  esockets::Unsubscribe& unsubscribe = *frame.mutable_unsubscribe();
  unsubscribe.set_id(id);
  unsubscribe.set_filter(name.filter);
  unsubscribe.set_group(name.group);
  AppendFrame(frame, out);
}

void AppendPing(uint64_t id, std::string* out) {
  ClientFrame frame;
  frame.mutable_ping()->set_id(id);
  AppendFrame(frame, out);
}

void AppendRefresh(std::string_view token, uint64_t id, std::string* out) {
  ClientFrame frame;
  frame.mutable_refresh()->set_id(id);
  frame.mutable_refresh()->set_token(std::string(token));
  AppendFrame(frame, out);
}

void AppendDisconnect(std::string_view reason, std::string* out) {
  ClientFrame frame;
  frame.mutable_disconnect()->set_reason(std::string(reason));
  AppendFrame(frame, out);
}

}  // namespace esockets::client

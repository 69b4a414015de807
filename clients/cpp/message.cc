#include "clients/cpp/message.h"

namespace esockets::client {

Message Message::CopyOf(const MessageView& view) {
  Message message;
  message.topic = view.topic;
  message.payload = view.payload;
  message.reply_to = view.reply_to;
  message.key = view.key;
  message.ttl_ms = view.ttl_ms;
  message.time_us = view.time_us;
  message.publisher = view.publisher;
  message.position = view.position;
  message.group = view.group;
  for (const auto& [name, value] : view.headers) message.headers.emplace_back(name, value);
  return message;
}

std::optional<std::string_view> ErrorIn(const Message& reply) {
  for (const auto& [name, value] : reply.headers) {
    if (name == kErrorHeader) return value;
  }
  return std::nullopt;
}

}  // namespace esockets::client

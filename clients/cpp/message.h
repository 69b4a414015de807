// What a subscriber gets: messages, and the news of those it did not get.
#ifndef CLIENTS_CPP_MESSAGE_H_
#define CLIENTS_CPP_MESSAGE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/message_view.h"

namespace esockets::client {

// A message within the bytes that were received: valid during the callback alone. Members: topic,
// payload, reply_to, key, ttl_ms, headers (pairs of name and value), and where the broker stamps
// them time_us (microseconds since 1970, UTC) and publisher (a session id); position, its number in
// the stream of its topic, 0 when it is in none; and group, empty when it came to all.
using MessageView = proto::MessageView;

// Thread: the client's loop. While it runs nothing else is received: hand long work on.
using MessageCallback = std::function<void(const MessageView&)>;

// A message of one's own. Fields as of MessageView.
struct Message {
  std::string topic{};
  std::string payload{};
  std::string reply_to{};
  std::string key{};
  uint32_t ttl_ms = 0;
  uint64_t time_us = 0;
  uint64_t publisher = 0;
  uint64_t position = 0;
  std::string group{};
  std::vector<std::pair<std::string, std::string>> headers{};

  static Message CopyOf(const MessageView& view);
};

// A reply with this header says that whoever was asked could not do it, and why.
inline constexpr std::string_view kErrorHeader = "error";
// Its value; nothing: there is none.
std::optional<std::string_view> ErrorIn(const Message& reply);

// Messages of a subscription that did not come, because this client did not read fast enough, the
// broker ran short of memory, or a stream had let go of them.
struct Gap {
  std::string filter{};
  uint64_t messages = 0;
  uint64_t bytes = 0;
  // Microseconds since 1970 (UTC) at which the first and the last of them were published.
  uint64_t from_us = 0;
  uint64_t to_us = 0;
  // "CONFLATED", "EXPIRED", "TOO_OLD", "BACKLOG_FULL" or "BROKER_MEMORY": the gravest, in this
  // order; or "RETENTION", which is always told alone.
  std::string reason{};
  // Of the messages: those that a newer one stands for, and those whose ttl was over.
  uint64_t conflated = 0;
  uint64_t expired = 0;
  // Of RETENTION: the first and the last position of the hole. `messages` are those that the stream
  // has let go of there, whether they matched or not; their bytes and times are not known.
  uint64_t from_position = 0;
  uint64_t to_position = 0;
  // Of the subscription; empty: none. What a group has lost, one of its members is told.
  std::string group{};
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_MESSAGE_H_

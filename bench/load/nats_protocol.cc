// The client protocol of nats-server. Requests are followed by a PING, whose PONG is their answer:
// NATS answers them by nothing of their own.
#include <algorithm>
#include <charconv>

#include "base/strings.h"
#include "bench/load/protocols.h"

namespace esockets::load {
namespace {

constexpr std::string_view kEnd = "\r\n";

std::string Subject(std::string_view topic) {
  std::string subject(topic);
  std::replace(subject.begin(), subject.end(), '/', '.');
  std::replace(subject.begin(), subject.end(), '+', '*');
  return subject;
}

// "MSG <subject> <sid> [reply] <bytes>": the last word.
Frame CutMessage(std::string_view line, std::string_view bytes) {
  const std::string_view last = line.substr(line.rfind(' ') + 1);
  size_t payload_bytes = 0;
  if (std::from_chars(last.data(), last.data() + last.size(), payload_bytes).ec != std::errc{}) {
    return {.kind = FrameKind::kBroken};
  }
  const size_t payload_at = line.size() + kEnd.size();
  const size_t frame_bytes = payload_at + payload_bytes + kEnd.size();
  if (bytes.size() < frame_bytes) return {};
  return {.kind = FrameKind::kMessage, .bytes = frame_bytes, .payload_at = payload_at};
}

void AppendConnect(std::string_view client_id, std::string* out) {
  base::StrAppend(out, R"(CONNECT {"verbose":false,"pedantic":false,"lang":"load","name":")",
                  client_id, "\"}\r\n");
}

void AppendSubscribe(uint64_t id, std::string_view filter, std::string* out) {
  base::StrAppend(out, "SUB ", Subject(filter), " ", id, "\r\nPING\r\n");
}

void AppendUnsubscribe(uint64_t /*id*/, uint64_t subscribe_id, std::string_view /*filter*/,
                       std::string* out) {
  base::StrAppend(out, "UNSUB ", subscribe_id, "\r\nPING\r\n");
}

size_t AppendPublish(std::string_view topic, std::string_view payload, std::string* out) {
  base::StrAppend(out, "PUB ", Subject(topic), " ", payload.size(), kEnd);
  const size_t payload_at = out->size();
  base::StrAppend(out, payload, kEnd);
  return payload_at;
}

Frame Cut(std::string_view bytes) {
  const size_t end = bytes.find(kEnd);
  if (end == std::string_view::npos) return {};
  const std::string_view line = bytes.substr(0, end);
  if (line.starts_with("MSG ")) return CutMessage(line, bytes);
  Frame frame{.kind = FrameKind::kOther, .bytes = end + kEnd.size()};
  if (line.starts_with("INFO ")) frame.kind = FrameKind::kConnected;
  if (line == "PONG") frame.kind = FrameKind::kSubscribed;
  if (line.starts_with("-ERR")) frame.kind = FrameKind::kBroken;
  return frame;
}

}  // namespace

const Protocol kNatsProtocol{.answers_connect = true,
                             .append_connect = AppendConnect,
                             .append_subscribe = AppendSubscribe,
                             .append_subscribe_from_first = nullptr,
                             .append_unsubscribe = AppendUnsubscribe,
                             .append_publish = AppendPublish,
                             .cut = Cut};

}  // namespace esockets::load

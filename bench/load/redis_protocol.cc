// Publish/Subscribe of Redis, RESP 2. A filter with a wildcard is a PSUBSCRIBE.
#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "base/strings.h"
#include "bench/load/protocols.h"

namespace esockets::load {
namespace {

constexpr std::string_view kEnd = "\r\n";

// Pushes have three items, or four with a pattern.
constexpr size_t kItemsMax = 4;

void AppendCommand(std::span<const std::string_view> words, std::string* out) {
  base::StrAppend(out, "*", words.size(), kEnd);
  for (const std::string_view word : words) {
    base::StrAppend(out, "$", word.size(), kEnd, word, kEnd);
  }
}

bool HasWildcard(std::string_view filter) {
  return filter.find_first_of("+#") != std::string_view::npos;
}

std::string Pattern(std::string_view filter) {
  std::string pattern(filter);
  std::replace(pattern.begin(), pattern.end(), '+', '*');
  return pattern;
}

// "<type><number>\r\n" at *at, which moves behind it. False: not there yet.
bool ReadNumber(std::string_view bytes, size_t* at, size_t* number) {
  const size_t end = bytes.find(kEnd, *at);
  if (end == std::string_view::npos) return false;
  *number = 0;
  std::from_chars(bytes.data() + *at + 1, bytes.data() + end, *number);
  *at = end + kEnd.size();
  return true;
}

FrameKind KindOf(std::string_view push) {
  if (push == "message" || push == "pmessage") return FrameKind::kMessage;
  if (push == "subscribe" || push == "psubscribe") return FrameKind::kSubscribed;
  if (push == "unsubscribe" || push == "punsubscribe") return FrameKind::kUnsubscribed;
  return FrameKind::kOther;
}

Frame CutArray(std::string_view bytes) {
  size_t at = 0, items = 0;
  if (!ReadNumber(bytes, &at, &items)) return {};
  if (items == 0 || items > kItemsMax) return {.kind = FrameKind::kBroken};
  std::string_view first;
  size_t last_at = 0;
  for (size_t i = 0; i < items; ++i) {
    if (at >= bytes.size()) return {};
    const bool is_text = bytes[at] == '$';
    size_t number = 0;
    if (!ReadNumber(bytes, &at, &number)) return {};
    if (!is_text) continue;
    if (bytes.size() < at + number + kEnd.size()) return {};
    if (i == 0) first = bytes.substr(at, number);
    last_at = at;
    at += number + kEnd.size();
  }
  return {.kind = KindOf(first), .bytes = at, .payload_at = last_at};
}

void AppendConnect(std::string_view /*client_id*/, std::string* /*out*/) {}

void AppendSubscribe(uint64_t /*id*/, std::string_view filter, std::string* out) {
  if (HasWildcard(filter)) {
    const std::string pattern = Pattern(filter);
    AppendCommand(std::array<std::string_view, 2>{"PSUBSCRIBE", pattern}, out);
  } else {
    AppendCommand(std::array<std::string_view, 2>{"SUBSCRIBE", filter}, out);
  }
}

void AppendUnsubscribe(uint64_t /*id*/, uint64_t /*subscribe_id*/, std::string_view filter,
                       std::string* out) {
  if (HasWildcard(filter)) {
    const std::string pattern = Pattern(filter);
    AppendCommand(std::array<std::string_view, 2>{"PUNSUBSCRIBE", pattern}, out);
  } else {
    AppendCommand(std::array<std::string_view, 2>{"UNSUBSCRIBE", filter}, out);
  }
}

size_t AppendPublish(std::string_view topic, std::string_view payload, std::string* out) {
  AppendCommand(std::array<std::string_view, 3>{"PUBLISH", topic, payload}, out);
  return out->size() - kEnd.size() - payload.size();
}

Frame Cut(std::string_view bytes) {
  if (bytes[0] == '*') return CutArray(bytes);
  const size_t end = bytes.find(kEnd);
  if (end == std::string_view::npos) return {};
  return {.kind = bytes[0] == '-' ? FrameKind::kBroken : FrameKind::kOther,
          .bytes = end + kEnd.size()};
}

}  // namespace

const Protocol kRedisProtocol{.answers_connect = false,
                              .append_connect = AppendConnect,
                              .append_subscribe = AppendSubscribe,
                              .append_subscribe_from_first = nullptr,
                              .append_unsubscribe = AppendUnsubscribe,
                              .append_publish = AppendPublish,
                              .cut = Cut};

}  // namespace esockets::load

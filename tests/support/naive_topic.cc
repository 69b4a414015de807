#include "tests/support/naive_topic.h"

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace esockets::tests {
namespace {

using base::TopicError;

std::string Encode(uint32_t point) {
  auto tail = [point](int shift) { return static_cast<char>(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0 | point >> 6), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xE0 | point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | point >> 18), tail(12), tail(6), tail(0)};
}

bool Matches(const std::vector<std::string>& filter, const std::vector<std::string>& topic) {
  if (filter.empty()) return topic.empty();
  const std::vector<std::string> filter_rest(filter.begin() + 1, filter.end());
  if (filter[0] == "#") return true;
  if (topic.empty()) return false;
  const std::vector<std::string> topic_rest(topic.begin() + 1, topic.end());
  return (filter[0] == "+" || filter[0] == topic[0]) && Matches(filter_rest, topic_rest);
}

TopicError CheckEither(std::string_view text, const base::TopicLimits& limits) {
  if (text.empty()) return TopicError::kEmpty;
  if (text.size() > limits.topic_bytes_max) return TopicError::kTooLong;
  if (!NaiveIsValidUtf8(text)) return TopicError::kInvalidUtf8;
  if (text.find('\0') != std::string_view::npos) return TopicError::kNul;
  if (NaiveLevels(text).size() > limits.topic_levels_max) return TopicError::kTooDeep;
  return TopicError::kOk;
}

}  // namespace

// Decodes each character as if anything were allowed, and encodes it again: only the one
// right form comes out as it went in.
bool NaiveIsValidUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const int ones = std::countl_one(lead);
    if (ones == 1 || ones > 4) return false;
    const size_t bytes = ones == 0 ? 1 : ones;
    if (i + bytes > text.size()) return false;
    uint32_t point = lead & (0xFF >> (ones + 1));
    for (size_t j = 1; j < bytes; ++j) point = point << 6 | (text[i + j] & 0x3F);
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    if (Encode(point) != text.substr(i, bytes)) return false;
    i += bytes;
  }
  return true;
}

std::vector<std::string> NaiveLevels(std::string_view text) {
  std::vector<std::string> levels(1);
  for (char c : text) {
    if (c == '/') {
      levels.emplace_back();
    } else {
      levels.back().push_back(c);
    }
  }
  return levels;
}

TopicError NaiveCheckTopic(std::string_view topic, const base::TopicLimits& limits) {
  const TopicError error = CheckEither(topic, limits);
  if (error != TopicError::kOk) return error;
  for (char c : topic) {
    if (c == '+' || c == '#') return TopicError::kWildcard;
  }
  return TopicError::kOk;
}

TopicError NaiveCheckFilter(std::string_view filter, const base::TopicLimits& limits) {
  const TopicError error = CheckEither(filter, limits);
  if (error != TopicError::kOk) return error;
  const std::string padded = "/" + std::string(filter) + "/";
  for (size_t i = 1; i + 1 < padded.size(); ++i) {
    if (padded[i] != '+' && padded[i] != '#') continue;
    if (padded[i - 1] != '/' || padded[i + 1] != '/') return TopicError::kMisplacedWildcard;
    if (padded[i] == '#' && i + 2 != padded.size()) return TopicError::kMisplacedWildcard;
  }
  return TopicError::kOk;
}

bool NaiveFilterMatches(std::string_view filter, std::string_view topic) {
  const bool wildcard_first = !filter.empty() && (filter[0] == '+' || filter[0] == '#');
  if (wildcard_first && !topic.empty() && topic[0] == '$') return false;
  return Matches(NaiveLevels(filter), NaiveLevels(topic));
}

}  // namespace esockets::tests

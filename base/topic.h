// Topics and filters. A topic is levels joined by '/', "room/42/chat"; a level may be
// empty. A filter may hold '+' for exactly one level and, as its last level, '#' for this
// level and all below: "room/+/chat", "room/#". The rules are MQTT 5.0's, section 4.7.
//
// Broker and clients share this file, so that a message which a broker delivered for a
// filter is one that the client finds by the same filter. Nothing here allocates.
#ifndef BASE_TOPIC_H_
#define BASE_TOPIC_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace esockets::base {

// Of topics and of filters alike.
struct TopicLimits {
  size_t topic_bytes_max = 1024;  // bounds what a subscription can pin
  size_t topic_levels_max = 32;   // bounds the steps, and the stack, of a match
};

enum class TopicError : uint8_t {
  kOk,
  kEmpty,
  kTooLong,
  kInvalidUtf8,
  kNul,
  kTooDeep,
  kWildcard,           // of a topic: it holds '+' or '#'
  kMisplacedWildcard,  // of a filter: "a+", "#b", "a/#/b"
};

// A sentence for the one who sent the topic, without a full stop; "" for kOk.
std::string_view TopicErrorText(TopicError error);

// Where several apply, the error is the first of TopicError's order.
TopicError CheckTopic(std::string_view topic, const TopicLimits& limits);
TopicError CheckFilter(std::string_view filter, const TopicLimits& limits);

// True for topics and filters that begin with '$': only the broker publishes there, and no
// filter that begins with a wildcard matches them.
inline bool IsReserved(std::string_view text) { return !text.empty() && text[0] == '$'; }

// True for a filter without wildcards: it matches the topic of the same text, and no other.
// REQUIRES: CheckFilter says kOk
inline bool IsLiteral(std::string_view filter) {
  return filter.find_first_of("+#") == std::string_view::npos;
}

// Of a topic or a filter; "a//b" has three.
inline size_t LevelsOf(std::string_view text) {
  return 1 + static_cast<size_t>(std::ranges::count(text, '/'));
}

// The reference for what matches. Of arguments that CheckFilter or CheckTopic refuse the
// answer means nothing, and is harmless.
bool FilterMatches(std::string_view filter, std::string_view topic);

// Is there a topic that both match? REQUIRES: CheckFilter says kOk of both.
bool FiltersOverlap(std::string_view a, std::string_view b);

// Does `outer` match every topic that `inner` does? REQUIRES: CheckFilter says kOk of both.
bool FilterCovers(std::string_view outer, std::string_view inner);

// Walks the levels of a topic or filter. A copy continues from where the original stands:
//   for (LevelCursor at(topic); !at.done(); at.Next()) Use(at.level());
class LevelCursor {
 public:
  explicit LevelCursor(std::string_view text) : rest_(text), level_bytes_(FirstBytes(text)) {}

  // True when Next() has passed the last level. Empty text has one level, an empty one.
  bool done() const { return level_bytes_ == kDone; }

  // REQUIRES: !done()
  std::string_view level() const { return {rest_.data(), level_bytes_}; }

  // REQUIRES: !done()
  void Next() {
    if (level_bytes_ == rest_.size()) {
      level_bytes_ = kDone;
    } else {
      rest_.remove_prefix(level_bytes_ + 1);
      level_bytes_ = FirstBytes(rest_);
    }
  }

 private:
  static constexpr size_t kDone = std::string_view::npos;

  static size_t FirstBytes(std::string_view text) { return std::min(text.find('/'), text.size()); }

  std::string_view rest_;  // begins with the level
  size_t level_bytes_;     // or kDone
};

}  // namespace esockets::base

#endif  // BASE_TOPIC_H_

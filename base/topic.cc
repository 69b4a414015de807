#include "base/topic.h"

#include <string_view>

#include "base/utf8.h"

namespace esockets::base {
namespace {

// What topics and filters have in common, and whether there is any wildcard.
TopicError CheckText(std::string_view text, const TopicLimits& limits, bool* wildcard) {
  if (text.empty()) return TopicError::kEmpty;
  if (text.size() > limits.topic_bytes_max) return TopicError::kTooLong;
  if (!IsValidUtf8(text)) return TopicError::kInvalidUtf8;
  size_t levels = 1;
  bool nul = false;
  bool found = false;
  for (char c : text) {
    levels += c == '/';
    nul |= c == '\0';
    found |= c == '+' || c == '#';
  }
  *wildcard = found;
  if (nul) return TopicError::kNul;
  if (levels > limits.topic_levels_max) return TopicError::kTooDeep;
  return TopicError::kOk;
}

// REQUIRES: !level.done()
bool IsLast(LevelCursor level) {
  level.Next();
  return level.done();
}

bool WildcardsAreWellPlaced(std::string_view filter) {
  for (LevelCursor at(filter); !at.done(); at.Next()) {
    if (IsLiteral(at.level()) || at.level() == "+") continue;
    if (at.level() != "#" || !IsLast(at)) return false;
  }
  return true;
}

}  // namespace

std::string_view TopicErrorText(TopicError error) {
  switch (error) {
    case TopicError::kOk:
      return "";
    case TopicError::kEmpty:
      return "topic is empty";
    case TopicError::kTooLong:
      return "topic is too long";
    case TopicError::kInvalidUtf8:
      return "topic is not valid UTF-8";
    case TopicError::kNul:
      return "topic contains a NUL character";
    case TopicError::kTooDeep:
      return "topic has too many levels";
    case TopicError::kWildcard:
      return "topic to publish to contains a wildcard, '+' or '#'";
    case TopicError::kMisplacedWildcard:
      return "'+' must be a whole level of a filter, '#' its whole last level";
  }
  return "topic is refused";
}

TopicError CheckTopic(std::string_view topic, const TopicLimits& limits) {
  bool wildcard = false;
  const TopicError error = CheckText(topic, limits, &wildcard);
  if (error != TopicError::kOk) return error;
  return wildcard ? TopicError::kWildcard : TopicError::kOk;
}

TopicError CheckFilter(std::string_view filter, const TopicLimits& limits) {
  bool wildcard = false;
  const TopicError error = CheckText(filter, limits, &wildcard);
  if (error != TopicError::kOk) return error;
  if (wildcard && !WildcardsAreWellPlaced(filter)) return TopicError::kMisplacedWildcard;
  return TopicError::kOk;
}

bool FilterMatches(std::string_view filter, std::string_view topic) {
  LevelCursor wanted(filter);
  LevelCursor given(topic);
  if (IsReserved(topic) && !IsReserved(filter)) return false;
  for (; !wanted.done(); wanted.Next(), given.Next()) {
    // Before the look at given: "a/#" also matches "a".
    if (wanted.level() == "#") return true;
    if (given.done()) return false;
    if (wanted.level() != "+" && wanted.level() != given.level()) return false;
  }
  return given.done();
}

}  // namespace esockets::base

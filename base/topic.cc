#include "base/topic.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/utf8.h"

static_assert(std::endian::native == std::endian::little);

namespace esockets::base {
namespace {

constexpr uint64_t kEachByte = 0x0101010101010101;
constexpr uint64_t kHighBits = 0x8080808080808080;

// Not zero if a byte of `eight` is zero.
constexpr uint64_t AnyZero(uint64_t eight) { return (eight - kEachByte) & ~eight & kHighBits; }

// '#' and '+' differ in this bit, and no other two bytes become what they become without it.
constexpr uint64_t kHashOrPlus = '#' ^ '+';
static_assert((kHashOrPlus & (kHashOrPlus - 1)) == 0 && ('#' & kHashOrPlus) == 0);

// What there is in a text, found eight bytes at a time: every message's topic is checked.
class TextScan {
 public:
  // REQUIRES: not empty
  explicit TextScan(std::string_view text) {
    size_t at = 0;
    for (; at + kEight < text.size(); at += kEight) Take(Load(text.data() + at));
    // The last eight, some of them again.
    Take(at > 0 || text.size() == kEight ? Load(text.data() + text.size() - kEight)
                                         : LoadShort(text));
  }

  bool nul() const { return nul_ != 0; }
  bool wildcard() const { return wildcard_ != 0; }
  bool ascii() const { return (all_ & kHighBits) == 0; }

 private:
  static constexpr size_t kEight = sizeof(uint64_t);

  static uint64_t Load(const char* from) {
    uint64_t eight = 0;
    std::memcpy(&eight, from, kEight);
    return eight;
  }
  // Filled up with bytes that mean nothing.
  static uint64_t LoadShort(std::string_view text) {
    uint64_t eight = kEachByte;
    for (size_t i = text.size(); i-- > 0;) eight = eight << 8 | static_cast<uint8_t>(text[i]);
    return eight;
  }
  void Take(uint64_t eight) {
    all_ |= eight;
    nul_ |= AnyZero(eight);
    wildcard_ |= AnyZero((eight & ~(kEachByte * kHashOrPlus)) ^ (kEachByte * '#'));
  }

  uint64_t all_ = 0;
  uint64_t nul_ = 0;
  uint64_t wildcard_ = 0;
};

bool IsTooDeep(std::string_view text, size_t levels_max) {
  if (text.size() < levels_max) return false;  // as most are
  return static_cast<size_t>(std::count(text.begin(), text.end(), '/')) >= levels_max;
}

// What topics and filters have in common, and whether there is any wildcard.
TopicError CheckText(std::string_view text, const TopicLimits& limits, bool* wildcard) {
  if (text.empty()) return TopicError::kEmpty;
  if (text.size() > limits.topic_bytes_max) return TopicError::kTooLong;
  const TextScan scan(text);
  if (!scan.ascii() && !IsValidUtf8Sequence(text)) return TopicError::kInvalidUtf8;
  *wildcard = scan.wildcard();
  if (scan.nul()) return TopicError::kNul;
  if (IsTooDeep(text, limits.topic_levels_max)) return TopicError::kTooDeep;
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

bool FiltersOverlap(std::string_view a, std::string_view b) {
  LevelCursor x(a);
  LevelCursor y(b);
  if (IsReserved(a) != IsReserved(b)) return false;
  for (;; x.Next(), y.Next()) {
    // Before the look at the other's end: "a/#" also matches "a".
    if (!x.done() && x.level() == "#") return true;
    if (!y.done() && y.level() == "#") return true;
    if (x.done() || y.done()) return x.done() && y.done();
    if (x.level() != "+" && y.level() != "+" && x.level() != y.level()) return false;
  }
}

bool FilterCovers(std::string_view outer, std::string_view inner) {
  // Every topic has a first level: it is all the same as this, whose levels say so.
  if (inner == "#") inner = "+/#";
  LevelCursor around(outer);
  LevelCursor within(inner);
  if (IsReserved(inner) && !IsReserved(outer)) return false;
  for (; !around.done(); around.Next(), within.Next()) {
    // Before the look at the other's end: "a/#" covers "a".
    if (around.level() == "#") return true;
    if (within.done() || within.level() == "#") return false;
    if (around.level() == "+") continue;
    if (around.level() != within.level()) return false;
  }
  return within.done();
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

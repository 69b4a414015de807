#include "broker/permissions/topic_pattern.h"

#include "base/strings.h"
#include "base/topic.h"

namespace esockets::broker {
namespace {

constexpr std::string_view kClaims = "claims.";

bool IsPlace(std::string_view name) {
  return name == "user" || name == "client_id" ||
         (name.starts_with(kClaims) && name.size() > kClaims.size());
}

// Calls text(piece) and place(name) for what the pattern is made of, in order. False: a brace has
// no other one.
template <typename Text, typename PlaceName>
bool Walk(std::string_view pattern, Text text, PlaceName place) {
  while (true) {
    const size_t open = pattern.find('{');
    const std::string_view piece = pattern.substr(0, open);
    if (piece.find('}') != std::string_view::npos) return false;
    text(piece);
    if (open == std::string_view::npos) return true;
    const size_t close = pattern.find('}', open);
    if (close == std::string_view::npos) return false;
    place(pattern.substr(open + 1, close - open - 1));
    pattern.remove_prefix(close + 1);
  }
}

bool IsPartOfALevel(std::string_view value) {
  constexpr std::string_view kOutOfPlace("/+#\0", 4);
  return !value.empty() && value.find_first_of(kOutOfPlace) == std::string_view::npos;
}

}  // namespace

std::string WhyNoPattern(std::string_view pattern) {
  std::string why, example;
  const bool closed = Walk(
      pattern, [&](std::string_view text) { example += text; },
      [&](std::string_view place) {
        if (!IsPlace(place)) {
          why = base::StrCat("{", place, "} is none of {user}, {client_id} and {claims.NAME}");
        }
        example += 'x';
      });
  if (!closed) return "a brace stands alone";
  if (!why.empty()) return why;
  return std::string(base::TopicErrorText(base::CheckFilter(example, {})));
}

bool HasPlaces(std::string_view pattern) { return pattern.find('{') != std::string_view::npos; }

std::optional<std::string> Fill(std::string_view pattern, const PlaceValue& value) {
  std::string filter;
  bool is_whole = true;
  Walk(
      pattern, [&](std::string_view text) { filter += text; },
      [&](std::string_view place) {
        const std::optional<std::string> filled = value(place);
        is_whole = is_whole && filled && IsPartOfALevel(*filled);
        if (is_whole) filter += *filled;
      });
  // Values may be long.
  if (!is_whole || base::CheckFilter(filter, {}) != base::TopicError::kOk) return std::nullopt;
  return filter;
}

std::string Widen(std::string_view pattern) {
  std::string filter;
  for (base::LevelCursor at(pattern); !at.done(); at.Next()) {
    if (!filter.empty() || at.level().data() != pattern.data()) filter += '/';
    filter += HasPlaces(at.level()) ? std::string_view("+") : at.level();
  }
  return filter;
}

}  // namespace esockets::broker

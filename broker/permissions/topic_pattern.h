// A filter with places for what is the client's own: "private/{user}/#".
#ifndef BROKER_PERMISSIONS_TOPIC_PATTERN_H_
#define BROKER_PERMISSIONS_TOPIC_PATTERN_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace esockets::broker {

// The value of a place, "user", "client_id" or "claims.NAME". Nothing: the client has none.
using PlaceValue = std::function<std::optional<std::string>(std::string_view place)>;

// Why is it no pattern? Empty: it is one, and a filter whatever stands in its places.
std::string WhyNoPattern(std::string_view pattern);

bool HasPlaces(std::string_view pattern);

// The filter for one client. Nothing: a value is missing, is empty, or is no part of a level,
// because it has "/", "+", "#" or NUL; a filter of another meaning must not come of it. REQUIRES:
// it is a pattern.
std::optional<std::string> Fill(std::string_view pattern, const PlaceValue& value);

// The filter that holds whatever the values are: each level with a place is "+".
std::string Widen(std::string_view pattern);

}  // namespace esockets::broker

#endif  // BROKER_PERMISSIONS_TOPIC_PATTERN_H_

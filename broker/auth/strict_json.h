// JSON from strangers: nothing is read in two ways, and nothing is deeper than expected.
#ifndef BROKER_AUTH_STRICT_JSON_H_
#define BROKER_AUTH_STRICT_JSON_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace esockets::broker {

// A value, and all that is in it.
struct JsonValue {
  enum class Kind : uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  std::string text;                 // of a string; "true", "false"; a number as it was written
  std::vector<std::string> names;   // of an object's members, in their order
  std::vector<JsonValue> children;  // an array's elements; an object's members, as their names

  bool is_string() const { return kind == Kind::kString; }
  // An array of strings, and of nothing else.
  bool is_strings() const;
  // The strings of such an array.
  std::vector<std::string> Strings() const;
  // An object's member; null: it has none of this name.
  const JsonValue* Find(std::string_view name) const;
};

// One object of RFC 8259, UTF-8 without a byte order mark. Refuses a name that an object has
// twice, numbers that a double does not hold, NUL, and what is nested deeper than `depth_max`,
// where the object itself is the first level.
// Errors: kInvalidArgument; says where and what, and nothing of the text.
absl::StatusOr<JsonValue> ParseJsonObject(std::string_view text, size_t depth_max);

}  // namespace esockets::broker

#endif  // BROKER_AUTH_STRICT_JSON_H_

#include "proto/decode_error.h"

#include <cstddef>
#include <iterator>

namespace esockets::proto {
namespace {

struct Words {
  std::string_view name;
  std::string_view text;
};

constexpr Words kWords[] = {
    {"OK", "ok"},
    {"EMPTY_FRAME", "a frame without a kind"},
    {"TWO_KINDS", "a frame with more than one kind"},
    {"UNKNOWN_KIND", "a frame of an unknown kind"},
    {"TRUNCATED", "a field that ends too early"},
    {"BAD_VARINT", "a varint that is too long"},
    {"BAD_TAG", "a malformed field tag"},
    {"GROUP", "a group"},
    {"UNKNOWN_FIELD", "a field that the message does not have"},
    {"STAMP_FIELD", "a field that only the broker may set"},
    {"WRONG_WIRE_TYPE", "a field of the wrong wire type"},
    {"REPEATED_FIELD", "a singular field that comes twice"},
    {"NUMBER_TOO_LARGE", "a number too large for its field"},
    {"INVALID_UTF8", "a string that is not UTF-8"},
};
static_assert(std::size(kWords) == static_cast<size_t>(DecodeError::kInvalidUtf8) + 1);

}  // namespace

std::string_view DecodeErrorName(DecodeError error) {
  return kWords[static_cast<size_t>(error)].name;
}

std::string_view DecodeErrorText(DecodeError error) {
  return kWords[static_cast<size_t>(error)].text;
}

}  // namespace esockets::proto

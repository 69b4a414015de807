#include "base/utf8.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace esockets::base {
namespace {

bool Within(char byte, uint8_t low, uint8_t high) {
  const auto value = static_cast<uint8_t>(byte);
  return value >= low && value <= high;
}

bool IsTail(char byte) { return Within(byte, 0x80, 0xBF); }

// Bytes of the multi-byte sequence that `text` begins with, 0 if it is malformed. The
// ranges of the second byte are RFC 3629's grammar: they are what keeps out overlong
// forms (E0, F0), surrogates (ED) and code points too high (F4).
size_t SequenceBytes(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  if (first < 0xC2 || first > 0xF4) return 0;
  if (first < 0xE0) return text.size() >= 2 && IsTail(text[1]) ? 2 : 0;
  if (first < 0xF0) {
    const uint8_t low = first == 0xE0 ? 0xA0 : 0x80;
    const uint8_t high = first == 0xED ? 0x9F : 0xBF;
    return text.size() >= 3 && Within(text[1], low, high) && IsTail(text[2]) ? 3 : 0;
  }
  const uint8_t low = first == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
  const bool valid =
      text.size() >= 4 && Within(text[1], low, high) && IsTail(text[2]) && IsTail(text[3]);
  return valid ? 4 : 0;
}

}  // namespace

bool IsValidUtf8Sequence(std::string_view text) {
  while (!text.empty()) {
    if (text.size() >= sizeof(uint64_t) && IsAscii(text.substr(0, sizeof(uint64_t)))) {
      text.remove_prefix(sizeof(uint64_t));
      continue;
    }
    if (Within(text[0], 0x00, 0x7F)) {
      text.remove_prefix(1);
      continue;
    }
    const size_t bytes = SequenceBytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string_view CutUtf8(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && IsTail(text[bytes_max])) --bytes_max;
  return text.substr(0, bytes_max);
}

}  // namespace esockets::base

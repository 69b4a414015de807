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

// Bytes of the multi-byte sequence that `text` begins with, 0 if it is malformed.
size_t SequenceBytes(std::string_view text) {
  const Utf8Lead lead = LeadOf(static_cast<uint8_t>(text[0]));
  if (lead.tail_bytes == 0 || text.size() <= lead.tail_bytes) return 0;
  if (!Within(text[1], lead.low, lead.high)) return 0;
  for (size_t i = 2; i <= lead.tail_bytes; ++i) {
    if (!IsTail(text[i])) return 0;
  }
  return 1U + lead.tail_bytes;
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

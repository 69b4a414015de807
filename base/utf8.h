// UTF-8 as RFC 3629 defines it.
#ifndef BASE_UTF8_H_
#define BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace esockets::base {

// Are all bytes below 0x80? Eight at a time, and the last eight once more instead of one by one.
inline bool IsAscii(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  uint64_t bits = 0;
  if (text.size() < sizeof bits) {
    for (const char byte : text) bits |= static_cast<uint8_t>(byte);
    return (bits & 0x80) == 0;
  }
  uint64_t eight;
  const char* const last = text.data() + text.size() - sizeof eight;
  for (const char* at = text.data(); at < last; at += sizeof eight) {
    std::memcpy(&eight, at, sizeof eight);
    bits |= eight;
  }
  std::memcpy(&eight, last, sizeof eight);
  return ((bits | eight) & kHighBits) == 0;
}

// What may follow the first byte of a sequence of several.
struct Utf8Lead {
  uint8_t tail_bytes = 0;  // 0: it begins none
  uint8_t low = 0x80;      // of the second byte
  uint8_t high = 0xBF;
};

// The ranges of the second byte are RFC 3629's grammar (section 4): they are what keeps out
// overlong forms (E0, F0), surrogates (ED) and code points too high (F4).
constexpr Utf8Lead LeadOf(uint8_t first) {
  if (first < 0xC2 || first > 0xF4) return {};
  Utf8Lead lead{.tail_bytes = static_cast<uint8_t>(first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3)};
  if (first == 0xE0) lead.low = 0xA0;
  if (first == 0xED) lead.high = 0x9F;
  if (first == 0xF0) lead.low = 0x90;
  if (first == 0xF4) lead.high = 0x8F;
  return lead;
}

// IsValidUtf8 of text that is not ASCII; right for any.
bool IsValidUtf8Sequence(std::string_view text);

// True for well-formed UTF-8: no overlong form, no surrogate (U+D800..U+DFFF), nothing
// above U+10FFFF, nothing cut short (RFC 3629 section 4). NUL and empty text are valid.
inline bool IsValidUtf8(std::string_view text) {
  return IsAscii(text) || IsValidUtf8Sequence(text);
}

// At most the first `bytes_max` bytes, less what would cut a character in two.
// REQUIRES: the text is valid.
std::string_view CutUtf8(std::string_view text, size_t bytes_max);

}  // namespace esockets::base

#endif  // BASE_UTF8_H_

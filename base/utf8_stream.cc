#include "base/utf8_stream.h"

#include "base/utf8.h"

namespace esockets::base {

bool Utf8Stream::Put(std::string_view piece) {
  if (complete() && IsAscii(piece)) return true;
  for (const char byte : piece) {
    if (!PutByte(static_cast<uint8_t>(byte))) return false;
  }
  return true;
}

// RFC 3629, section 4.
bool Utf8Stream::PutByte(uint8_t byte) {
  if (missing_ > 0) {
    if (byte < low_ || byte > high_) return false;
    --missing_;
    low_ = 0x80;
    high_ = 0xBF;
    return true;
  }
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0) low_ = 0xA0;   // shorter forms have it as well
  if (byte == 0xED) high_ = 0x9F;  // surrogates
  if (byte == 0xF0) low_ = 0x90;
  if (byte == 0xF4) high_ = 0x8F;  // above U+10FFFF
  return true;
}

}  // namespace esockets::base

#include "base/utf8_stream.h"

namespace esockets::base {

bool Utf8Stream::Put(std::string_view piece) {
  if (complete() && IsAscii(piece)) return true;
  for (const char byte : piece) {
    if (!PutByte(static_cast<uint8_t>(byte))) return false;
  }
  return true;
}

bool Utf8Stream::PutByte(uint8_t byte) {
  if (next_.tail_bytes > 0) {
    if (byte < next_.low || byte > next_.high) return false;
    next_ = {.tail_bytes = static_cast<uint8_t>(next_.tail_bytes - 1)};
    return true;
  }
  if (byte < 0x80) return true;
  next_ = LeadOf(byte);
  return next_.tail_bytes > 0;
}

}  // namespace esockets::base

#include "proto/frame_delimiter.h"

namespace esockets::proto {

CutResult CutFrame(std::string_view bytes, uint32_t frame_bytes_max, std::string_view* frame,
                   size_t* consumed, size_t* needed) {
  uint64_t length = 0;
  for (size_t i = 0; i < kFramePrefixBytesMax; ++i) {
    if (i == bytes.size()) {
      *needed = i + 1;
      return CutResult::kIncomplete;
    }
    const uint64_t byte = static_cast<uint8_t>(bytes[i]);
    length |= (byte & 0x7F) << (7 * i);
    // Later bytes only add to the length: no need to wait for them.
    if (length > frame_bytes_max) return CutResult::kTooLong;
    if (byte >= 0x80) continue;

    if (length == 0) return CutResult::kMalformed;
    const size_t total = i + 1 + static_cast<size_t>(length);
    if (bytes.size() < total) {
      *needed = total;
      return CutResult::kIncomplete;
    }
    *frame = bytes.substr(i + 1, static_cast<size_t>(length));
    *consumed = total;
    return CutResult::kFrame;
  }
  return CutResult::kMalformed;
}

}  // namespace esockets::proto

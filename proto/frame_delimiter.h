// Cuts a byte stream into frames: a varint length, then that many bytes (docs/PROTOCOL.md,
// Framing).
#ifndef PROTO_FRAME_DELIMITER_H_
#define PROTO_FRAME_DELIMITER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/varint.h"

namespace esockets::proto {

// The longest length prefix, in bytes.
inline constexpr size_t kFramePrefixBytesMax = kVarint32BytesMax;

enum class CutResult {
  kFrame,
  // The bytes end within the prefix or within the frame.
  kIncomplete,
  // The length is above the limit: known from the first prefix byte that exceeds it, whatever
  // follows.
  kTooLong,
  // The length is zero, or its varint has not ended after 5 bytes.
  kMalformed,
};

// Looks at the first frame of `bytes`. Allocates nothing, copies nothing; the same stream gives the
// same result however it was chopped.
//   kFrame:      *frame is the frame's bytes within `bytes`, without the prefix; *consumed is its
//                size with the prefix.
//   kIncomplete: *needed is the size, with the prefix, that `bytes` must reach before another call
//                can say more: that of the whole frame once the length is known, otherwise one byte
//                more than there are.
// Other outputs than those named are left alone.
CutResult CutFrame(std::string_view bytes, uint32_t frame_bytes_max, std::string_view* frame,
                   size_t* consumed, size_t* needed);

}  // namespace esockets::proto

#endif  // PROTO_FRAME_DELIMITER_H_

// Varints: 7 bits a byte, least significant first, the top bit says that another byte follows.
// https://protobuf.dev/programming-guides/encoding/#varints
#ifndef PROTO_VARINT_H_
#define PROTO_VARINT_H_

#include <bit>
#include <cstddef>
#include <cstdint>

namespace esockets::proto {

inline constexpr size_t kVarint32BytesMax = 5;
inline constexpr size_t kVarint64BytesMax = 10;

// Bytes that PutVarint writes: 1 to 10.
constexpr size_t VarintSize(uint64_t value) {
  return static_cast<size_t>(std::bit_width(value | 1) + 6) / 7;
}

// Writes `value` in its shortest form and returns the end. REQUIRES: room for VarintSize(value).
inline char* PutVarint(uint64_t value, char* out) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

enum class VarintResult { kOk, kTruncated, kMalformed };

// Reads one varint of at most 64 bits at *pos and moves *pos behind it; longer forms than necessary
// are read, as protobuf does. kTruncated: [*pos, end) ends within it. kMalformed: it does not end
// within `bytes_max`, or has bits above the 64th. *pos stays where it was unless kOk.
inline VarintResult ReadVarint(const char** pos, const char* end, uint64_t* value,
                               size_t bytes_max = kVarint64BytesMax) {
  const char* p = *pos;
  uint64_t result = 0;
  for (size_t shift = 0; shift < 7 * bytes_max; shift += 7) {
    if (p == end) return VarintResult::kTruncated;
    const uint64_t byte = static_cast<uint8_t>(*p++);
    if (shift == 63 && byte > 1) return VarintResult::kMalformed;
    result |= (byte & 0x7F) << shift;
    if (byte < 0x80) {
      *pos = p;
      *value = result;
      return VarintResult::kOk;
    }
  }
  return VarintResult::kMalformed;
}

}  // namespace esockets::proto

#endif  // PROTO_VARINT_H_

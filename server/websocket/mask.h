// The masking of RFC 6455, section 5.3: each byte of a payload, combined with one of four.
#ifndef SERVER_WEBSOCKET_MASK_H_
#define SERVER_WEBSOCKET_MASK_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

namespace esockets::websocket {

// Masks the bytes, or takes the mask off. Returns the mask for the byte that follows them.
inline uint32_t Mask(std::span<char> bytes, uint32_t mask) {
  const uint64_t eight = uint64_t{mask} << 32 | mask;
  char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= sizeof eight; at += sizeof eight, left -= sizeof eight) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    word ^= eight;
    std::memcpy(at, &word, sizeof word);
  }
  char four[sizeof mask];
  std::memcpy(four, &mask, sizeof mask);
  for (size_t i = 0; i < left; ++i) at[i] = static_cast<char>(at[i] ^ four[i % sizeof four]);
  const auto turned = static_cast<int>(left % sizeof mask * 8);
  static_assert(std::endian::native == std::endian::little);
  return std::rotr(mask, turned);
}

}  // namespace esockets::websocket

#endif  // SERVER_WEBSOCKET_MASK_H_

#include "broker/auth/base64url.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esockets::broker {
namespace {

constexpr uint8_t kNone = 0xFF;

// The value of each character, kNone of all others.
constexpr std::array<uint8_t, 256> Values() {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<uint8_t, 256> values{};
  values.fill(kNone);
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
  }
  return values;
}

}  // namespace

std::optional<std::string> DecodeBase64Url(std::string_view text) {
  static constexpr std::array<uint8_t, 256> kValues = Values();
  // One character alone holds six bits, less than a byte.
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  uint32_t waiting = 0;
  unsigned waiting_bits = 0;
  for (const char character : text) {
    const uint8_t value = kValues[static_cast<uint8_t>(character)];
    if (value == kNone) return std::nullopt;
    waiting = waiting << 6 | value;
    waiting_bits += 6;
    if (waiting_bits < 8) continue;
    waiting_bits -= 8;
    bytes.push_back(static_cast<char>(waiting >> waiting_bits));
    waiting &= (1U << waiting_bits) - 1;
  }
  if (waiting != 0) return std::nullopt;
  return bytes;
}

}  // namespace esockets::broker

#include "base/crc32c.h"

#include <array>

namespace esockets::base {
namespace {

// Bit-reflected, as the checksum is.
constexpr uint32_t kPolynomial = 0x82f63b78;

// What a byte that is shifted out does to the 32 bits that stay.
constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t bits = byte;
    for (int bit = 0; bit < 8; ++bit) bits = (bits >> 1) ^ ((bits & 1) != 0 ? kPolynomial : 0);
    table[byte] = bits;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kTable = MakeTable();

}  // namespace

uint32_t Crc32c(std::string_view bytes, uint32_t before) {
  uint32_t crc = ~before;
  for (const char c : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(c)) & 0xff];
  return ~crc;
}

}  // namespace esockets::base

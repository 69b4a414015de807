// CRC-32C, the checksum with Castagnoli's polynomial (RFC 3720, section 12.1 and appendix B.4).
#ifndef BASE_CRC32C_H_
#define BASE_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace esockets::base {

// Of `bytes`, or of what has the checksum `before` and then `bytes`. A byte at a time: for what is
// short and rare.
uint32_t Crc32c(std::string_view bytes, uint32_t before = 0);

}  // namespace esockets::base

#endif  // BASE_CRC32C_H_

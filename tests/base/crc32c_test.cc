#include "base/crc32c.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

std::string Counting(char from, int step) {
  std::string bytes(32, '\0');
  for (char& c : bytes) {
    c = from;
    from = static_cast<char>(from + step);
  }
  return bytes;
}

// RFC 3720, appendix B.4, whose bytes are in the order of the wire; and the check value of the
// catalogues of checksums.
TEST(Crc32c, IsThatOfTheStandard) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aa);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43);
  EXPECT_EQ(Crc32c(Counting(0, 1)), 0x46dd794e);
  EXPECT_EQ(Crc32c(Counting(31, -1)), 0x113fdb5c);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283);
  EXPECT_EQ(Crc32c(""), 0);
}

TEST(Crc32c, ContinuesWhereItWasCut) {
  const std::string_view bytes = "123456789";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(Crc32c(bytes.substr(cut), Crc32c(bytes.substr(0, cut))), 0xe3069283);
  }
}

}  // namespace
}  // namespace esockets::base

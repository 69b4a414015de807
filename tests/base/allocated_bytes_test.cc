#include "base/allocated_bytes.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

TEST(AllocatedBytesTest, IsRoundedUpToASizeThatJemallocHas) {
  const struct {
    uint64_t asked, allocated;
  } cases[] = {{0, 0},
               {1, 16},
               {16, 16},
               {17, 32},
               {128, 128},
               {129, 160},
               {160, 160},
               {161, 192},
               {256, 256},
               {257, 320},
               {3000, 3072},
               {4097, 5120},
               {16'384, 16'384},
               {16'385, 20'480},
               {1'000'000, 1 << 20},
               {(1 << 20) + 1, 1'310'720}};
  for (const auto& c : cases) EXPECT_EQ(AllocatedBytes(c.asked), c.allocated) << c.asked;
}

}  // namespace
}  // namespace esockets::base

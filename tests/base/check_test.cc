#include "base/check.h"

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

TEST(Check, TrueIsSilent) {
  int evaluated = 0;
  ESOCKETS_CHECK(++evaluated == 1);
  EXPECT_EQ(evaluated, 1);
}

TEST(CheckDeathTest, FalseSaysWhereAndWhat) {
  EXPECT_DEATH(ESOCKETS_CHECK(1 + 1 == 3), "check_test.cc:[0-9]+: .*1 \\+ 1 == 3 is false");
}

}  // namespace
}  // namespace esockets::base

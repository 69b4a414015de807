#include "clients/cli/progress.h"

#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

TEST(Progress, SaysHowFarAndHowFast) {
  EXPECT_EQ(ProgressLine(500, 1000, 2),
            "[" + std::string(15, '#') + std::string(15, ' ') + "] 50% 500/1000 250/s");
  EXPECT_EQ(ProgressLine(500, 0, 2), "500 250/s");
  EXPECT_EQ(ProgressLine(0, 10, 0), "[" + std::string(30, ' ') + "] 0% 0/10 0/s");
}

}  // namespace
}  // namespace esockets::cli

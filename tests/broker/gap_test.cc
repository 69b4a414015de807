#include "broker/gap.h"

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

base::TimePoint At(int seconds) { return base::TimePoint(std::chrono::seconds(seconds)); }

TEST(Gap, SumsUpWhatIsMissing) {
  Gap gap;
  EXPECT_TRUE(gap.empty());
  gap.Add(100, At(5), GapReason::kBacklogFull);
  EXPECT_EQ(gap.from, At(5));
  EXPECT_EQ(gap.to, At(5));
  gap.Add(20, At(9), GapReason::kBrokerMemory);
  gap.Add(3, At(7), GapReason::kBacklogFull);
  EXPECT_FALSE(gap.empty());
  EXPECT_EQ(gap.messages, 3U);
  EXPECT_EQ(gap.bytes, 123U);
  EXPECT_EQ(gap.from, At(5));
  EXPECT_EQ(gap.to, At(9));
  EXPECT_EQ(gap.reason, GapReason::kBacklogFull);
}

}  // namespace
}  // namespace esockets::broker

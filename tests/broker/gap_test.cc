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
  EXPECT_EQ(gap.reason, GapReason::kBrokerMemory) << "the gravest";
  EXPECT_EQ(gap.conflated + gap.expired, 0U);
}

TEST(Gap, TellsApartWhatANewerMessageStandsForAndWhatWasOver) {
  Gap gap;
  gap.Add(1, At(1), GapReason::kExpired);
  gap.Add(1, At(2), GapReason::kConflated);
  gap.Add(1, At(3), GapReason::kConflated);
  EXPECT_EQ(gap.messages, 3U);
  EXPECT_EQ(gap.conflated, 2U);
  EXPECT_EQ(gap.expired, 1U);
  EXPECT_EQ(gap.reason, GapReason::kExpired);
}

TEST(Gap, TwoThatMeetAreOne) {
  Gap first, second;
  first.Add(10, At(5), GapReason::kTooOld);
  second.Add(20, At(3), GapReason::kConflated);
  first.Add(second);
  first.Add(Gap());
  EXPECT_EQ(first.messages, 2U);
  EXPECT_EQ(first.bytes, 30U);
  EXPECT_EQ(first.from, At(3));
  EXPECT_EQ(first.to, At(5));
  EXPECT_EQ(first.conflated, 1U);
  EXPECT_EQ(first.reason, GapReason::kTooOld);
}

TEST(Gap, ReasonsHaveTheProtocolsNames) {
  EXPECT_EQ(GapReasonText(GapReason::kConflated), "CONFLATED");
  EXPECT_EQ(GapReasonText(GapReason::kExpired), "EXPIRED");
  EXPECT_EQ(GapReasonText(GapReason::kTooOld), "TOO_OLD");
  EXPECT_EQ(GapReasonText(GapReason::kBacklogFull), "BACKLOG_FULL");
  EXPECT_EQ(GapReasonText(GapReason::kBrokerMemory), "BROKER_MEMORY");
}

}  // namespace
}  // namespace esockets::broker

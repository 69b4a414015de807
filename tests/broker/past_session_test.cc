#include "broker/past_session.h"

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(PastSessions, TheLastOnesAreKept) {
  PastSessions past;
  for (uint64_t id = 1; id <= kPastSessionsMax + 5; ++id) past.Add({.session_id = id});
  ASSERT_EQ(past.sessions().size(), kPastSessionsMax);
  EXPECT_EQ(past.sessions().front().session_id, 6U);
  EXPECT_EQ(past.sessions().back().session_id, kPastSessionsMax + 5);
}

TEST(PastSessions, AGoodbyeIsOrdinaryASlowConsumerIsNot) {
  EXPECT_TRUE(IsOrdinary(CloseCode::kGoodbye));
  EXPECT_TRUE(IsOrdinary(CloseCode::kShuttingDown));
  EXPECT_FALSE(IsOrdinary(CloseCode::kSlowConsumer));
  EXPECT_FALSE(IsOrdinary(CloseCode::kLeft));
}

}  // namespace
}  // namespace esockets::broker

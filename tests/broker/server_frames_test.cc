#include "broker/server_frames.h"

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

// Stands still.
class FixedClock final : public base::Clock {
 public:
  base::TimePoint Now() const override { return base::TimePoint(std::chrono::seconds(100)); }
  int64_t WallMicros() const override { return 5'000'000; }
};

TEST(ServerFrames, ConnectedTellsTheLimits) {
  Limits limits;
  limits.subscriptions_max = 7;
  const ServerFrame frame = ConnectedFrame({.client_id = "ann",
                                            .session_id = 42,
                                            .keep_alive = std::chrono::milliseconds(1500),
                                            .server = "broker 1",
                                            .inbox = "$INBOX/x",
                                            .credentials_expire_in = std::chrono::seconds(9)},
                                           limits);
  const Connected& connected = frame.connected();
  EXPECT_EQ(connected.protocol_version(), 1U);
  EXPECT_EQ(connected.client_id(), "ann");
  EXPECT_EQ(connected.session_id(), 42U);
  EXPECT_EQ(connected.keep_alive_ms(), 1500U);
  EXPECT_EQ(connected.server(), "broker 1");
  EXPECT_EQ(connected.inbox(), "$INBOX/x");
  EXPECT_EQ(connected.credentials_expire_in_ms(), 9000U);
  EXPECT_EQ(connected.limits().subscriptions_max(), 7U);
  EXPECT_EQ(connected.limits().frame_bytes_max(), limits.frame_bytes_max);
  EXPECT_EQ(connected.limits().payload_bytes_max(), limits.payload_bytes_max);
  EXPECT_EQ(connected.limits().backlog_bytes_max(), limits.backlog_bytes_max);
}

TEST(ServerFrames, RefreshedNamesItsRequest) {
  const ServerFrame frame = RefreshedFrame(7, std::chrono::milliseconds(1500));
  EXPECT_EQ(frame.refreshed().id(), 7U);
  EXPECT_EQ(frame.refreshed().credentials_expire_in_ms(), 1500U);
}

TEST(ServerFrames, ErrorSpeaksTheWordsOfTheTable) {
  const ServerFrame frame = ErrorFrame(9, ErrorCode::kTopicInvalid, "empty");
  const ErrorInfo& info = Info(ErrorCode::kTopicInvalid);
  EXPECT_EQ(frame.error().id(), 9U);
  EXPECT_EQ(frame.error().code(), 110U);
  EXPECT_EQ(frame.error().text(), info.text);
  EXPECT_EQ(frame.error().advice(), info.advice);
  EXPECT_EQ(frame.error().retryable(), info.retryable);
  EXPECT_EQ(frame.error().detail(), "empty");
}

TEST(ServerFrames, ADetailThatIsNotUtf8IsLeftOut) {
  const ServerFrame frame = ErrorFrame(9, ErrorCode::kReservedTopic, "$\xFF");
  EXPECT_TRUE(frame.error().detail().empty());
}

TEST(ServerFrames, GapTellsTimesOfTheWall) {
  const FixedClock clock;
  Gap gap;
  gap.Add(10, clock.Now() - std::chrono::seconds(3), GapReason::kBacklogFull);
  gap.Add(20, clock.Now() - std::chrono::seconds(1), GapReason::kBrokerMemory);
  const ServerFrame frame = GapFrame("a/#", gap, clock);
  EXPECT_EQ(frame.gap().filter(), "a/#");
  EXPECT_EQ(frame.gap().messages(), 2U);
  EXPECT_EQ(frame.gap().bytes(), 30U);
  EXPECT_EQ(frame.gap().from_us(), 2'000'000U);
  EXPECT_EQ(frame.gap().to_us(), 4'000'000U);
  EXPECT_EQ(frame.gap().reason(), esockets::Gap::BROKER_MEMORY);
}

TEST(ServerFrames, EveryReasonOfAGapIsToldByItsName) {
  const FixedClock clock;
  for (size_t i = 0; i < kGapReasons; ++i) {
    Gap gap;
    gap.Add(10, clock.Now(), static_cast<GapReason>(i));
    const esockets::Gap told = GapFrame("a", gap, clock).gap();
    EXPECT_NE(told.reason(), esockets::Gap::REASON_UNSPECIFIED);
    EXPECT_EQ(esockets::Gap::Reason_Name(told.reason()), GapReasonText(gap.reason));
    EXPECT_EQ(told.conflated(), gap.conflated);
    EXPECT_EQ(told.expired(), gap.expired);
  }
}

TEST(ServerFrames, GoAwayAndMessage) {
  const ServerFrame go_away = GoAwayFrame(CloseCode::kShuttingDown, 250, "ticket");
  EXPECT_EQ(go_away.go_away().code(), 250U);
  EXPECT_EQ(go_away.go_away().retry_after_ms(), 250U);
  EXPECT_EQ(go_away.go_away().text(), Info(CloseCode::kShuttingDown).text);
  const ServerFrame message = MessageFrame("a/b", "payload");
  EXPECT_EQ(message.message().topic(), "a/b");
  EXPECT_EQ(message.message().payload(), "payload");
}

}  // namespace
}  // namespace esockets::broker

#include "broker/flight_recorder.h"

#include <chrono>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/sim_executor.h"

namespace esockets::broker {
namespace {

using Slot = FlightRecorders::Slot;

class FlightRecorderTest : public testing::Test {
 protected:
  FlightRecorderTest() { executor_.BeginTurn(); }
  ~FlightRecorderTest() override { executor_.EndTurn(); }
  void Note(Slot* slot, FlightKind kind, std::string_view topic, uint64_t count = 1,
            uint64_t bytes = 0) {
    recorders_.Note(slot, FlightStep(kind, topic, count, bytes));
  }
  void Pass(base::Duration time) {
    executor_.EndTurn();
    executor_.Advance(time);
    executor_.BeginTurn();
  }

  tests::SimExecutor executor_;
  FlightRecorders recorders_{&executor_};
};

TEST_F(FlightRecorderTest, KeepsTheLastStepsInOrder) {
  Slot slot = FlightRecorders::kNone;
  for (size_t i = 0; i < kFlightSteps + 10; ++i) {
    Note(&slot, FlightKind::kPublish, "t/" + std::to_string(i));
  }
  const std::vector<FlightStep> steps = recorders_.Take(&slot);
  ASSERT_EQ(steps.size(), kFlightSteps);
  EXPECT_EQ(steps.front().topic(), "t/10");
  EXPECT_EQ(steps.back().topic(), "t/" + std::to_string(kFlightSteps + 9));
  EXPECT_EQ(slot, FlightRecorders::kNone);
  EXPECT_TRUE(recorders_.Take(&slot).empty());
}

TEST_F(FlightRecorderTest, WhatIsAlikeAndSoonAfterIsOneStep) {
  Slot slot = FlightRecorders::kNone;
  Note(&slot, FlightKind::kFlush, "", 1, 100);
  Pass(kFlightStepTime / 2);
  Note(&slot, FlightKind::kFlush, "", 1, 50);
  Note(&slot, FlightKind::kPublish, "a", 3, 7);
  Note(&slot, FlightKind::kPublish, "b", 1, 1);
  Note(&slot, FlightKind::kFlush, "", 1, 1);
  Pass(kFlightStepTime);
  Note(&slot, FlightKind::kFlush, "", 1, 2);
  const std::vector<FlightStep> steps = recorders_.Take(&slot);
  ASSERT_EQ(steps.size(), 5U);
  EXPECT_EQ(steps[0].messages, 2U);
  EXPECT_EQ(steps[0].bytes, 150U);
  EXPECT_EQ(steps[1].messages, 3U);
  EXPECT_EQ(steps[2].topic(), "b");
  EXPECT_EQ(steps[4].time - steps[3].time, kFlightStepTime);
}

TEST_F(FlightRecorderTest, AFlushLikeTheOneBeforeIsNotedInPlace) {
  Slot slot = FlightRecorders::kNone;
  Note(&slot, FlightKind::kPublish, "a");
  EXPECT_FALSE(recorders_.NoteFlush(slot, 10, 0)) << "another kind";
  Note(&slot, FlightKind::kFlush, "", 1, 10);
  EXPECT_TRUE(recorders_.NoteFlush(slot, 5, 7));
  Pass(kFlightStepTime);
  EXPECT_FALSE(recorders_.NoteFlush(slot, 5, 0)) << "too late";
  const std::vector<FlightStep> steps = recorders_.Take(&slot);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[1].messages, 2U);
  EXPECT_EQ(steps[1].bytes, 15U);
  EXPECT_EQ(steps[1].queue_bytes, 7U);
}

TEST_F(FlightRecorderTest, LongTopicsAreCutAndLargeNumbersStayLarge) {
  const std::string topic = std::string(25, 'x') + "\u20ac and more";
  const FlightStep step(FlightKind::kPublish, topic, 1, ~uint64_t{0});
  EXPECT_EQ(step.topic(), std::string(25, 'x')) << "no character is cut in two";
  EXPECT_EQ(step.bytes, ~uint32_t{0});
  FlightStep sum = step;
  sum.Add(step);
  EXPECT_EQ(sum.bytes, ~uint32_t{0});
}

TEST_F(FlightRecorderTest, IdleOnesAreGivenBackAndThenNothingIsLeft) {
  Slot quiet = FlightRecorders::kNone;
  Slot idle = FlightRecorders::kNone;
  Slot busy = FlightRecorders::kNone;
  for (Slot* slot : {&quiet, &idle, &busy}) Note(slot, FlightKind::kPublish, "a");
  for (int i = 0; i < 6; ++i) {
    Pass(kFlightUnusedMax / 4);
    Note(&busy, FlightKind::kPublish, "a");
    if (idle == FlightRecorders::kNone) continue;
    Note(&idle, FlightKind::kPing, "");
    Note(&idle, FlightKind::kFlush, "", 1, kFlightIdleFlushBytes);
  }
  EXPECT_EQ(quiet, FlightRecorders::kNone);
  EXPECT_EQ(idle, FlightRecorders::kNone) << "signs of life are no activity";
  EXPECT_NE(busy, FlightRecorders::kNone);
  EXPECT_EQ(recorders_.in_use(), 1U);
  Pass(2 * kFlightUnusedMax);
  EXPECT_EQ(busy, FlightRecorders::kNone);
  EXPECT_EQ(executor_.timers(), 0U);
}

TEST_F(FlightRecorderTest, WhenAllAreInUseAnUnusedOneIsTakenElseThereIsNone) {
  std::vector<Slot> slots(kFlightRecordersMax, FlightRecorders::kNone);
  for (Slot& slot : slots) Note(&slot, FlightKind::kPublish, "a");
  Slot late = FlightRecorders::kNone;
  Note(&late, FlightKind::kPing, "");
  EXPECT_EQ(late, FlightRecorders::kNone) << "everybody needs his";
  Pass(kFlightUnusedMin);
  Note(&late, FlightKind::kPing, "");
  EXPECT_NE(late, FlightRecorders::kNone);
  EXPECT_EQ(recorders_.in_use(), kFlightRecordersMax);
}

TEST(FlightKind, EachHasAName) {
  for (auto kind = FlightKind::kConnect; kind <= FlightKind::kGap;
       kind = static_cast<FlightKind>(static_cast<int>(kind) + 1)) {
    EXPECT_FALSE(FlightKindText(kind).empty());
  }
}

}  // namespace
}  // namespace esockets::broker

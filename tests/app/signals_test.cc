#include "app/signals.h"

#include <signal.h>
#include <unistd.h>

#include <thread>

#include "gtest/gtest.h"

namespace esockets::app {
namespace {

class SignalsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { BlockSignals(); }
};

TEST_F(SignalsTest, EachSignalIsAnEvent) {
  const struct {
    int signal;
    Steering event;
  } kCases[] = {{SIGTERM, Steering::kStop}, {SIGINT, Steering::kStop}, {SIGHUP, Steering::kReload}};
  for (const auto& test : kCases) {
    ASSERT_EQ(::kill(::getpid(), test.signal), 0);
    EXPECT_EQ(WaitForSteering(), test.event);
  }
}

TEST_F(SignalsTest, OwnEventsAreKeptInOrder) {
  std::thread([] {
    Steer(Steering::kDrainRequested);
    Steer(Steering::kStopped);
  }).join();
  EXPECT_EQ(WaitForSteering(), Steering::kDrainRequested);
  EXPECT_EQ(WaitForSteering(), Steering::kStopped);
}

// The number that our own events use, sent with kill, means nothing.
TEST_F(SignalsTest, ForeignSignalsAreIgnored) {
  ASSERT_EQ(::kill(::getpid(), SIGRTMIN), 0);
  Steer(Steering::kStopped);
  EXPECT_EQ(WaitForSteering(), Steering::kStopped);
}

TEST_F(SignalsTest, AClosedPipeEndsNothing) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  EXPECT_EQ(::write(ends[1], "x", 1), -1);
  ::close(ends[1]);
}

}  // namespace
}  // namespace esockets::app

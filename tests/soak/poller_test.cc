#include "tests/soak/poller.h"

#include <string>

#include "gtest/gtest.h"

namespace esockets::soak {
namespace {

using std::chrono::milliseconds;

TEST(Poller, RunsTasksInTheOrderOfTheirTimes) {
  Poller poller;
  std::string order;
  poller.After(milliseconds(2), [&] { order += "c"; });
  poller.After(milliseconds(0), [&] { order += "a"; });
  poller.After(milliseconds(0), [&] { order += "b"; });
  EXPECT_TRUE(poller.TurnUntil([&] { return order.size() == 3; }, std::chrono::seconds(60)));
  EXPECT_EQ(order, "abc");
}

TEST(Poller, ATaskThatBeginsAnewLetsOthersTakeTheirTurn) {
  Poller poller;
  int times = 0;
  std::function<void()> again = [&] {
    if (++times < 5) poller.After(milliseconds(0), again);
  };
  again();
  poller.Turn(milliseconds(0));
  EXPECT_EQ(times, 2);
}

TEST(Poller, GivesUpAndForgets) {
  Poller poller;
  bool has_run = false;
  poller.After(milliseconds(0), [&] { has_run = true; });
  poller.ForgetTasks();
  EXPECT_FALSE(poller.TurnUntil([&] { return has_run; }, milliseconds(1)));
}

}  // namespace
}  // namespace esockets::soak

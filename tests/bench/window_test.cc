#include "bench/load/window.h"

#include "gtest/gtest.h"

namespace esockets::load {
namespace {

TEST(WindowTest, TheSlowestReceiverCounts) {
  Window window = Window::OfSlowest(8, 2);
  EXPECT_EQ(window.open(), 8u);
  window.Sent(8);
  EXPECT_EQ(window.open(), 0u);
  window.Received(0, 8);
  EXPECT_EQ(window.open(), 0u);
  window.Received(0, 1);
  EXPECT_EQ(window.open(), 0u);  // a step is two
  window.Received(1, 5);
  EXPECT_EQ(window.open(), 4u);
  EXPECT_FALSE(window.empty());
  window.Received(5, 8);
  EXPECT_EQ(window.open(), 8u);
  EXPECT_TRUE(window.empty());
}

TEST(WindowTest, OneMessage) {
  Window window = Window::OfSlowest(1, 3);
  for (uint64_t i = 0; i < 100; ++i) {
    ASSERT_EQ(window.open(), 1u);
    window.Sent(1);
    for (int receiver = 0; receiver < 3; ++receiver) {
      ASSERT_EQ(window.open(), 0u);
      window.Received(i, i + 1);
    }
  }
  EXPECT_TRUE(window.empty());
}

TEST(WindowTest, SumOfDeliveries) {
  Window window = Window::OfSum(10, 2);
  window.Sent(10);
  window.Received(0, 3);
  window.Received(7, 8);
  EXPECT_EQ(window.open(), 2u);
  window.Received(0, 16);
  EXPECT_EQ(window.open(), 10u);
  EXPECT_TRUE(window.empty());
}

}  // namespace
}  // namespace esockets::load

#include "broker/message_ids.h"

#include <chrono>

#include "gtest/gtest.h"
#include "tests/support/published.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;

constexpr base::TimePoint kBegin{milliseconds(1'000)};

TEST(MessageIds, KnowsAnIdUntilItsTimeIsOver) {
  MessageIds ids({.window = milliseconds(100), .ids_max = 10});
  EXPECT_EQ(ids.Find("a", kBegin), nullptr);
  ids.Add("a", {.position = 7, .content = 1}, kBegin);
  ASSERT_NE(ids.Find("a", kBegin + milliseconds(99)), nullptr);
  EXPECT_EQ(ids.Find("a", kBegin + milliseconds(99))->position, 7U);
  EXPECT_EQ(ids.Find("b", kBegin), nullptr);
  EXPECT_EQ(ids.Find("a", kBegin + milliseconds(100)), nullptr);
  EXPECT_EQ(ids.size(), 0U);
}

TEST(MessageIds, TheOldestMakesRoom) {
  MessageIds ids({.window = milliseconds(100), .ids_max = 2});
  for (const char* id : {"a", "b", "c"}) ids.Add(id, {}, kBegin);
  EXPECT_EQ(ids.Find("a", kBegin), nullptr);
  EXPECT_NE(ids.Find("b", kBegin), nullptr);
  EXPECT_EQ(ids.size(), 2U);
  MessageIds none({.window = milliseconds(100), .ids_max = 0});
  none.Add("a", {}, kBegin);
  EXPECT_EQ(none.size(), 0U);
}

TEST(MessageIds, CountsThoseThatItStillKnows) {
  MessageIds ids({.window = milliseconds(100), .ids_max = 10});
  EXPECT_EQ(ids.CountAt(kBegin), 0U);
  ids.Add("a", {}, kBegin);
  ids.Add("b", {}, kBegin + milliseconds(50));
  EXPECT_EQ(ids.CountAt(kBegin + milliseconds(99)), 2U);
  EXPECT_EQ(ids.CountAt(kBegin + milliseconds(100)), 1U);
  EXPECT_EQ(ids.CountAt(kBegin + milliseconds(150)), 0U);
}

TEST(MessageIds, TheContentIsAllThatTravels) {
  const auto content = [](const tests::Published& published) {
    return MessageIds::ContentOf(published.messages().frames);
  };
  const uint64_t one = content(tests::Published("a", "x", "key", 5));
  EXPECT_EQ(content(tests::Published("a", "x", "key", 5)), one);
  EXPECT_NE(content(tests::Published("b", "x", "key", 5)), one);
  EXPECT_NE(content(tests::Published("a", "y", "key", 5)), one);
  EXPECT_NE(content(tests::Published("a", "x", "yek", 5)), one);
  EXPECT_NE(content(tests::Published("a", "x", "key", 6)), one);
}

}  // namespace
}  // namespace esockets::broker

// A check that cannot fail shows nothing: each is given what a broken broker would do.
#include "tests/soak/checks.h"

#include "gtest/gtest.h"

namespace esockets::soak {
namespace {

TEST(LiteralCheck, TakesWhatIsInOrderAndToldHoles) {
  LiteralCheck check(1);
  EXPECT_EQ(check.OnMessage(1), "");
  check.OnGap(2);
  EXPECT_EQ(check.OnMessage(4), "");
  EXPECT_EQ(check.AtEnd(4), "");
}

TEST(LiteralCheck, NoticesWhatIsLostDoubledOrSwapped) {
  LiteralCheck lost(1);
  EXPECT_EQ(lost.OnMessage(2), "expected 1, came 2");
  LiteralCheck doubled(1);
  EXPECT_EQ(doubled.OnMessage(1), "");
  EXPECT_EQ(doubled.OnMessage(1), "expected 2, came 1");
  LiteralCheck swapped(1);
  EXPECT_NE(swapped.OnMessage(2), "");
  EXPECT_NE(swapped.OnMessage(1), "");
}

TEST(LiteralCheck, NoticesAGapThatIsWrongOrLate) {
  LiteralCheck wrong(1);
  wrong.OnGap(1);
  EXPECT_NE(wrong.OnMessage(3), "");
  LiteralCheck late(1);
  EXPECT_NE(late.OnMessage(3), "");
}

TEST(LiteralCheck, NoticesALastMessageThatIsLost) {
  LiteralCheck check(1);
  EXPECT_EQ(check.OnMessage(1), "");
  EXPECT_EQ(check.AtEnd(2), "expected all up to 2, came and told are those below 2");
}

TEST(WildcardCheck, TakesHolesThatAreToldBefore) {
  WildcardCheck check({{"a", 10}, {"b", 20}});
  EXPECT_EQ(check.CheckOrder("a", 11), "");
  check.OnGap(3);
  EXPECT_EQ(check.CheckOrder("b", 23), "");
  EXPECT_EQ(check.CheckHoles(), "");
  EXPECT_EQ(check.AtEnd({{"a", 12}, {"b", 23}}), "");
}

TEST(WildcardCheck, NoticesWhatIsLostDoubledOrSwapped) {
  WildcardCheck check({{"a", 0}, {"b", 0}});
  EXPECT_EQ(check.CheckOrder("a", 2), "");
  EXPECT_EQ(check.CheckHoles(), "missing are 1, Gaps have told 0");
  EXPECT_EQ(check.CheckOrder("a", 2), "a: expected more than 2, came 2");
  EXPECT_EQ(check.CheckOrder("a", 1), "a: expected more than 2, came 1");
}

TEST(WildcardCheck, NoticesGapsThatAreTooFewOrTooMany) {
  WildcardCheck check({{"a", 0}});
  check.OnGap(1);
  EXPECT_EQ(check.CheckOrder("a", 2), "");
  EXPECT_EQ(check.AtEnd({{"a", 2}}), "");
  EXPECT_EQ(check.AtEnd({{"a", 3}}), "published were 3, came 1, Gaps have told 1");
  check.OnGap(2);
  EXPECT_NE(check.AtEnd({{"a", 3}}), "");
}

TEST(StreamCheck, TakesEveryMessageOnceUnderRisingPositions) {
  StreamCheck check({{"a", 0}, {"b", 5}});
  check.set_position(7);
  EXPECT_EQ(check.OnMessage("a", 1, 8), "");
  EXPECT_EQ(check.OnMessage("b", 6, 11), "");
  EXPECT_EQ(check.position(), 11);
  EXPECT_EQ(check.Missing({{"a", 4}, {"b", 6}}), 3);
  EXPECT_EQ(check.AtEnd({{"a", 1}, {"b", 6}}), "");
}

TEST(StreamCheck, NoticesWhatIsLostDoubledSwappedOrOutOfPlace) {
  StreamCheck check({{"a", 0}});
  EXPECT_EQ(check.OnMessage("a", 2, 2), "a: expected 1, came 2 at 2");
  EXPECT_NE(check.OnMessage("a", 1, 3), "");
  EXPECT_EQ(check.OnMessage("a", 2, 4), "");
  EXPECT_NE(check.OnMessage("a", 2, 5), "");
  EXPECT_EQ(check.OnMessage("a", 3, 5), "a: expected a position above 5, came 5");
  EXPECT_EQ(check.AtEnd({{"a", 4}}), "a: expected 4 at the end, came 3");
}

TEST(OnceCheck, TakesEachNumberInWhateverOrder) {
  OnceCheck check(1);
  for (const uint64_t number : {3U, 1U, 2U, 5U}) EXPECT_EQ(check.OnNumber(number), "");
  EXPECT_EQ(check.Missing(5), 1);
  EXPECT_EQ(check.OnNumber(4), "");
  EXPECT_EQ(check.AtEnd(5), "");
}

TEST(OnceCheck, NoticesWhatIsLostOrDoubled) {
  OnceCheck check(1);
  EXPECT_EQ(check.OnNumber(1), "");
  EXPECT_EQ(check.OnNumber(3), "");
  EXPECT_EQ(check.OnNumber(1), "expected 1 once, came again");
  EXPECT_EQ(check.OnNumber(3), "expected 3 once, came again");
  EXPECT_EQ(check.AtEnd(4), "expected all up to 4, missing are 2 from 2 on");
}

TEST(LastValueCheck, TakesTheSnapshotAndWhatIsNewer) {
  LastValueCheck check;
  check.Begin({{"a", 5}});
  EXPECT_EQ(check.OnMessage("a", 5), "");
  EXPECT_EQ(check.OnSnapshotEnd(), "");
  EXPECT_EQ(check.OnMessage("a", 9), "");
  EXPECT_EQ(check.AtEnd({{"a", 9}}), "");
  check.Begin({{"a", 9}});
  EXPECT_EQ(check.OnMessage("a", 9), "");  // once more, for the new subscription
}

TEST(LastValueCheck, NoticesWhatIsOldMissingOrDoubled) {
  LastValueCheck check;
  check.Begin({{"a", 5}, {"b", 1}});
  EXPECT_EQ(check.OnMessage("a", 4), "");
  EXPECT_EQ(check.OnSnapshotEnd(), "a: expected 5 or a newer one in the snapshot, came 4");
  EXPECT_EQ(check.OnMessage("a", 6), "");
  EXPECT_EQ(check.OnSnapshotEnd(), "b: expected 1 or a newer one in the snapshot, came 0");
  EXPECT_EQ(check.OnMessage("a", 6), "a: expected more than 6, came 6");
  EXPECT_EQ(check.AtEnd({{"a", 7}, {"b", 0}}), "a: expected 7 at the end, came 6");
}

TEST(KeyedCheck, NoticesAKeyOutOfOrder) {
  KeyedCheck check;
  EXPECT_EQ(check.OnMessage("a", "k", 3), "");
  EXPECT_EQ(check.OnMessage("a", "l", 1), "");
  EXPECT_EQ(check.OnMessage("b", "k", 1), "");
  EXPECT_EQ(check.OnMessage("a", "k", 2), "a k: expected more than 3, came 2");
}

}  // namespace
}  // namespace esockets::soak

#include "broker/room_waiters.h"

#include <vector>

#include "gtest/gtest.h"
#include "tests/support/fake_sink.h"

namespace esockets::broker {
namespace {

TEST(RoomWaiters, ThoseOfAClientAreTakenTogether) {
  tests::FakeSink sink;
  Outbox ann(&sink);
  Outbox bob(&sink);
  Subscription first(&ann), second(&ann), third(&ann), other(&bob);
  RoomWaiters waiters;
  for (Subscription* one : {&first, &second, &third, &other}) waiters.Add(one);
  waiters.Remove(&second);
  EXPECT_EQ(waiters.Take(ann), (std::vector<Subscription*>{&first, &third}));
  EXPECT_TRUE(waiters.Take(ann).empty());
  waiters.Remove(&other);
  EXPECT_TRUE(waiters.Take(bob).empty());
}

}  // namespace
}  // namespace esockets::broker

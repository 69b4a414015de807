#include "broker/used_tickets.h"

#include <chrono>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

using std::chrono::seconds;

TEST(UsedTickets, EachCountsOnce) {
  UsedTickets used;
  EXPECT_TRUE(used.Use(1, seconds(10), seconds(0)));
  EXPECT_FALSE(used.Use(1, seconds(10), seconds(9)));
  EXPECT_TRUE(used.Use(2, seconds(10), seconds(9)));
}

TEST(UsedTickets, WhatHasExpiredIsForgotten) {
  UsedTickets used;
  used.Use(1, seconds(10), seconds(0));
  used.Use(2, seconds(5), seconds(0));
  used.Use(3, seconds(20), seconds(10));
  EXPECT_EQ(used.size(), 1U);
}

TEST(UsedTickets, WhatCannotBeRememberedIsNotTaken) {
  UsedTickets used(2);
  EXPECT_TRUE(used.Use(1, seconds(10), seconds(0)));
  EXPECT_TRUE(used.Use(2, seconds(20), seconds(0)));
  EXPECT_FALSE(used.Use(3, seconds(30), seconds(9)));
  EXPECT_TRUE(used.Use(3, seconds(30), seconds(10))) << "one has expired";
}

}  // namespace
}  // namespace esockets::broker

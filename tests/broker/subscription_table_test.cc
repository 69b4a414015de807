#include "broker/subscription_table.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "broker/subscription_index.h"
#include "gtest/gtest.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::broker {
namespace {

class SubscriptionTableTest : public testing::Test {
 protected:
  // Only its address counts.
  Outbox* outbox() { return reinterpret_cast<Outbox*>(&outbox_); }

  Subscription* Add(const std::string& filter) {
    tests::PretendOnLoop();
    return table_.Add(outbox(),
                      [&](Subscription* subscription) { index_.Add(filter, subscription); });
  }
  void Remove(Subscription* subscription) {
    tests::PretendOnLoop();
    table_.Remove(subscription, [&](Subscription* leaving) { index_.Remove(leaving); });
  }
  std::vector<std::string> Filters() const {
    std::vector<std::string> filters;
    table_.ForEach([&](const Subscription& one) { filters.emplace_back(one.filter()); });
    std::sort(filters.begin(), filters.end());
    return filters;
  }

  uint64_t outbox_ = 0;
  SubscriptionIndex index_;
  SubscriptionTable table_;
};

TEST_F(SubscriptionTableTest, OneNeedsNoMap) {
  EXPECT_TRUE(table_.empty());
  EXPECT_EQ(table_.Find("a"), nullptr);
  Subscription* first = Add("a");
  EXPECT_EQ(first->outbox, outbox());
  EXPECT_EQ(table_.Find("a"), first);
  EXPECT_EQ(table_.Any(), first);
  EXPECT_EQ(table_.size(), 1U);
  first->delivered_messages_total = 7;
  Remove(first);
  EXPECT_TRUE(table_.empty());
  EXPECT_EQ(table_.Find("a"), nullptr);
  EXPECT_EQ(Add("b")->delivered_messages_total, 0U) << "a new one";
  Remove(table_.Any());
}

TEST_F(SubscriptionTableTest, TheFirstMayLeaveBeforeTheOthers) {
  Subscription* first = Add("a");
  Subscription* second = Add("b");
  Subscription* third = Add("c");
  EXPECT_EQ(Filters(), (std::vector<std::string>{"a", "b", "c"}));
  Remove(first);
  EXPECT_EQ(Filters(), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(table_.Find("b"), second);
  EXPECT_EQ(Add("d"), first);
  EXPECT_EQ(table_.Find("c"), third);
  while (!table_.empty()) Remove(table_.Any());
}

TEST_F(SubscriptionTableTest, RandomOnesAreThoseOfASet) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::set<std::string> model;
  for (int step = 0; step < 2000; ++step) {
    const std::string filter = "f" + std::to_string(random() % 8);
    Subscription* found = table_.Find(filter);
    ASSERT_EQ(found != nullptr, model.contains(filter));
    if (found != nullptr) {
      Remove(found);
      model.erase(filter);
    } else {
      Add(filter);
      model.insert(filter);
    }
    ASSERT_EQ(Filters(), std::vector<std::string>(model.begin(), model.end()));
    ASSERT_EQ(table_.size(), model.size());
  }
  while (!table_.empty()) Remove(table_.Any());
}

}  // namespace
}  // namespace esockets::broker

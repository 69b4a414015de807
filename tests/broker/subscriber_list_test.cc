#include "broker/subscriber_list.h"

#include <algorithm>
#include <cstddef>
#include <random>
#include <vector>

#include "broker/subscription.h"
#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

std::vector<Subscriber*> Sorted(const SubscriberList& list) {
  std::vector<Subscriber*> items;
  list.AppendTo(&items);
  std::sort(items.begin(), items.end());
  return items;
}

TEST(SubscriberList, OneNeedsNoBlock) {
  SubscriberList list;
  EXPECT_EQ(sizeof(list), sizeof(void*));
  EXPECT_TRUE(list.empty());
  Subscription one;
  EXPECT_FALSE(list.Contains(&one));
  list.Add(&one);
  EXPECT_EQ(list.size(), 1u);
  EXPECT_EQ(list.heap_bytes(), 0u);
  EXPECT_TRUE(list.Contains(&one));
  EXPECT_EQ(Sorted(list), std::vector<Subscriber*>{&one});
  list.Remove(&one);
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.size(), 0u);
}

TEST(SubscriberList, RemovesFromAnyPlace) {
  for (size_t count = 2; count <= 9; ++count) {
    for (size_t place = 0; place < count; ++place) {
      SubscriberList list;
      std::vector<Subscription> all(count);
      for (Subscription& one : all) list.Add(&one);
      list.Remove(&all[place]);
      EXPECT_EQ(list.size(), count - 1);
      for (size_t i = 0; i < count; ++i) EXPECT_EQ(list.Contains(&all[i]), i != place);
      list.Add(&all[place]);
      EXPECT_EQ(Sorted(list).size(), count);
    }
  }
}

TEST(SubscriberList, GivesItsMemoryBack) {
  SubscriberList list;
  std::vector<Subscription> all(100000);
  for (Subscription& one : all) list.Add(&one);
  EXPECT_GE(list.heap_bytes(), all.size() * sizeof(void*));
  for (size_t i = 0; i + 2 < all.size(); ++i) list.Remove(&all[i]);
  EXPECT_EQ(list.size(), 2u);
  EXPECT_LE(list.heap_bytes(), 64u);
  list.Remove(&all[all.size() - 2]);
  EXPECT_EQ(list.heap_bytes(), 0u);
  EXPECT_EQ(Sorted(list), std::vector<Subscriber*>{&all.back()});
}

TEST(SubscriberList, ChurnKeepsEverybodyOnce) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  SubscriberList list;
  std::vector<Subscription> all(64);
  std::vector<Subscriber*> in;
  for (int step = 0; step < 20000; ++step) {
    Subscription* one = &all[random() % all.size()];
    const auto at = std::find(in.begin(), in.end(), one);
    if (at == in.end()) {
      list.Add(one);
      in.insert(std::lower_bound(in.begin(), in.end(), one), one);
    } else {
      list.Remove(one);
      in.erase(at);
    }
    ASSERT_EQ(list.size(), in.size());
    ASSERT_EQ(Sorted(list), in);
  }
}

}  // namespace
}  // namespace esockets::broker

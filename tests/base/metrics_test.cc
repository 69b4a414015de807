#include "base/metrics.h"

#include <thread>

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

TEST(Counter, AddsSubtractsAndSets) {
  Counter counter;
  EXPECT_EQ(counter.value(), 0u);
  counter.Add();
  counter.Add(41);
  EXPECT_EQ(counter.value(), 42u);
  counter.Subtract(2);
  EXPECT_EQ(counter.value(), 40u);
  counter.Set(7);
  EXPECT_EQ(counter.value(), 7u);
}

TEST(Counter, AReaderSeesItGrow) {
  Counter counter;
  std::thread owner([&] {
    for (int i = 0; i < 100'000; ++i) counter.Add();
  });
  uint64_t last = 0;
  while (last < 100'000) {
    const uint64_t value = counter.value();
    ASSERT_GE(value, last);
    last = value;
  }
  owner.join();
}

}  // namespace
}  // namespace esockets::base

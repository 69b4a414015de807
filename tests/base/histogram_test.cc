#include "base/histogram.h"

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

TEST(Histogram, EachNumberIsInOneBucket) {
  struct Case {
    uint64_t value;
    size_t bucket;
  };
  for (const Case& one :
       {Case{0, 0}, Case{1, 0}, Case{2, 1}, Case{3, 2}, Case{4, 2}, Case{5, 3}, Case{1024, 10},
        Case{1025, 11}, Case{~uint64_t{0}, Histogram::kBuckets - 1}}) {
    Histogram histogram;
    histogram.Record(one.value);
    for (size_t i = 0; i < Histogram::kBuckets; ++i) {
      EXPECT_EQ(histogram.count_in(i), i == one.bucket ? 1U : 0U) << one.value << " " << i;
    }
    if (one.bucket + 1 < Histogram::kBuckets) {
      EXPECT_LE(one.value, Histogram::UpperBound(one.bucket));
    }
  }
}

TEST(Histogram, ManyOfOneValueAreCountedAtOnce) {
  Histogram histogram;
  histogram.Record(10, 5);
  histogram.Record(9);
  EXPECT_EQ(histogram.count_in(4), 6U);
  EXPECT_EQ(histogram.sum(), 59U);
}

}  // namespace
}  // namespace esockets::base

#include "tests/soak/promises.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace esockets::soak {
namespace {

using ::testing::HasSubstr;

void KeepAll(Promises* promises) {
  for (size_t i = 0; i < kPromises; ++i) promises->Kept(static_cast<Promise>(i));
}

TEST(Promises, AreKeptWhenEachWasLookedAt) {
  Promises promises(7);
  EXPECT_FALSE(promises.all_kept());
  KeepAll(&promises);
  EXPECT_TRUE(promises.all_kept());
  EXPECT_THAT(promises.Report(), HasSubstr("17 passed, 0 failed"));
}

TEST(Promises, ABrokenOneIsSaidAtOnceAndCounts) {
  Promises promises(7);
  KeepAll(&promises);
  testing::internal::CaptureStderr();
  promises.Judge(Promise::kOrder, "expected 1, came 2");
  EXPECT_THAT(
      testing::internal::GetCapturedStderr(),
      HasSubstr("BROKEN (seed 7): in the publisher's order, none twice: expected 1, came 2"));
  EXPECT_FALSE(promises.all_kept());
  EXPECT_EQ(promises.broken(), 1);
  EXPECT_THAT(promises.Report(), HasSubstr("16 passed, 1 failed"));
}

TEST(Promises, OnesNeverLookedAtHaveFailedUnlessThereIsAReason) {
  Promises promises(7);
  for (size_t i = 1; i < kPromises; ++i) promises.Kept(static_cast<Promise>(i));
  EXPECT_THAT(promises.Report(), HasSubstr("16 passed, 1 failed"));
  promises.Skip(Promise::kOrder, "for once");
  EXPECT_TRUE(promises.all_kept());
  EXPECT_THAT(promises.Report(), HasSubstr("not looked at: for once"));
}

TEST(Promises, TellTheFirstOnesAlone) {
  Promises promises(7);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 100; ++i) promises.Broken(Promise::kOrder, "again");
  EXPECT_LT(testing::internal::GetCapturedStderr().size(), 3000);
  EXPECT_EQ(promises.broken(), 100);
}

}  // namespace
}  // namespace esockets::soak

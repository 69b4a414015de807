#include "clients/cli/group_words.h"

#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

TEST(GroupWords, EachWordIsAStrategy) {
  using Strategy = client::GroupStrategy;
  EXPECT_EQ(ParseGroupStrategy(""), Strategy::kUnspecified);
  EXPECT_EQ(ParseGroupStrategy("round_robin"), Strategy::kRoundRobin);
  EXPECT_EQ(ParseGroupStrategy("hash"), Strategy::kHash);
  EXPECT_EQ(ParseGroupStrategy("first"), Strategy::kFirst);
  for (const char* word : {"round-robin", "HASH", "firs", "last"}) {
    EXPECT_EQ(ParseGroupStrategy(word), std::nullopt) << word;
  }
}

}  // namespace
}  // namespace esockets::cli

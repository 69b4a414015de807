#include "broker/last_value_quota.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "broker/memory_store.h"
#include "gtest/gtest.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/published.h"
#include "tests/support/sim_executor.h"

namespace esockets::broker {
namespace {

class LastValueQuotaTest : public testing::Test {
 protected:
  void Open(const LastValueLimits& limits) { quota_.emplace(limits, &executor_.clock()); }
  // Keeps the value; or says why not.
  std::string Keep(std::string_view topic, std::string_view value = "x") {
    tests::PretendOnLoop();
    const tests::Published published(topic, value);
    if (const auto why_not = quota_->Take(store_, published.messages())) return *why_not;
    store_.Append(published.messages());
    store_.Retain();
    return "";
  }

  tests::SimExecutor executor_;
  MemoryStore store_{{.messages_per_topic_max = 1}, {}, &executor_.clock()};
  std::optional<LastValueQuota> quota_;
};

TEST_F(LastValueQuotaTest, SoManyTopics) {
  Open({.topics_max = 2});
  EXPECT_EQ(Keep("a"), "");
  EXPECT_EQ(Keep("b"), "");
  EXPECT_EQ(Keep("c"), "limit 2 topics");
  EXPECT_EQ(Keep("a", "again"), "");
  tests::PretendOnLoop();
  store_.Remove("b");
  EXPECT_EQ(Keep("c"), "");
}

TEST_F(LastValueQuotaTest, SoManyBytesOfWhichAnOldValueGivesItsOwn) {
  Open({.bytes_max = 250});
  EXPECT_EQ(Keep("a", std::string(100, 'x')), "");
  EXPECT_EQ(Keep("b", std::string(100, 'x')), "");
  EXPECT_TRUE(Keep("c", std::string(100, 'x')).ends_with(" bytes of last values; limit 250"));
  EXPECT_EQ(Keep("a", std::string(110, 'y')), "");
  EXPECT_NE(Keep("a", std::string(200, 'y')), "");
  EXPECT_EQ(Keep("c"), "");
}

TEST_F(LastValueQuotaTest, SoManyNewTopicsInTenSeconds) {
  Open({.new_topics_per_second_max = 2});
  const auto keep_all = [this](int from, int to) {
    int kept = 0;
    for (int i = from; i < to; ++i) kept += Keep(std::to_string(i)).empty() ? 1 : 0;
    return kept;
  };
  EXPECT_EQ(keep_all(0, 100), 20);
  EXPECT_EQ(Keep("x"), "limit 2 new topics per second");
  EXPECT_EQ(Keep("0", "again"), "");
  executor_.Advance(std::chrono::milliseconds(1500));
  EXPECT_EQ(keep_all(100, 200), 3);
  executor_.Advance(std::chrono::hours(1));
  EXPECT_EQ(keep_all(200, 300), 20);
}

}  // namespace
}  // namespace esockets::broker

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
  std::string Keep(std::string_view topic, std::string_view value = "x",
                   ClassNumber publisher_class = 0) {
    tests::PretendOnLoop();
    const tests::Published published(topic, value);
    Messages messages = published.messages();
    messages.publisher_class = publisher_class;
    if (const auto why_not = quota_->Take(store_, messages)) return *why_not;
    store_.Append(messages);
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

TEST_F(LastValueQuotaTest, AClassHasSoManyTopicsAndTheOthersTheRest) {
  Open({.topics_max = 5});
  tests::PretendOnLoop();
  quota_->SetShares({{}, {.messages_max = 2}});
  EXPECT_EQ(Keep("a", "x", 1), "");
  EXPECT_EQ(Keep("b", "x", 1), "");
  EXPECT_EQ(Keep("c", "x", 1), "limit 2 topics of this class of clients");
  EXPECT_EQ(Keep("a", "again", 1), "") << "that is no more";
  EXPECT_EQ(Keep("c", "x", 2), "");
  EXPECT_EQ(Keep("c", "mine", 1), "limit 2 topics of this class of clients");
  EXPECT_EQ(Keep("b", "no more", 2), "") << "somebody else has it now";
  EXPECT_EQ(Keep("c", "mine", 1), "");
  tests::PretendOnLoop();
  EXPECT_EQ(store_.ClassOf("c"), 1);
  EXPECT_EQ(store_.ClassOf("d"), std::nullopt);
  EXPECT_EQ(store_.ShareOf(1).messages, 2U);
  EXPECT_EQ(store_.ShareOf(2).messages, 1U);
  EXPECT_EQ(quota_->refused_total(1), 2U);
  EXPECT_EQ(quota_->refused_total(2), 0U);
  store_.Remove("c");
  EXPECT_EQ(Keep("d", "x", 1), "") << "a place is free";
}

TEST_F(LastValueQuotaTest, AClassHasSoManyBytes) {
  Open({});
  tests::PretendOnLoop();
  quota_->SetShares({{}, {.bytes_max = 300}});
  EXPECT_EQ(Keep("a", std::string(100, 'x'), 1), "");
  EXPECT_EQ(Keep("b", std::string(100, 'x'), 1), "");
  EXPECT_TRUE(Keep("c", std::string(100, 'x'), 1)
                  .ends_with(" bytes of last values of this class of clients; limit 300"));
  EXPECT_EQ(Keep("c", std::string(1000, 'x'), 2), "");
  EXPECT_NE(Keep("a", std::string(200, 'y'), 1), "");
  EXPECT_EQ(Keep("a", std::string(110, 'y'), 1), "") << "its old value gives its own";
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

#include "clients/cpp/subscribe_rules.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

TEST(SubscribeRules, TakesWhatABrokerMayTake) {
  const SubscribeOptions cases[] = {
      {},
      {.overflow = Overflow::kConflate, .start = Start::Last(1)},
      {.group = "workers"},
      {.group = std::string(128, 'g'), .group_strategy = GroupStrategy::kHash},
      {.group = "gr\xc3\xbcn", .overflow = Overflow::kDropOldest},
      {.group = "workers", .overflow = Overflow::kDropNewest, .max_backlog_messages = 1}};
  for (const SubscribeOptions& options : cases) {
    EXPECT_TRUE(CheckSubscribe("jobs/#", options).ok()) << CheckSubscribe("jobs/#", options);
  }
}

TEST(SubscribeRules, NamesWhatNoBrokerTakes) {
  const struct {
    std::string_view filter;
    SubscribeOptions options;
    std::string_view at;
  } cases[] = {
      {"a/#/b", {}, "filter"},
      {"", {.group = "workers"}, "filter"},
      {"$SYS/#", {.group = "workers"}, "filter"},
      {"a", {.group_strategy = GroupStrategy::kFirst}, "group_strategy"},
      {"a", {.group = std::string(129, 'g')}, "group"},
      {"a", {.group = "\xff"}, "group"},
      {"a", {.group = "workers", .overflow = Overflow::kConflate}, "overflow"},
      {"a", {.group = "workers", .overflow = Overflow::kDisconnect}, "overflow"},
      {"a", {.group = "workers", .overflow = Overflow::kReplay}, "overflow"},
      {"a", {.group = "workers", .start = Start::Last(1)}, "start"},
  };
  for (const auto& test : cases) {
    const absl::Status status = CheckSubscribe(test.filter, test.options);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status << " of " << test.at;
    const std::string begin = std::string(test.at) + ": ";
    EXPECT_EQ(std::string(status.message()).substr(0, begin.size()), begin);
  }
}

}  // namespace
}  // namespace esockets::client

#include "app/plan_limits.h"

#include <string>
#include <string_view>

#include "app/config.h"
#include "app/plan.h"
#include "base/process_memory.h"
#include "gtest/gtest.h"

namespace esockets::app {
namespace {

absl::StatusOr<broker::Limits> Planned(std::string_view limits) {
  const absl::StatusOr<LoadedConfig> loaded =
      ParseConfig("limits { " + std::string(limits) + " }", "b.textproto");
  if (!loaded.ok()) return loaded.status();
  const absl::StatusOr<Plan> plan = MakePlan(*loaded);
  if (!plan.ok()) return plan.status();
  return plan->broker.settings.limits;
}

std::string Mistake(std::string_view limits) {
  return std::string(Planned(limits).status().message());
}

TEST(PlanLimits, WhatIsLeftOutHasItsDefault) {
  const auto limits = Planned("");
  ASSERT_TRUE(limits.ok()) << limits.status();
  const broker::Limits defaults;
  EXPECT_EQ(limits->headers_max, defaults.headers_max);
  EXPECT_EQ(limits->header_bytes_max, defaults.header_bytes_max);
  EXPECT_EQ(limits->wildcard_levels_max, 0U);
  EXPECT_EQ(limits->stream_readings_max, 0U);
  EXPECT_FALSE(limits->rates.any_in() || limits->rates.any_out());
}

TEST(PlanLimits, MemoryIsFourFifthsOfWhatThereIsUnlessItIsSet) {
  const uint64_t available = base::AvailableMemoryBytes();
  EXPECT_GT(available, 0U);
  EXPECT_EQ(Planned("")->memory_bytes_max, available / 5 * 4);
  EXPECT_EQ(Planned("memory_bytes_max: 67108864")->memory_bytes_max, 67108864U);
  EXPECT_EQ(Planned("memory_bytes_max: 0")->memory_bytes_max, 0U);
  EXPECT_EQ(Mistake("memory_bytes_max: 1000000"),
            "b.textproto:1:10: limits.memory_bytes_max: must be at least 67108864, not 1000000");
}

TEST(PlanLimits, EachIsTaken) {
  const auto limits = Planned(R"(
      headers_max: 1 header_bytes_max: 2 wildcard_levels_max: 3 stream_readings_max: 4
      messages_in_per_second_max: 5 bytes_in_per_second_max: 6
      messages_out_per_second_max: 7 bytes_out_per_second_max: 8 clients_per_user_max: 9)");
  ASSERT_TRUE(limits.ok()) << limits.status();
  EXPECT_EQ(limits->headers_max, 1U);
  EXPECT_EQ(limits->header_bytes_max, 2U);
  EXPECT_EQ(limits->wildcard_levels_max, 3U);
  EXPECT_EQ(limits->stream_readings_max, 4U);
  EXPECT_EQ(limits->rates.messages_in_per_second_max, 5U);
  EXPECT_EQ(limits->rates.bytes_in_per_second_max, 6U);
  EXPECT_EQ(limits->rates.messages_out_per_second_max, 7U);
  EXPECT_EQ(limits->rates.bytes_out_per_second_max, 8U);
  EXPECT_EQ(limits->clients_per_user_max, 9U);
}

TEST(PlanLimits, MistakesHaveTheirPlace) {
  EXPECT_EQ(
      Mistake("bytes_out_per_second_max: 10000000001"),
      "b.textproto:1:10: limits.bytes_out_per_second_max: must lie between 0 and 10000000000, "
      "not 10000000001");
  EXPECT_EQ(Mistake("header_bytes_max: 0"),
            "b.textproto:1:10: limits.header_bytes_max: must lie between 1 and 67108864, not 0");
}

}  // namespace
}  // namespace esockets::app

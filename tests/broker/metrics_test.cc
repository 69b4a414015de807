#include "broker/metrics.h"

#include <map>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

using Values = std::map<std::pair<std::string, std::string>, uint64_t>;

Values Read(const Metrics& metrics) {
  Values values;
  metrics.ForEach([&](std::string_view name, std::string_view label, uint64_t value) {
    const bool added = values.emplace(std::pair(name, label), value).second;
    EXPECT_TRUE(added) << name << " " << label << " comes twice";
  });
  return values;
}

TEST(Metrics, EveryCodeHasACounterOfItsOwn) {
  Metrics metrics;
  uint64_t count = 0;
  for (const ErrorInfo& info : AllErrors()) metrics.of(info.code).Add(++count);
  for (const CloseInfo& info : AllCloses()) metrics.of(info.code).Add(++count);
  const Values values = Read(metrics);
  count = 0;
  for (const ErrorInfo& info : AllErrors()) {
    EXPECT_EQ(values.at({"errors_total", std::string(info.name)}), ++count);
  }
  for (const CloseInfo& info : AllCloses()) {
    EXPECT_EQ(values.at({"closes_total", std::string(info.name)}), ++count);
  }
}

TEST(Metrics, WhatIsDroppedAndWhatIsDeliveredAreCountedApart) {
  Metrics metrics;
  metrics.delivered_messages_total.Add(7);
  metrics.dropped_messages_total.Add(3);
  const Values values = Read(metrics);
  EXPECT_EQ(values.at({"delivered_messages_total", ""}), 7U);
  EXPECT_EQ(values.at({"dropped_messages_total", ""}), 3U);
}

TEST(Metrics, EachStreamUnderItsName) {
  Metrics metrics;
  metrics.streams.emplace_back("chat").messages.Add(3);
  metrics.streams.emplace_back("state").retired_messages_total.Add(4);
  const Values values = Read(metrics);
  EXPECT_EQ(values.at({"stream_messages", "chat"}), 3U);
  EXPECT_EQ(values.at({"stream_messages", "state"}), 0U);
  EXPECT_EQ(values.at({"stream_retired_messages_total", "state"}), 4U);
}

TEST(Metrics, EveryReasonHasItsCounterOfDrops) {
  Metrics metrics;
  metrics.of(GapReason::kConflated).Add(1);
  metrics.of(GapReason::kBrokerMemory).Add(2);
  const Values values = Read(metrics);
  EXPECT_EQ(values.at({"drops_total", "CONFLATED"}), 1U);
  EXPECT_EQ(values.at({"drops_total", "EXPIRED"}), 0U);
  EXPECT_EQ(values.at({"drops_total", "BROKER_MEMORY"}), 2U);
}

}  // namespace
}  // namespace esockets::broker

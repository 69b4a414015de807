#include "examples/telemetry/fleet.h"

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "gtest/gtest.h"

namespace esockets::telemetry {
namespace {

std::string CpuOf(double busy_percent) {
  Cpu cpu;
  cpu.set_time_us(1);
  cpu.set_busy_percent(busy_percent);
  return cpu.SerializeAsString();
}

base::TimePoint At(int seconds) { return base::TimePoint(std::chrono::seconds(seconds)); }

TEST(FleetTest, WhatIsNoTelemetryChangesNothing) {
  Fleet fleet;
  for (const std::string_view topic : {"", "telemetry", "telemetry/a", "telemetry/a/",
                                       "other/a/cpu", "telemetry/a/gpu", "telemetry/a/cpu/0"}) {
    EXPECT_FALSE(fleet.Apply(topic, CpuOf(1), At(0))) << topic;
  }
  EXPECT_FALSE(fleet.Apply("telemetry/a/cpu", "\xFF", At(0)));
  EXPECT_TRUE(fleet.hosts().empty());
}

TEST(FleetTest, AnEmptyMessageEndsAHost) {
  Fleet fleet;
  EXPECT_TRUE(fleet.Apply("telemetry/a/cpu", CpuOf(1), At(0)));
  EXPECT_TRUE(fleet.Apply("telemetry/b/cpu", CpuOf(1), At(0)));
  EXPECT_TRUE(fleet.Apply("telemetry/a/cpu", "", At(0)));
  EXPECT_FALSE(fleet.Apply("telemetry/a/disk", "", At(0)));
  EXPECT_EQ(fleet.hosts().size(), 1U);
}

TEST(FleetTest, AHostIsCompleteWithAllFour) {
  Fleet fleet;
  Memory memory;
  memory.set_time_us(1);
  for (const std::string_view kind : {"cpu", "memory", "disk", "network"}) {
    EXPECT_FALSE(fleet.has_complete_host());
    // Each kind begins with the time.
    EXPECT_TRUE(fleet.Apply("telemetry/a/" + std::string(kind), memory.SerializeAsString(), At(0)));
  }
  EXPECT_TRUE(fleet.has_complete_host());
}

TEST(FleetTest, HistoryIsBoundedAndTheNewestIsLast) {
  Fleet fleet;
  for (int i = 0; i < 100; ++i) fleet.Apply("telemetry/a/cpu", CpuOf(i), At(i));
  const Host& host = fleet.hosts().at("a");
  EXPECT_EQ(host.busy_percents.size(), Fleet::kHistory);
  EXPECT_EQ(host.busy_percents.back(), 99);
  EXPECT_EQ(host.cpu.busy_percent(), 99);
}

TEST(FleetTest, SilentHostsAreForgotten) {
  Fleet fleet;
  fleet.Apply("telemetry/old/cpu", CpuOf(1), At(10));
  fleet.Apply("telemetry/new/cpu", CpuOf(1), At(20));
  fleet.ForgetBefore(At(20));
  EXPECT_FALSE(fleet.hosts().contains("old"));
  EXPECT_TRUE(fleet.hosts().contains("new"));
}

}  // namespace
}  // namespace esockets::telemetry

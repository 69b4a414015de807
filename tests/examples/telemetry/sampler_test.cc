#include "examples/telemetry/sampler.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "gtest/gtest.h"

namespace esockets::telemetry {
namespace {

class SetClock final : public base::Clock {
 public:
  base::TimePoint Now() const override { return now; }
  int64_t WallMicros() const override { return 1'700'000'000'000'000; }

  base::TimePoint now{};
};

// A machine of files: two disks, one of them a loop device; three interfaces, one of them down.
class SamplerTest : public testing::Test {
 protected:
  SamplerTest() {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_ + "/sys/block/vda/device");
    Write("/sys/class/net/lo/operstate", "unknown\n");
    Write("/sys/class/net/eth0/operstate", "up\n");
    Write("/sys/class/net/eth1/operstate", "down\n");
    Write("/proc/loadavg", "0.50 0.25 0.10 1/2 3\n");
    Write("/proc/meminfo",
          "MemTotal: 100 kB\nMemAvailable: 40 kB\nSwapTotal: 8 kB\nSwapFree: 6 kB\n");
    Counters(1000, 100, 100, 1000);
  }

  void Write(std::string_view path, std::string_view text) const {
    const std::filesystem::path full = root_ + std::string(path);
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
  }

  // Ticks busy of one core, sectors read, ms busy, bytes received.
  void Counters(int ticks, int sectors, int busy_ms, int bytes) const {
    const std::string t = std::to_string(ticks), s = std::to_string(sectors),
                      m = std::to_string(busy_ms), b = std::to_string(bytes);
    Write("/proc/stat", "cpu " + t + " 0 0 1000 0 0 0 0\ncpu0 " + t + " 0 0 500 0 0 0 0\n");
    const std::string disk = " 1 0 " + s + " 0 1 0 0 0 0 " + m + " 0\n";
    Write("/proc/diskstats", "254 0 vda" + disk + "254 1 vda1" + disk + "7 0 loop0" + disk);
    const std::string interface = ": " + b + " 0 0 0 0 0 0 0 50 0\n";
    Write("/proc/net/dev", "lo" + interface + "eth0" + interface + "eth1" + interface);
  }

  const std::string root_ = testing::TempDir() + "/machine";
  SetClock clock_;
};

TEST_F(SamplerTest, RatesAreOfTheTimeBetween) {
  Sampler sampler(&clock_, root_);
  clock_.now += std::chrono::seconds(2);
  Counters(1000 + 50, 100 + 8, 100 + 500, 1000 + 6000);
  Write("/proc/stat", "cpu 1050 0 0 1150 0 0 0 0\ncpu0 1050 0 0 550 0 0 0 0\n");
  const Sample sample = sampler.Next();

  EXPECT_DOUBLE_EQ(sample.cpu.busy_percent(), 25);
  ASSERT_EQ(sample.cpu.core_busy_percent_size(), 1);
  EXPECT_DOUBLE_EQ(sample.cpu.core_busy_percent(0), 50);
  EXPECT_DOUBLE_EQ(sample.cpu.load_5m(), 0.25);
  EXPECT_EQ(sample.cpu.time_us(), 1'700'000'000'000'000u);

  EXPECT_EQ(sample.memory.total_bytes(), 100u * 1024);
  EXPECT_EQ(sample.memory.available_bytes(), 40u * 1024);
  EXPECT_EQ(sample.memory.swap_used_bytes(), 2u * 1024);

  ASSERT_EQ(sample.disk.devices_size(), 1);  // vda alone
  EXPECT_EQ(sample.disk.devices(0).name(), "vda");
  EXPECT_DOUBLE_EQ(sample.disk.devices(0).read_bytes_rate(), 8 * 512 / 2.0);
  EXPECT_DOUBLE_EQ(sample.disk.devices(0).write_bytes_rate(), 0);
  EXPECT_DOUBLE_EQ(sample.disk.devices(0).busy_percent(), 25);

  ASSERT_EQ(sample.network.interfaces_size(), 1);  // eth0 alone
  EXPECT_EQ(sample.network.interfaces(0).name(), "eth0");
  EXPECT_DOUBLE_EQ(sample.network.interfaces(0).receive_bytes_rate(), 3000);
  EXPECT_DOUBLE_EQ(sample.network.interfaces(0).send_bytes_rate(), 0);
}

TEST_F(SamplerTest, CountersThatFallAndTimeThatStandsAreZero) {
  Sampler sampler(&clock_, root_);
  Counters(10, 1, 1, 1);
  const Sample sample = sampler.Next();
  EXPECT_DOUBLE_EQ(sample.cpu.busy_percent(), 0);
  EXPECT_DOUBLE_EQ(sample.disk.devices(0).read_bytes_rate(), 0);
  EXPECT_DOUBLE_EQ(sample.network.interfaces(0).receive_bytes_rate(), 0);
}

TEST_F(SamplerTest, WhatComesLaterCountsFromThenOn) {
  Sampler sampler(&clock_, root_);
  clock_.now += std::chrono::seconds(1);
  Write("/sys/class/net/eth1/operstate", "up\n");
  EXPECT_EQ(sampler.Next().network.interfaces_size(), 1);
  clock_.now += std::chrono::seconds(1);
  EXPECT_EQ(sampler.Next().network.interfaces_size(), 2);
}

TEST(RealSamplerTest, ThisMachineHasMemoryAndCores) {
  const base::SystemClock clock;
  Sampler sampler(&clock);
  const Sample sample = sampler.Next();
  EXPECT_GT(sample.memory.total_bytes(), sample.memory.available_bytes());
  EXPECT_GT(sample.cpu.core_busy_percent_size(), 0);
}

TEST(RealSamplerTest, NothingThereIsNothingSaid) {
  const base::SystemClock clock;
  const Sample sample = Sampler(&clock, "/nowhere").Next();
  EXPECT_EQ(sample.memory.total_bytes(), 0u);
  EXPECT_EQ(sample.disk.devices_size(), 0);
}

}  // namespace
}  // namespace esockets::telemetry

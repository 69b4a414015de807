#include "examples/telemetry/screen.h"

#include <algorithm>
#include <chrono>
#include <regex>
#include <sstream>
#include <string>

#include "base/clock.h"
#include "examples/telemetry/sampler.h"
#include "gtest/gtest.h"

namespace esockets::telemetry {
namespace {

TEST(BytesTest, ShortAndRounded) {
  const struct {
    double bytes;
    std::string text;
  } kCases[] = {{0, "0 B"},        {999.4, "999 B"}, {999.6, "1.0 kB"},  {1234, "1.2 kB"},
                {9949, "9.9 kB"},  {9951, "10 kB"},  {999499, "999 kB"}, {1.5e6, "1.5 MB"},
                {25.2e9, "25 GB"}, {5e12, "5.0 TB"}};
  for (const auto& c : kCases) EXPECT_EQ(Bytes(c.bytes), c.text) << c.bytes;
}

TEST(BarTest, Eighths) {
  const struct {
    double percent;
    std::string bar;
  } kCases[] = {{0, "····"},    {100, "████"}, {50, "██··"},   {-5, "····"},
                {1000, "████"}, {25, "█···"},  {12.5, "▌···"}, {90, "███▋"}};
  for (const auto& c : kCases) EXPECT_EQ(Bar(c.percent, 4), c.bar) << c.percent;
}

Fleet OneHost(const std::string& name) {
  Sample sample;
  sample.cpu.set_busy_percent(42);
  sample.cpu.set_load_1m(1.5);
  sample.memory.set_total_bytes(8'000'000'000);
  sample.memory.set_available_bytes(6'000'000'000);
  sample.disk.add_devices()->set_read_bytes_rate(1000);
  sample.disk.add_devices()->set_read_bytes_rate(2000);
  sample.network.add_interfaces()->set_send_bytes_rate(7000);
  sample.cpu.set_time_us(1);
  sample.memory.set_time_us(1);
  sample.disk.set_time_us(1);
  sample.network.set_time_us(1);
  Fleet fleet;
  const std::string topic = "telemetry/" + name + "/";
  fleet.Apply(topic + "cpu", sample.cpu.SerializeAsString(), {});
  fleet.Apply(topic + "memory", sample.memory.SerializeAsString(), {});
  fleet.Apply(topic + "disk", sample.disk.SerializeAsString(), {});
  fleet.Apply(topic + "network", sample.network.SerializeAsString(), {});
  return fleet;
}

TEST(LinesTest, SumsOverDevices) {
  EXPECT_EQ(Lines(OneHost("alpha")),
            "alpha cpu 42.0% load 1.50 memory 2.0 GB of 8.0 GB disk 3.0 kB/s 0 B/s "
            "network 0 B/s 7.0 kB/s\n");
  EXPECT_EQ(Lines(Fleet()), "");
}

TEST(LinesTest, HostsCannotSteerTheTerminal) {
  EXPECT_TRUE(Lines(OneHost("a\033[2Jb")).starts_with("a?[2Jb cpu"));
}

TEST(TableTest, EachLineHasAHundredColumns) {
  const Fleet fleet = OneHost("a-host-with-a-long-name");
  const std::string table = Table(fleet, "fleet", 0, {});
  std::istringstream lines(std::regex_replace(table, std::regex("\033\\[[0-9;]*[mK]"), ""));
  std::string title, empty, heading, row;
  std::getline(lines, title) && std::getline(lines, empty) && std::getline(lines, heading) &&
      std::getline(lines, row);
  EXPECT_EQ(title, "fleet  1 host");
  EXPECT_EQ(heading.size(), 100u);
  EXPECT_EQ(std::count_if(row.begin(), row.end(), [](char c) { return (c & 0xC0) != 0x80; }), 100);
  EXPECT_NE(row.find("25% of 8.0 GB"), row.npos) << row;
}

TEST(TableTest, SilenceAndLossesShow) {
  const Fleet fleet = OneHost("a");
  const base::TimePoint later(std::chrono::seconds(6));
  EXPECT_EQ(Table(fleet, "", 0, {}).find("\033[2ma "), std::string::npos);
  EXPECT_NE(Table(fleet, "", 0, later).find("\033[2ma "), std::string::npos);
  EXPECT_NE(Table(fleet, "", 3, {}).find("3 messages lost"), std::string::npos);
}

}  // namespace
}  // namespace esockets::telemetry

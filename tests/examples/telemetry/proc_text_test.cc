#include "examples/telemetry/proc_text.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::telemetry {
namespace {

TEST(StatTest, TotalAndCores) {
  const auto cpus = ParseStat(
      "cpu  209318 7 32403 593087 2023 0 496 79 11 0\n"
      "cpu0 103437 7 15208 299448 488 0 49 35 11 0\n"
      "cpu1 105881 0 17195 293638 1534 0 446 44 0 0\n"
      "intr 23444293 0 0\nctxt 34\nprocesses 12\n");
  ASSERT_EQ(cpus.size(), 3u);
  EXPECT_EQ(cpus[0].busy, 209318u + 7 + 32403 + 496 + 79);  // guests are within user
  EXPECT_EQ(cpus[0].total, cpus[0].busy + 593087 + 2023);
  EXPECT_EQ(cpus[2].busy, 105881u + 17195 + 446 + 44);
}

TEST(StatTest, OldKernelsWriteFewerColumns) {
  const auto cpus = ParseStat("cpu 10 0 5 85\n");
  ASSERT_EQ(cpus.size(), 1u);
  EXPECT_EQ(cpus[0].busy, 15u);
  EXPECT_EQ(cpus[0].total, 100u);
}

TEST(LoadAveragesTest, ThreeMeans) {
  const LoadAverages load = ParseLoadAverages("9.72 5.26 2.76 7/434 17512\n");
  EXPECT_DOUBLE_EQ(load.minutes_1, 9.72);
  EXPECT_DOUBLE_EQ(load.minutes_5, 5.26);
  EXPECT_DOUBLE_EQ(load.minutes_15, 2.76);
}

TEST(MeminfoTest, KilobytesBecomeBytes) {
  const MemoryBytes memory = ParseMeminfo(
      "MemTotal:       24684092 kB\n"
      "MemFree:        19709392 kB\n"
      "MemAvailable:   20695596 kB\n"
      "SwapCached:            0 kB\n"
      "SwapTotal:       1048572 kB\n"
      "SwapFree:        1000000 kB\n"
      "HugePages_Total:       0\n");
  EXPECT_EQ(memory.total, 24684092ull * 1024);
  EXPECT_EQ(memory.available, 20695596ull * 1024);
  EXPECT_EQ(memory.swap_total, 1048572ull * 1024);
  EXPECT_EQ(memory.swap_free, 1000000ull * 1024);
}

TEST(DiskstatsTest, SectorsBecomeBytes) {
  const auto disks = ParseDiskstats(
      "   7       0 loop0 0 0 0 0 0 0 0 0 0\n"
      " 254       0 vda 330273 39559 29940474 407857 155652 64628 11291216 52290 0 48108 470969 "
      "68265 39 2431384 9662 29477 1157\n"
      "   8       1 sda1 short\n");
  ASSERT_EQ(disks.size(), 1u);  // loop0 lacks a column, sda1 all
  EXPECT_EQ(disks[0].name, "vda");
  EXPECT_EQ(disks[0].read_bytes, 29940474ull * 512);
  EXPECT_EQ(disks[0].write_bytes, 11291216ull * 512);
  EXPECT_EQ(disks[0].busy_ms, 48108u);
}

TEST(NetDevTest, HeadingsAreLeftOut) {
  const auto interfaces = ParseNetDev(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\n"
      "    lo: 7421784   14688    0    0    0     0          0         0  7421784   14688    0\n"
      "  eth0:438072373    9406    0    0    0     0          0         0   461522    6050    0\n");
  ASSERT_EQ(interfaces.size(), 2u);
  EXPECT_EQ(interfaces[0].name, "lo");
  EXPECT_EQ(interfaces[1].name, "eth0");  // no space after the colon: a wide number
  EXPECT_EQ(interfaces[1].receive_bytes, 438072373u);
  EXPECT_EQ(interfaces[1].send_bytes, 461522u);
}

TEST(ProcTextTest, AnyOtherTextIsRead) {
  for (const std::string_view text :
       {"", "\n", "\n\n", "cpu", "cpu0 x y z w", ":", "a:", "MemTotal:", "MemTotal: kB",
        "1 2 3 4 5 6 7 8 9 10 11 12 13", "eth0: 1 2 3 4 5 6 7 8 99999999999999999999999999"}) {
    SCOPED_TRACE(text);
    EXPECT_LE(ParseStat(text).size(), 1u);
    EXPECT_EQ(ParseMeminfo(text).total, 0u);
    EXPECT_EQ(ParseLoadAverages(text).minutes_1, text.starts_with("1 2") ? 1 : 0);
    EXPECT_LE(ParseDiskstats(text).size(), 1u);
    for (const auto& interface : ParseNetDev(text)) EXPECT_EQ(interface.send_bytes, 0u);
  }
}

}  // namespace
}  // namespace esockets::telemetry

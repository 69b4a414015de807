#include "base/process_memory.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

TEST(ResidentBytesTest, FollowWhatIsUsed) {
  const uint64_t before = ResidentBytes();
  ASSERT_GT(before, 0U);
  constexpr size_t kBytes = 64 << 20;
  std::vector<char> more(kBytes, 1);
  EXPECT_GT(ResidentBytes(), before + kBytes / 2);
  std::vector<char>().swap(more);
  ReleaseFreeMemory();
  EXPECT_LT(ResidentBytes(), before + kBytes / 2);
}

class AvailableMemoryTest : public testing::Test {
 protected:
  AvailableMemoryTest() {
    std::string folder = testing::TempDir() + "/memory.XXXXXX";
    root_ = ::mkdtemp(folder.data());
    Write("proc/meminfo", "MemTotal:       1000 kB\nMemFree:         100 kB\n");
  }
  ~AvailableMemoryTest() override { std::filesystem::remove_all(root_); }
  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path place = std::filesystem::path(root_) / path;
    std::filesystem::create_directories(place.parent_path());
    std::ofstream(place) << text;
  }

  std::string root_;
};

TEST_F(AvailableMemoryTest, IsTheMachinesIfThereAreNoGroups) {
  EXPECT_EQ(AvailableMemoryBytes(root_), 1000U * 1024);
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/memory.max", "max\n");
  EXPECT_EQ(AvailableMemoryBytes(root_), 1000U * 1024);
}

TEST_F(AvailableMemoryTest, IsThatOfTheGroupOrOfOneAroundIt) {
  Write("proc/self/cgroup", "0::/system.slice/broker.service\n");
  Write("sys/fs/cgroup/system.slice/broker.service/memory.max", "600000\n");
  EXPECT_EQ(AvailableMemoryBytes(root_), 600'000U);
  Write("sys/fs/cgroup/system.slice/memory.max", "500000\n");
  EXPECT_EQ(AvailableMemoryBytes(root_), 500'000U);
}

// It is told the group's name outside, and sees it as the root.
TEST_F(AvailableMemoryTest, IsThatOfTheContainer) {
  Write("proc/self/cgroup", "0::/docker/3f9a\n");
  Write("sys/fs/cgroup/memory.max", "400000\n");
  EXPECT_EQ(AvailableMemoryBytes(root_), 400'000U);
}

TEST_F(AvailableMemoryTest, IsThatOfAGroupOfVersion1) {
  Write("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:hugetlb,memory:/a/b\n1:name=systemd:/a\n0::/a\n");
  Write("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(AvailableMemoryBytes(root_), 1000U * 1024);
  Write("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "300000\n");
  Write("sys/fs/cgroup/cpu/a/memory.limit_in_bytes", "1\n");
  EXPECT_EQ(AvailableMemoryBytes(root_), 300'000U);
}

TEST_F(AvailableMemoryTest, IsUnknownWhereNobodySays) {
  std::filesystem::remove_all(root_ + "/proc");
  EXPECT_EQ(AvailableMemoryBytes(root_), 0U);
  Write("proc/self/cgroup", "nonsense\n:\n::\n0:/\n");
  Write("proc/meminfo", "MemTotal: much\n");
  EXPECT_EQ(AvailableMemoryBytes(root_), 0U);
  EXPECT_GT(AvailableMemoryBytes(), 0U) << "of this machine";
}

}  // namespace
}  // namespace esockets::base

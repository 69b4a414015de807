#include "server/unique_fd.h"

#include <fcntl.h>

#include "gtest/gtest.h"

namespace esockets::server {
namespace {

bool IsOpen(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

int Open() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(UniqueFd, ClosesOnce) {
  const int raw = Open();
  {
    UniqueFd fd(raw);
    EXPECT_TRUE(fd);
    UniqueFd moved = std::move(fd);
    EXPECT_FALSE(fd);  // NOLINT(bugprone-use-after-move): what it is then is promised
    EXPECT_TRUE(IsOpen(raw));
  }
  EXPECT_FALSE(IsOpen(raw));
}

TEST(UniqueFd, AssigningClosesTheOldOne) {
  const int first = Open();
  const int second = Open();
  UniqueFd fd(first);
  fd = UniqueFd(second);
  EXPECT_FALSE(IsOpen(first));
  EXPECT_TRUE(IsOpen(second));
  fd.Reset();
  EXPECT_FALSE(IsOpen(second));
}

TEST(UniqueFd, ReleasedIsTheCallers) {
  UniqueFd fd(Open());
  const int raw = fd.Release();
  EXPECT_FALSE(fd);
  EXPECT_TRUE(IsOpen(raw));
  ::close(raw);
}

}  // namespace
}  // namespace esockets::server

#include "server/socket_api.h"

#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "gtest/gtest.h"
#include "server/unique_fd.h"

namespace esockets::server {
namespace {

class SocketApiTest : public testing::Test {
 protected:
  void SetUp() override {
    int fds[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    a = UniqueFd(fds[0]);
    b = UniqueFd(fds[1]);
  }
  SocketApi& api = SocketApi::System();
  UniqueFd a, b;
  char buffer[64];
};

TEST_F(SocketApiTest, SendsAndReceivesWithoutWaiting) {
  EXPECT_EQ(api.Recv(b.get(), buffer, sizeof buffer), -EAGAIN) << "though the socket may block";
  EXPECT_EQ(api.Send(a.get(), "hello ", 6), 6);
  std::string left = "wor", right = "ld";
  iovec spans[] = {{left.data(), left.size()}, {right.data(), right.size()}};
  EXPECT_EQ(api.SendVector(a.get(), spans, 2), 5);
  EXPECT_EQ(api.Recv(b.get(), buffer, sizeof buffer), 11);
  EXPECT_EQ(std::string(buffer, 11), "hello world");
  const std::string large(16 << 20, 'x');
  EXPECT_LT(api.Send(a.get(), large.data(), large.size()), static_cast<ssize_t>(large.size()));
  while (api.Send(a.get(), large.data(), large.size()) > 0) {
  }
  EXPECT_EQ(api.Send(a.get(), "x", 1), -EAGAIN);
}

TEST_F(SocketApiTest, ErrorsAreMinusErrno) {
  b.Reset();
  EXPECT_EQ(api.Send(a.get(), "x", 1), -EPIPE) << "and no signal";
  iovec span{buffer, 1};
  EXPECT_EQ(api.SendVector(a.get(), &span, 1), -EPIPE);
  EXPECT_EQ(api.Recv(a.get(), buffer, sizeof buffer), 0);
  EXPECT_EQ(api.Recv(-1, buffer, sizeof buffer), -EBADF);
  EXPECT_EQ(api.Accept(-1, nullptr, nullptr), -EBADF);
}

}  // namespace
}  // namespace esockets::server

#include "server/sockets.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/socket_path.h"

namespace esockets::server {
namespace {

SocketAddress Address(const std::string& text) { return *SocketAddress::Parse(text); }

TEST(Sockets, ListensAndConnectsOnEachFamily) {
  const tests::SocketPath socket;
  for (const std::string& text :
       {std::string("127.0.0.1:0"), std::string("[::1]:0"), "unix:" + socket.path()}) {
    const auto listener = ListenOn(Address(text), 8, {});
    ASSERT_TRUE(listener.ok()) << listener.status();
    const SocketAddress bound = LocalAddress(listener->get(), Address(text));
    EXPECT_TRUE(bound.family() == SocketAddress::Family::kUnix || bound.port() != 0);
    const auto client = StartConnect(bound, {});
    ASSERT_TRUE(client.ok()) << client.status();
    pollfd poll_fd{client->get(), POLLOUT, 0};
    ASSERT_EQ(::poll(&poll_fd, 1, 30'000), 1);
    EXPECT_EQ(ConnectError(client->get()), 0);
    if (!bound.path().empty()) ::unlink(bound.path().c_str());
  }
}

TEST(Sockets, APortInUseIsExplained) {
  const auto first = ListenOn(Address("127.0.0.1:0"), 8, {});
  ASSERT_TRUE(first.ok());
  const SocketAddress bound = LocalAddress(first->get(), Address("127.0.0.1:0"));
  const auto second = ListenOn(bound, 8, {});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::string(second.status().message()),
            "cannot listen on " + bound.ToString() +
                ": Address already in use; another process listens there: stop it or choose "
                "another port");
}

TEST(Sockets, AnAddressOfAnotherMachineIsExplained) {
  const auto fd = ListenOn(Address("192.0.2.1:0"), 8, {});
  ASSERT_FALSE(fd.ok());
  EXPECT_NE(fd.status().ToString().find("does not have that address"), std::string::npos)
      << fd.status();
}

TEST(Sockets, AStaleSocketFileIsReplacedALiveOneIsNot) {
  const tests::SocketPath socket;
  const std::string path = socket.path();
  { ASSERT_TRUE(ListenOn(Address("unix:" + path), 8, {}).ok()); }
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0) << "the file outlives its socket";
  const auto live = ListenOn(Address("unix:" + path), 8, {});
  ASSERT_TRUE(live.ok()) << live.status();
  EXPECT_FALSE(ListenOn(Address("unix:" + path), 8, {}).ok());
  ::unlink(path.c_str());
}

TEST(Sockets, AFileThatIsNoSocketIsLeftAlone) {
  const tests::SocketPath socket;
  const std::string path = socket.path();
  std::FILE* file = std::fopen(path.c_str(), "w");
  std::fclose(file);
  EXPECT_FALSE(ListenOn(Address("unix:" + path), 8, {}).ok());
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  ::unlink(path.c_str());
}

TEST(Sockets, ConnectErrorTellsWhy) {
  const auto closed = ListenOn(Address("127.0.0.1:0"), 1, {});
  const SocketAddress nobody = LocalAddress(closed->get(), Address("127.0.0.1:0"));
  ::shutdown(closed->get(), SHUT_RDWR);
  const auto client = StartConnect(nobody, {});
  if (!client.ok()) return;  // refused at once
  pollfd poll_fd{client->get(), POLLOUT, 0};
  ASSERT_EQ(::poll(&poll_fd, 1, 30'000), 1);
  EXPECT_EQ(ConnectError(client->get()), ECONNREFUSED);
}

TEST(Sockets, TheDescriptorLimitIsRaisedToTheHardOne) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlim_t hard = limit.rlim_max;
  limit.rlim_cur = 64;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(RaiseDescriptorLimit(), hard);
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, hard);
}

}  // namespace
}  // namespace esockets::server

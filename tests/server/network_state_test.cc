#include "server/network_state.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "gtest/gtest.h"
#include "server/unique_fd.h"

namespace esockets::server {
namespace {

TEST(NetworkState, AUnixSocketKnowsItsQueueAlone) {
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
  const UniqueFd ours(fds[0]), peers(fds[1]);
  EXPECT_TRUE(NetworkStateOf(ours.get()).writable);
  EXPECT_FALSE(NetworkStateOf(ours.get()).is_tcp);
  EXPECT_EQ(KernelUnsentBytes(ours.get()), 0U);
  const std::string bytes(1000, 'x');
  while (::send(ours.get(), bytes.data(), bytes.size(), 0) > 0) continue;
  EXPECT_FALSE(NetworkStateOf(ours.get()).writable);
  EXPECT_GE(KernelUnsentBytes(ours.get()), 1000U);
  EXPECT_EQ(KernelUnsentBytes(ours.get()), KernelUnackedBytes(ours.get()));
}

// Until the kernel says that the window keeps it: the peer reads nothing.
TEST(NetworkState, TcpSaysThatTheReaderHasStopped) {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{.sin_family = AF_INET,
                      .sin_port = 0,
                      .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
                      .sin_zero = {}};
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const UniqueFd ours(::socket(AF_INET, SOCK_STREAM, 0));
  ASSERT_EQ(::connect(ours.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  const UniqueFd peers(::accept(listener.get(), nullptr, nullptr));
  EXPECT_TRUE(NetworkStateOf(ours.get()).writable);
  EXPECT_TRUE(NetworkStateOf(ours.get()).is_tcp);

  const std::string bytes(1 << 16, 'x');
  NetworkState state;
  do {
    while (::send(ours.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) continue;
    state = NetworkStateOf(ours.get());
  } while (state.receive_window_limited == base::Duration::zero());
  EXPECT_GE(state.busy, state.receive_window_limited);
  EXPECT_GT(state.acked_bytes, 0U);
  EXPECT_GT(state.segments, 0U);
  EXPECT_GT(state.rtt, base::Duration::zero());
  EXPECT_GT(state.rtt_min, base::Duration::zero());
  EXPECT_GT(KernelUnsentBytes(ours.get()), 0U);
  EXPECT_GE(KernelUnackedBytes(ours.get()), KernelUnsentBytes(ours.get()));
}

TEST(NetworkState, NoSocketIsNothing) {
  EXPECT_FALSE(NetworkStateOf(-1).writable);
  EXPECT_FALSE(NetworkStateOf(-1).is_tcp);
  EXPECT_EQ(KernelUnackedBytes(-1), 0U);
  EXPECT_EQ(KernelUnsentBytes(-1), 0U);
}

}  // namespace
}  // namespace esockets::server

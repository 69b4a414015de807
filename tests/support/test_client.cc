#include "tests/support/test_client.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>

#include "gtest/gtest.h"

namespace esockets::tests {
namespace {

// Generous: it only ends what hangs.
constexpr int kDeadlineMillis = 30'000;

}  // namespace

TestClient::TestClient(const server::SocketAddress& address, int receive_buffer_bytes) {
  sockaddr_storage kernel;
  const socklen_t size = address.ToKernel(&kernel);
  fd_ = server::UniqueFd(::socket(kernel.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (receive_buffer_bytes > 0) {
    ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  EXPECT_EQ(::connect(fd(), reinterpret_cast<sockaddr*>(&kernel), size), 0) << errno;
  ::fcntl(fd(), F_SETFL, O_NONBLOCK);
}

bool TestClient::Wait(decltype(pollfd::events) events) {
  pollfd poll_fd{fd(), events, 0};
  const bool ready = ::poll(&poll_fd, 1, kDeadlineMillis) == 1;
  EXPECT_TRUE(ready) << "nothing happened on the socket";
  return ready;
}

bool TestClient::WaitReadable() { return Wait(POLLIN); }

bool TestClient::WaitWritable() { return Wait(POLLOUT); }

bool TestClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n > 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno != EAGAIN || !Wait(POLLOUT)) {
      return false;
    }
  }
  return true;
}

std::string TestClient::Receive(size_t bytes) {
  std::string received;
  char buffer[64 * 1024];
  while (received.size() < bytes) {
    const ssize_t n = ::recv(fd(), buffer, std::min(sizeof buffer, bytes - received.size()), 0);
    if (n > 0) {
      received.append(buffer, static_cast<size_t>(n));
    } else if (n == 0) {
      ended_ = true;
      break;
    } else if (errno != EAGAIN) {
      error_number_ = errno;
      break;
    } else if (!Wait(POLLIN)) {
      break;
    }
  }
  return received;
}

std::string TestClient::ReceiveAll() { return Receive(std::numeric_limits<size_t>::max()); }

void TestClient::ShutDown() { ::shutdown(fd(), SHUT_WR); }

void TestClient::Reset() {
  const linger hard{1, 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  Close();
}

}  // namespace esockets::tests

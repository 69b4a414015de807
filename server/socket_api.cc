#include "server/socket_api.h"

#include <cerrno>

namespace esockets::server {
namespace {

// An interrupted call is made again: no caller has a use for EINTR.
template <typename Call>
auto Retry(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0) return result;
    if (errno != EINTR) return static_cast<decltype(result)>(-errno);
  }
}

}  // namespace

ssize_t SocketApi::Recv(int fd, void* buffer, size_t size) {
  return Retry([&] { return ::recv(fd, buffer, size, MSG_DONTWAIT); });
}

ssize_t SocketApi::Send(int fd, const void* data, size_t size) {
  return Retry([&] { return ::send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL); });
}

ssize_t SocketApi::SendVector(int fd, iovec* spans, size_t count) {
  msghdr message{};
  message.msg_iov = spans;
  message.msg_iovlen = count;
  return Retry([&] { return ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL); });
}

int SocketApi::Accept(int fd, sockaddr* address, socklen_t* address_size) {
  return Retry([&] { return ::accept4(fd, address, address_size, SOCK_NONBLOCK | SOCK_CLOEXEC); });
}

SocketApi& SocketApi::System() {
  static SocketApi system;
  return system;
}

}  // namespace esockets::server

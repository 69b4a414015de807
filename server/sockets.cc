#include "server/sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/strings.h"

namespace esockets::server {
namespace {

absl::Status Unavailable(std::string_view what, const SocketAddress& address, int error) {
  std::string_view advice;
  if (error == EADDRINUSE) {
    advice = "; another process listens there: stop it or choose another port";
  }
  if (error == EACCES) advice = "; a port below 1024 or this path needs more rights";
  if (error == EADDRNOTAVAIL) advice = "; this machine does not have that address";
  return base::Error(absl::StatusCode::kUnavailable, "cannot ", what, " ", address.ToString(), ": ",
                     std::string_view(std::strerror(error)), advice);
}

int DomainOf(const SocketAddress& address) {
  switch (address.family()) {
    case SocketAddress::Family::kIpv6:
      return AF_INET6;
    case SocketAddress::Family::kUnix:
      return AF_UNIX;
    default:
      return AF_INET;
  }
}

void SetOption(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

void Tune(int fd, const SocketAddress& address, const SocketTuning& tuning) {
  if (address.family() == SocketAddress::Family::kUnix) return;
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, tuning.not_sent_low_at_bytes);
  SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, tuning.keep_alive_idle_seconds);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, tuning.keep_alive_interval_seconds);
  SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, tuning.user_timeout_millis);
}

UniqueFd NewSocket(const SocketAddress& address) {
  return UniqueFd(::socket(DomainOf(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// A socket file outlives its process. It is ours to remove when nobody answers on it.
void RemoveStaleSocketFile(const SocketAddress& address) {
  struct stat status {};
  if (::lstat(address.path().c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const UniqueFd probe = NewSocket(address);
  sockaddr_storage kernel;
  const socklen_t size = address.ToKernel(&kernel);
  if (::connect(probe.get(), reinterpret_cast<sockaddr*>(&kernel), size) != 0 &&
      errno == ECONNREFUSED) {
    ::unlink(address.path().c_str());
  }
}

}  // namespace

absl::StatusOr<UniqueFd> ListenOn(const SocketAddress& address, int backlog,
                                  const SocketTuning& tuning) {
  UniqueFd fd = NewSocket(address);
  if (!fd) return Unavailable("make a socket for", address, errno);
  if (address.family() == SocketAddress::Family::kUnix) {
    RemoveStaleSocketFile(address);
  } else {
    SetOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  }
  if (address.family() == SocketAddress::Family::kIpv6) {
    SetOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  }
  Tune(fd.get(), address, tuning);
  sockaddr_storage kernel;
  const socklen_t size = address.ToKernel(&kernel);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&kernel), size) != 0 ||
      ::listen(fd.get(), backlog) != 0) {
    return Unavailable("listen on", address, errno);
  }
  return fd;
}

absl::StatusOr<UniqueFd> StartConnect(const SocketAddress& address, const SocketTuning& tuning) {
  UniqueFd fd = NewSocket(address);
  if (!fd) return Unavailable("make a socket for", address, errno);
  Tune(fd.get(), address, tuning);
  sockaddr_storage kernel;
  const socklen_t size = address.ToKernel(&kernel);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&kernel), size) != 0 &&
      errno != EINPROGRESS) {
    return Unavailable("connect to", address, errno);
  }
  return fd;
}

int ConnectError(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

SocketAddress LocalAddress(int fd, const SocketAddress& asked) {
  if (asked.family() == SocketAddress::Family::kUnix) return asked;
  sockaddr_storage kernel{};
  socklen_t size = sizeof kernel;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&kernel), &size) != 0) return asked;
  return SocketAddress::FromKernel(kernel);
}

size_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t soft = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : soft;
}

}  // namespace esockets::server

#include "server/network_state.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace esockets::server {
namespace {

using std::chrono::microseconds;

// False: it is no TCP socket. An older kernel leaves the fields at zero that it does not know.
bool ReadTcpInfo(int fd, tcp_info* info) {
  int protocol = 0;
  socklen_t size = sizeof protocol;
  if (::getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0) return false;
  if (protocol != IPPROTO_TCP) return false;
  std::memset(info, 0, sizeof *info);
  size = sizeof *info;
  return ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size) == 0;
}

uint64_t Ask(int fd, uint64_t question) {
  int bytes = 0;
  if (::ioctl(fd, question, &bytes) != 0) return 0;
  return static_cast<uint64_t>(std::max(bytes, 0));
}

}  // namespace

NetworkState NetworkStateOf(int fd) {
  NetworkState state;
  pollfd poll{.fd = fd, .events = POLLOUT, .revents = 0};
  state.writable = ::poll(&poll, 1, 0) == 1 && (poll.revents & POLLOUT) != 0;
  tcp_info info;
  if (!ReadTcpInfo(fd, &info)) return state;
  state.is_tcp = true;
  state.busy = microseconds(info.tcpi_busy_time);
  state.receive_window_limited = microseconds(info.tcpi_rwnd_limited);
  state.acked_bytes = info.tcpi_bytes_acked;
  state.segments = info.tcpi_data_segs_out;
  state.retransmits =
      info.tcpi_total_retrans - std::min(info.tcpi_dsack_dups, info.tcpi_total_retrans);
  state.rtt = microseconds(info.tcpi_rtt);
  // The largest number stands for "not measured yet".
  const bool measured = info.tcpi_min_rtt != ~uint32_t{0};
  state.rtt_min = measured ? microseconds(info.tcpi_min_rtt) : base::Duration::zero();
  return state;
}

uint64_t KernelUnackedBytes(int fd) { return Ask(fd, SIOCOUTQ); }

uint64_t KernelUnsentBytes(int fd) {
  int bytes = 0;
  if (::ioctl(fd, SIOCOUTQNSD, &bytes) == 0) return static_cast<uint64_t>(std::max(bytes, 0));
  return Ask(fd, SIOCOUTQ);  // a UNIX socket knows only this
}

}  // namespace esockets::server

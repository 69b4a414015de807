#include "tests/support/descriptor_keeper.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>

namespace esockets::tests {
namespace {

// One byte, and room for one descriptor beside it.
struct Parcel {
  Parcel() {
    header.msg_iov = &bytes;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
  }

  char byte = 0;
  iovec bytes{.iov_base = &byte, .iov_len = 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
};

// What is received stays open until the process ends.
void KeepUntilTheEnd(int channel) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  while (true) {
    Parcel parcel;
    if (::recvmsg(channel, &parcel.header, 0) <= 0) return;
    if (::send(channel, "k", 1, MSG_NOSIGNAL) != 1) return;
  }
}

}  // namespace

DescriptorKeeper::DescriptorKeeper() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return;
  channel_ = server::UniqueFd(ends[0]);
  const server::UniqueFd of_keeper(ends[1]);
  process_ = ::fork();
  if (process_ != 0) return;
  channel_.Reset();
  KeepUntilTheEnd(of_keeper.get());
  ::_exit(0);
}

bool DescriptorKeeper::Keep(server::UniqueFd descriptor) {
  if (process_ < 0) return false;
  Parcel parcel;
  cmsghdr* const control = CMSG_FIRSTHDR(&parcel.header);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = descriptor.get();
  std::memcpy(CMSG_DATA(control), &fd, sizeof fd);
  char taken = 0;
  return ::sendmsg(channel_.get(), &parcel.header, MSG_NOSIGNAL) == 1 &&
         ::recv(channel_.get(), &taken, 1, 0) == 1;
}

void DescriptorKeeper::CloseAll() {
  channel_.Reset();
  if (process_ > 0) ::waitpid(std::exchange(process_, -1), nullptr, 0);
}

}  // namespace esockets::tests

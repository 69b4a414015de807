#include "tests/support/wrapped_calls.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>
#include <vector>

#include "base/check.h"

namespace esockets::tests {
namespace {

thread_local constinit WrappedCalls* the_calls = nullptr;

// What the kernel says, and notes if it knows no such descriptor.
template <typename... Args>
long Kernel(long number, Args... args) {
  const long result = ::syscall(number, args...);
  if (result < 0 && errno == EBADF && the_calls != nullptr) the_calls->OnBadDescriptor();
  return result;
}

int Fail(int error) {
  errno = error;
  return -1;
}

}  // namespace

WrappedCalls::WrappedCalls(Script script) : script_(std::move(script)) {
  ESOCKETS_CHECK(the_calls == nullptr);
  the_calls = this;
}

WrappedCalls::~WrappedCalls() { the_calls = nullptr; }

WrappedCalls* WrappedCalls::current() { return the_calls; }

Fate WrappedCalls::Decide(SystemCall call) {
  const Fate fate = script_(call);
  now_ += fate.takes;
  return fate;
}

void WrappedCalls::OnRest(base::Duration time) {
  now_ += time;
  if (on_rest_) on_rest_();
}

}  // namespace esockets::tests

// --- the calls themselves, in the place of libc's ------------------------------------------------

using esockets::tests::Fail;
using esockets::tests::Fate;
using esockets::tests::Kernel;
using esockets::tests::SystemCall;
using esockets::tests::WrappedCalls;

extern "C" {

// Through memory of our own: the sanitizers look at who writes to the caller's.
ssize_t recv(int fd, void* buffer, size_t size, int flags) {
  WrappedCalls* const calls = WrappedCalls::current();
  if (calls == nullptr) return Kernel(SYS_recvfrom, fd, buffer, size, flags, nullptr, nullptr);
  const Fate fate = calls->Decide(SystemCall::kReceive);
  if (fate.error != 0) return Fail(fate.error);
  if (fate.is_end) return 0;
  std::vector<char> bytes(std::min(size, fate.size_max));
  const long n = Kernel(SYS_recvfrom, fd, bytes.data(), bytes.size(), flags, nullptr, nullptr);
  if (n > 0) std::memcpy(buffer, bytes.data(), static_cast<size_t>(n));
  return n;
}

ssize_t send(int fd, const void* data, size_t size, int flags) {
  WrappedCalls* const calls = WrappedCalls::current();
  if (calls == nullptr) return Kernel(SYS_sendto, fd, data, size, flags, nullptr, 0);
  const Fate fate = calls->Decide(SystemCall::kSend);
  if (fate.error != 0) return Fail(fate.error);
  const auto* const begin = static_cast<const char*>(data);
  const std::vector<char> bytes(begin, begin + std::min(size, fate.size_max));
  return Kernel(SYS_sendto, fd, bytes.data(), bytes.size(), flags, nullptr, 0);
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  WrappedCalls* const calls = WrappedCalls::current();
  if (calls == nullptr) return Kernel(SYS_sendmsg, fd, message, flags);
  const Fate fate = calls->Decide(SystemCall::kSend);
  if (fate.error != 0) return Fail(fate.error);
  std::vector<char> bytes;
  for (size_t i = 0; i < message->msg_iovlen; ++i) {
    const iovec& span = message->msg_iov[i];
    const auto* const begin = static_cast<const char*>(span.iov_base);
    bytes.insert(bytes.end(), begin, begin + span.iov_len);
  }
  return Kernel(SYS_sendto, fd, bytes.data(), std::min(bytes.size(), fate.size_max), flags, nullptr,
                0);
}

int accept4(int fd, sockaddr* address, socklen_t* address_size, int flags) {
  WrappedCalls* const calls = WrappedCalls::current();
  const Fate fate = calls == nullptr ? Fate() : calls->Decide(SystemCall::kAccept);
  if (fate.error != 0) return Fail(fate.error);
  return static_cast<int>(Kernel(SYS_accept4, fd, address, address_size, flags));
}

int epoll_ctl(int fd, int operation, int of, epoll_event* event) {
  WrappedCalls* const calls = WrappedCalls::current();
  const bool decides = calls != nullptr && operation == EPOLL_CTL_ADD;
  const Fate fate = decides ? calls->Decide(SystemCall::kWatch) : Fate();
  if (fate.error != 0) return Fail(fate.error);
  return static_cast<int>(Kernel(SYS_epoll_ctl, fd, operation, of, event));
}

int epoll_wait(int fd, epoll_event* events, int events_max, int timeout_ms) {
  WrappedCalls* const calls = WrappedCalls::current();
  if (calls == nullptr) {
    return static_cast<int>(
        Kernel(SYS_epoll_pwait, fd, events, events_max, timeout_ms, nullptr, size_t{8}));
  }
  calls->OnWait();
  const Fate fate = calls->Decide(SystemCall::kWait);
  if (fate.error != 0) return Fail(fate.error);
  const auto wanted = std::min<size_t>(static_cast<size_t>(events_max), fate.size_max);
  const auto count = static_cast<int>(
      Kernel(SYS_epoll_pwait, fd, events, static_cast<int>(wanted), 0, nullptr, size_t{8}));
  for (int i = 0; i < count && fate.hangs_up; ++i) {
    if (events[i].data.ptr != nullptr) events[i].events |= EPOLLHUP;
  }
  if (count == 0 && timeout_ms != 0) calls->OnRest(std::chrono::milliseconds(timeout_ms));
  return count;
}

int close(int fd) { return static_cast<int>(Kernel(SYS_close, fd)); }

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  WrappedCalls* const calls = WrappedCalls::current();
  if (calls == nullptr || clock != CLOCK_MONOTONIC) {
    return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  }
  const auto now = std::chrono::nanoseconds(calls->Look()).count();
  *time = {.tv_sec = now / 1'000'000'000, .tv_nsec = now % 1'000'000'000};
  return 0;
}

}  // extern "C"

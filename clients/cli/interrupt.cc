#include "clients/cli/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "base/check.h"

namespace esockets::cli {

Interrupt::Interrupt() : signals_(-1), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  ESOCKETS_CHECK(signals_ >= 0 && wake_ >= 0);
}

Interrupt::~Interrupt() {
  ::close(signals_);
  ::close(wake_);
}

Interrupt::Cause Interrupt::WaitFor(base::Duration timeout) {
  using Millis = std::chrono::milliseconds;
  constexpr Millis kLongest = std::chrono::hours(24);
  return Poll(static_cast<int>(
      std::clamp(std::chrono::ceil<Millis>(timeout), Millis(0), kLongest).count()));
}

Interrupt::Cause Interrupt::Wait() { return Poll(-1); }

bool Interrupt::interrupted() {
  if (!interrupted_) {
    pollfd signal{signals_, POLLIN, 0};
    interrupted_ = ::poll(&signal, 1, 0) > 0;
  }
  return interrupted_;
}

Interrupt::Cause Interrupt::Poll(int timeout_millis) {
  if (interrupted()) return Cause::kSignal;
  pollfd events[] = {{signals_, POLLIN, 0}, {wake_, POLLIN, 0}};
  if (::poll(events, 2, timeout_millis) <= 0) return Cause::kTimeout;
  if (interrupted()) return Cause::kSignal;
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t read = ::read(wake_, &count, sizeof count);
  return Cause::kWoken;
}

bool Interrupt::AwaitReadable(int fd) {
  pollfd events[] = {{signals_, POLLIN, 0}, {fd, POLLIN, 0}};
  ::poll(events, 2, -1);
  return !interrupted();
}

void Interrupt::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
}

}  // namespace esockets::cli

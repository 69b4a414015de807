#include "tests/soak/poller.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"

namespace esockets::soak {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) { ESOCKETS_CHECK(epoll_); }

void Poller::Control(bool is_new, int fd, Watched* watched, uint32_t events) {
  epoll_event event = {.events = events, .data = {.ptr = watched}};
  const int operation = is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  ESOCKETS_CHECK(::epoll_ctl(epoll_.get(), operation, fd, &event) == 0);
}

void Poller::After(Clock::duration time, std::function<void()> task) {
  tasks_.push({.due = Clock::now() + time, .number = ++last_number_, .run = std::move(task)});
}

void Poller::Turn(Clock::duration wait_max) {
  if (!tasks_.empty()) wait_max = std::min(wait_max, tasks_.top().due - Clock::now());
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(wait_max);
  std::array<epoll_event, 512> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(std::max<int64_t>(wait.count(), 0)));
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    static_cast<Watched*>(event.data.ptr)->OnReady(event.events);
  }
  RunDue();
  buried_.clear();
}

// What is added meanwhile waits for the next turn: it may always be due at once.
void Poller::RunDue() {
  const Clock::time_point now = Clock::now();
  const uint64_t last_number = last_number_;
  while (!tasks_.empty() && tasks_.top().due <= now && tasks_.top().number <= last_number) {
    const std::function<void()> run = tasks_.top().run;
    tasks_.pop();
    run();
  }
}

bool Poller::TurnUntil(const std::function<bool()>& happened, Clock::duration patience) {
  const Clock::time_point end = Clock::now() + patience;
  while (!happened()) {
    if (Clock::now() >= end) return false;
    Turn(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace esockets::soak

#include "server/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace esockets::server {

namespace {

// Of one wait, whatever the options say: milliseconds of an int.
constexpr base::Duration kBlockTimeMax = std::chrono::hours(24);

}  // namespace

using base::Task;
using base::TimePoint;

EventLoop::EventLoop(EventLoopOptions options)
    : options_(options),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      thread_(CurrentThread()) {
  ESOCKETS_CHECK(epoll_ && wake_);
  AssertOnLoop();
  turn_time_ = clock_.Now();
  recv_scratch_ = std::make_unique<char[]>(kTailInScratchBytesMax + options_.recv_buffer_bytes);
  ESOCKETS_CHECK(Watch(wake_.get(), EPOLLIN, nullptr));
}

EventLoop::~EventLoop() {
  thread_ = CurrentThread();
  AssertOnLoop();
  // What a task or a dying object releases may post, delete or time something again.
  for (bool more = true; more;) {
    std::vector<Task> gone = std::exchange(turn_end_, {});
    {
      const std::lock_guard lock(mutex_);
      std::move(posted_.begin(), posted_.end(), std::back_inserter(gone));
      posted_.clear();
    }
    more = !gone.empty() || !dying_.empty() || timers_.size() > 0 || !low_priority_.empty();
    gone.clear();
    low_priority_.Clear();
    timers_.Clear();
    Destroy();
  }
}

const void* EventLoop::CurrentThread() {
  static thread_local char marker;
  return &marker;
}

void EventLoop::Run() {
  thread_ = CurrentThread();
  AssertOnLoop();
  while (!stopped_.load(std::memory_order_relaxed)) Turn();
  // Connections that ended in the last flush are told of it.
  RunTurnEnd();
  Destroy();
}

void EventLoop::Stop() {
  stopped_ = true;
  Wake();
}

void EventLoop::Turn() {
  const bool had_events = HandleEvents(WaitMillis());
  RunPosted();
  timers_.RunDue(turn_time_);
  RunTurnEnd();
  if (flush_list_.FlushSlice(clock_, kFlushSlice)) metrics_.slices_unfinished.Add();
  stalled_list_.CopyOutWhereDue(turn_time_, arena_.bytes_in_use());
  Destroy();
  low_priority_.RunSome(clock_, clock_.Now() - turn_time_, !had_events && flush_list_.empty());
  const base::TimePoint ended = clock_.Now();
  turn_ended_.store(ended, std::memory_order_relaxed);
  metrics_.turns.Add();
  metrics_.turn_us.Record(base::Micros(ended - turn_time_));
  metrics_.arena_bytes.Set(arena_.bytes_in_use());
}

// A turn of some time ago says nothing any more.
base::Duration EventLoop::LagAt(base::TimePoint now) const {
  const base::TimePoint began = turn_began_.load(std::memory_order_relaxed);
  const base::TimePoint ended = turn_ended_.load(std::memory_order_relaxed);
  if (ended < began) return std::max(now - began, base::Duration::zero());
  return now - ended < ended - began ? ended - began : base::Duration::zero();
}

int EventLoop::WaitMillis() {
  if (!flush_list_.empty() || !turn_end_.empty() || !low_priority_.empty()) return 0;
  base::Duration wait = std::min<base::Duration>(options_.block_time_max, kBlockTimeMax);
  if (const auto deadline = timers_.next_deadline()) {
    const TimePoint now = clock_.Now();
    wait = *deadline <= now ? base::Duration::zero() : std::min(wait, *deadline - now);
  }
  if (!stalled_list_.empty()) wait = std::min(wait, kChunkAgeMax);
  // Rounded up: waking before the deadline would only mean to wait again.
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

bool EventLoop::HandleEvents(int wait_millis) {
  std::array<epoll_event, kEventsPerTurnMax> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsPerTurnMax, wait_millis);
  turn_time_ = clock_.Now();
  turn_began_.store(turn_time_, std::memory_order_relaxed);
  arena_.BeginTurn(turn_time_);
  for (int i = 0; i < count; ++i) {
    auto* handler = static_cast<EventHandler*>(events[static_cast<size_t>(i)].data.ptr);
    if (handler == nullptr) {
      ClearWake();
    } else {
      handler->OnEvents(events[static_cast<size_t>(i)].events);
    }
  }
  metrics_.events.Add(static_cast<uint64_t>(std::max(count, 0)));
  return count > 0;
}

void EventLoop::RunPosted() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(posted_);
    woken_ = false;
  }
  for (Task& task : running_) task();
  metrics_.posts.Add(running_.size());
  running_.clear();
}

void EventLoop::RunTurnEnd() {
  // A task may add another one: the list grows while it is read.
  for (size_t i = 0; i < turn_end_.size(); ++i) {
    Task task = std::move(turn_end_[i]);
    task();
  }
  turn_end_.clear();
}

void EventLoop::Destroy() {
  while (!dying_.empty()) {
    std::vector<std::shared_ptr<void>> dying;
    dying.swap(dying_);
  }
}

void EventLoop::Post(Task task) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
    wake = !std::exchange(woken_, true);
  }
  if (wake) Wake();
}

void EventLoop::Wake() {
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is awake.
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void EventLoop::ClearWake() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t read = ::read(wake_.get(), &count, sizeof count);
}

base::TimerId EventLoop::RunAt(TimePoint deadline, Task task) {
  return timers_.Add(deadline, std::move(task));
}

void EventLoop::Cancel(base::TimerId timer) { timers_.Cancel(timer); }

void EventLoop::AtTurnEnd(Task task) { turn_end_.push_back(std::move(task)); }

void EventLoop::DeleteLater(std::shared_ptr<void> object) { dying_.push_back(std::move(object)); }

void EventLoop::AssertOnLoop() const { ESOCKETS_CHECK(IsOnLoop()); }

bool EventLoop::Watch(int fd, uint32_t events, EventHandler* handler) {
  epoll_event event{.events = events, .data = {.ptr = handler}};
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void EventLoop::Rewatch(int fd, uint32_t events, EventHandler* handler) {
  epoll_event event{.events = events, .data = {.ptr = handler}};
  ESOCKETS_CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void EventLoop::Unwatch(int fd) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

}  // namespace esockets::server

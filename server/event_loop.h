// One thread's loop around epoll: sockets, timers, tasks from other threads, and the flush at the
// end of each turn.
//
// A turn: epoll_wait, handle what is readable and writable, run posted tasks and due timers, run
// the turn's end tasks, flush one slice, let go of what died, and run tasks of low priority. While
// something is left to do, the next epoll_wait does not wait.
#ifndef SERVER_EVENT_LOOP_H_
#define SERVER_EVENT_LOOP_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/histogram.h"
#include "base/metrics.h"
#include "base/on_loop.h"
#include "server/event_handler.h"
#include "server/flush_list.h"
#include "server/frame_arena.h"
#include "server/limits.h"
#include "server/low_priority_tasks.h"
#include "server/send_pool.h"
#include "server/socket_api.h"
#include "server/stalled_list.h"
#include "server/timer_queue.h"
#include "server/unique_fd.h"

namespace esockets::server {

struct EventLoopOptions {
  int index = 0;                                             // among its siblings
  base::Duration block_time_max = std::chrono::seconds(10);  // upper bound of one wait
  size_t recv_buffer_bytes = kRecvBufferBytes;
  SocketApi* socket_api = &SocketApi::System();
};

// What a loop did, for administration. Thread: any may read.
struct EventLoopMetrics {
  base::Counter turns;
  base::Counter events;
  base::Counter posts;
  base::Counter slices_unfinished;  // flush slices that left something for the next one
  base::Counter arena_bytes;
  base::Histogram turn_us;    // how long a turn took: whatever came at its beginning waited for it
  base::Counter connections;  // now
  base::Counter connections_total;
  base::Counter received_bytes_total;  // of all its connections
  base::Counter sent_bytes_total;
  base::Counter tls_handshakes_total;   // done
  base::Counter tls_resumptions_total;  // of these, with a session of before
  base::Counter tls_failures_total;
};

class EventLoop final : public base::Executor {
 public:
  explicit EventLoop(EventLoopOptions options);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  // REQUIRES: Run has returned, or was never called.
  ~EventLoop() override;

  // Turns until Stop; the calling thread is the loop's from here on.
  void Run();
  // Ends Run after the turn under way. Thread: any.
  void Stop();

  // --- base::Executor
  void Post(base::Task task) override;
  base::TimerId RunAt(base::TimePoint deadline, base::Task task) override ESOCKETS_ON_LOOP;
  void Cancel(base::TimerId timer) override ESOCKETS_ON_LOOP;
  void AtTurnEnd(base::Task task) override ESOCKETS_ON_LOOP;
  void DeleteLater(std::shared_ptr<void> object) override ESOCKETS_ON_LOOP;
  void AssertOnLoop() const override ESOCKETS_ASSERTS_ON_LOOP;
  base::TimePoint TurnTime() const override ESOCKETS_ON_LOOP { return turn_time_; }
  const base::Clock& clock() const override { return clock_; }

  // How long whatever comes now waits: the length of the turn under way, or of one that has just
  // ended. Thread: any.
  base::Duration LagAt(base::TimePoint now) const;

  // Is the caller on this loop? Thread: any. True before Run for the thread that made it.
  bool IsOnLoop() const { return thread_.load(std::memory_order_relaxed) == CurrentThread(); }

  // Level-triggered; `handler` hears of `events` until Unwatch. False: the kernel refused.
  bool Watch(int fd, uint32_t events, EventHandler* handler) ESOCKETS_ON_LOOP;
  void Rewatch(int fd, uint32_t events, EventHandler* handler) ESOCKETS_ON_LOOP;
  // REQUIRES: the handler lives until the end of the turn (DeleteLater).
  void Unwatch(int fd) ESOCKETS_ON_LOOP;

  FrameArena& arena() ESOCKETS_ON_LOOP { return arena_; }
  SendPool& send_pool() ESOCKETS_ON_LOOP { return send_pool_; }
  FlushList& flush_list() ESOCKETS_ON_LOOP { return flush_list_; }
  StalledList& stalled_list() ESOCKETS_ON_LOOP { return stalled_list_; }
  // What takes long and is worth waiting for nobody who is connected.
  LowPriorityTasks& low_priority() ESOCKETS_ON_LOOP { return low_priority_; }
  // Room for one recv behind kTailInScratchBytesMax bytes of unfinished input.
  char* recv_scratch() ESOCKETS_ON_LOOP { return recv_scratch_.get(); }

  SocketApi& socket_api() const { return *options_.socket_api; }
  size_t recv_buffer_bytes() const { return options_.recv_buffer_bytes; }
  int index() const { return options_.index; }
  // Thread: any may read.
  const base::Histogram& flush_waits_us() const ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return flush_list_.waits_us();
  }
  EventLoopMetrics& metrics() { return metrics_; }
  const EventLoopMetrics& metrics() const { return metrics_; }

 private:
  static const void* CurrentThread();

  void Turn() ESOCKETS_ON_LOOP;
  int WaitMillis() ESOCKETS_ON_LOOP;
  bool HandleEvents(int wait_millis) ESOCKETS_ON_LOOP;  // false: there were none
  void RunPosted() ESOCKETS_ON_LOOP;
  void RunTurnEnd() ESOCKETS_ON_LOOP;
  void Destroy() ESOCKETS_ON_LOOP;
  void Wake();
  void ClearWake();

  // Constant after construction.
  const EventLoopOptions options_;
  const base::SystemClock clock_;
  UniqueFd epoll_;
  UniqueFd wake_;

  // Any thread.
  std::atomic<const void*> thread_;
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::vector<base::Task> posted_;  // guarded by mutex_
  bool woken_ = false;              // guarded by mutex_: the wake-up of posted_ is under way
  EventLoopMetrics metrics_;
  std::atomic<base::TimePoint> turn_began_{};  // of the turn under way, or the last one
  std::atomic<base::TimePoint>
      turn_ended_{};  // of the last one: before it began, if it is under way

  // The loop alone.
  base::TimePoint turn_time_ ESOCKETS_GUARDED_BY_LOOP;
  TimerQueue timers_ ESOCKETS_GUARDED_BY_LOOP;
  std::vector<base::Task> running_ ESOCKETS_GUARDED_BY_LOOP;
  std::vector<base::Task> turn_end_ ESOCKETS_GUARDED_BY_LOOP;
  FrameArena arena_ ESOCKETS_GUARDED_BY_LOOP;
  SendPool send_pool_ ESOCKETS_GUARDED_BY_LOOP;
  FlushList flush_list_ ESOCKETS_GUARDED_BY_LOOP;
  StalledList stalled_list_ ESOCKETS_GUARDED_BY_LOOP;
  LowPriorityTasks low_priority_ ESOCKETS_GUARDED_BY_LOOP;
  std::unique_ptr<char[]> recv_scratch_ ESOCKETS_GUARDED_BY_LOOP;
  std::vector<std::shared_ptr<void>> dying_ ESOCKETS_GUARDED_BY_LOOP;
};

}  // namespace esockets::server

#endif  // SERVER_EVENT_LOOP_H_

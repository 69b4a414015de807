// The soak's thread: sockets that are ready, and times that have come.
#ifndef TESTS_SOAK_POLLER_H_
#define TESTS_SOAK_POLLER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <vector>

#include "server/unique_fd.h"

namespace esockets::soak {

using Clock = std::chrono::steady_clock;

class Watched {
 public:
  Watched() = default;
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  virtual ~Watched() = default;
  // Epoll's events. May be called once more after its descriptor was closed.
  virtual void OnReady(uint32_t events) = 0;
};

class Poller {
 public:
  Poller();

  void Watch(int fd, Watched* watched, uint32_t events) { Control(true, fd, watched, events); }
  void Change(int fd, Watched* watched, uint32_t events) { Control(false, fd, watched, events); }
  // Destroys it at the end of the turn, when nobody calls it any more.
  void Bury(std::unique_ptr<Watched> watched) { buried_.push_back(std::move(watched)); }

  void After(Clock::duration time, std::function<void()> task);
  // Those who would be called are gone.
  void ForgetTasks() { tasks_ = {}; }

  // Waits for events, at most so long, and handles them and what is due.
  void Turn(Clock::duration wait_max);
  // Turns until it is true; false: it was not within `patience`.
  bool TurnUntil(const std::function<bool()>& happened, Clock::duration patience);

 private:
  struct Task {
    Clock::time_point due;
    uint64_t number;  // of those that are due at once, the first one first
    std::function<void()> run;
    bool operator<(const Task& other) const {
      return due != other.due ? due > other.due : number > other.number;
    }
  };

  void Control(bool is_new, int fd, Watched* watched, uint32_t events);
  void RunDue();

  const server::UniqueFd epoll_;
  std::priority_queue<Task> tasks_;
  uint64_t last_number_ = 0;
  std::vector<std::unique_ptr<Watched>> buried_;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_POLLER_H_

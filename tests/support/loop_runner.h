// An event loop on a thread of its own.
#ifndef TESTS_SUPPORT_LOOP_RUNNER_H_
#define TESTS_SUPPORT_LOOP_RUNNER_H_

#include <functional>
#include <future>
#include <thread>

#include "server/event_loop.h"

namespace esockets::tests {

class LoopRunner {
 public:
  explicit LoopRunner(server::EventLoopOptions options = {})
      : loop_(options), thread_([this] { loop_.Run(); }) {}
  ~LoopRunner() { Stop(); }

  // Ends the thread; what is still on the loop dies with it.
  void Stop() {
    if (!thread_.joinable()) return;
    loop_.Stop();
    thread_.join();
  }

  server::EventLoop& loop() { return loop_; }

  // Runs `work` on the loop and waits for it.
  void Do(const std::function<void()>& work) {
    std::promise<void> done;
    const std::future<void> is_done = done.get_future();
    loop_.Post([&work, done = std::move(done)]() mutable {
      work();
      done.set_value();
    });
    is_done.wait();
  }

  // Returns when a whole turn has passed: what was ready before it has been handled and flushed.
  void Turn() {
    Do([] {});
    Do([] {});
  }

 private:
  server::EventLoop loop_;
  std::thread thread_;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_LOOP_RUNNER_H_

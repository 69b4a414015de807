// A loop without epoll and without time: turns and the clock move when the test says so.
#ifndef TESTS_SUPPORT_SIM_EXECUTOR_H_
#define TESTS_SUPPORT_SIM_EXECUTOR_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/on_loop.h"

namespace esockets::tests {

class SimClock final : public base::Clock {
 public:
  base::TimePoint Now() const override { return now_; }
  int64_t WallMicros() const override {
    return kStartMicros +
           std::chrono::duration_cast<std::chrono::microseconds>(now_.time_since_epoch()).count();
  }
  void Advance(base::Duration by) { now_ += by; }

 private:
  static constexpr int64_t kStartMicros = 1'700'000'000'000'000;
  base::TimePoint now_{std::chrono::hours(1)};
};

// A turn goes as in server/event_loop: input, posted tasks, due timers, the turn's end tasks, the
// flush, and last the destruction of what died. Thread: one.
class SimExecutor final : public base::Executor {
 public:
  SimExecutor() = default;
  SimExecutor(const SimExecutor&) = delete;
  SimExecutor& operator=(const SimExecutor&) = delete;
  ~SimExecutor() override;

  // A turn that lasts until EndTurn: what the test does meanwhile is the turn's input.
  // REQUIRES: no turn is under way.
  void BeginTurn() ESOCKETS_ASSERTS_ON_LOOP;
  void EndTurn();
  void NextTurn() ESOCKETS_ASSERTS_ON_LOOP {
    EndTurn();
    BeginTurn();
  }

  // Whole turns, until the time is `by` later; one for each moment at which a timer is due.
  // REQUIRES: no turn is under way.
  void Advance(base::Duration by);
  // The loop is busy elsewhere, or the machine was: time passes without a turn. REQUIRES: no turn
  // is under way.
  void PassWithoutTurn(base::Duration by) { clock_.Advance(by); }
  // Turns until nothing is posted or waits for the end of a turn.
  void RunUntilIdle();

  // What sockets do at the end of each turn.
  void set_flush(std::function<void()> flush) { flush_ = std::move(flush); }

  bool in_turn() const { return in_turn_; }
  size_t timers() const { return timers_.size(); }
  uint64_t turns() const { return turns_; }

  // --- base::Executor
  void Post(base::Task task) override { posted_.push_back(std::move(task)); }
  base::TimerId RunAt(base::TimePoint deadline, base::Task task) override ESOCKETS_ON_LOOP;
  void Cancel(base::TimerId timer) override ESOCKETS_ON_LOOP;
  void AtTurnEnd(base::Task task) override ESOCKETS_ON_LOOP;
  void DeleteLater(std::shared_ptr<void> object) override ESOCKETS_ON_LOOP;
  void AssertOnLoop() const override ESOCKETS_ASSERTS_ON_LOOP;
  base::TimePoint TurnTime() const override ESOCKETS_ON_LOOP { return turn_time_; }
  const base::Clock& clock() const override { return clock_; }

 private:
  void RunPosted();
  void RunDue();
  void RunTurnEnd();

  SimClock clock_;
  base::TimePoint turn_time_ = clock_.Now();
  bool in_turn_ = false;
  uint64_t turns_ = 0;
  uint64_t next_timer_ = 1;
  std::function<void()> flush_ = [] {};
  std::vector<base::Task> posted_;
  std::map<std::pair<base::TimePoint, uint64_t>, base::Task> timers_;
  std::vector<base::Task> turn_end_;
  std::vector<std::shared_ptr<void>> dying_;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_SIM_EXECUTOR_H_

#include "tests/support/sim_executor.h"

#include "base/check.h"

namespace esockets::tests {

SimExecutor::~SimExecutor() {
  in_turn_ = true;  // what dies may still ask where it is
  posted_.clear();
  timers_.clear();
  turn_end_.clear();
  dying_.clear();
}

void SimExecutor::BeginTurn() {
  ESOCKETS_CHECK(!in_turn_);
  in_turn_ = true;
  ++turns_;
  turn_time_ = clock_.Now();
}

void SimExecutor::EndTurn() {
  ESOCKETS_CHECK(in_turn_);
  RunPosted();
  RunDue();
  RunTurnEnd();
  flush_();
  while (!dying_.empty()) {
    std::vector<std::shared_ptr<void>> dying;
    dying.swap(dying_);
  }
  in_turn_ = false;
}

void SimExecutor::RunPosted() {
  std::vector<base::Task> running;
  running.swap(posted_);
  for (base::Task& task : running) task();
}

// A timer that is added meanwhile waits for a later turn, even one for the past.
void SimExecutor::RunDue() {
  const std::pair<base::TimePoint, uint64_t> limit{turn_time_, next_timer_};
  while (!timers_.empty() && timers_.begin()->first < limit) {
    base::Task task = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    task();
  }
}

void SimExecutor::RunTurnEnd() {
  for (size_t i = 0; i < turn_end_.size(); ++i) {
    base::Task task = std::move(turn_end_[i]);
    task();
  }
  turn_end_.clear();
}

void SimExecutor::Advance(base::Duration by) {
  const base::TimePoint until = clock_.Now() + by;
  while (!timers_.empty() && timers_.begin()->first.first <= until) {
    const base::TimePoint due = timers_.begin()->first.first;
    if (due > clock_.Now()) clock_.Advance(due - clock_.Now());
    BeginTurn();
    EndTurn();
  }
  clock_.Advance(until - clock_.Now());
  RunUntilIdle();
}

void SimExecutor::RunUntilIdle() {
  do {
    BeginTurn();
    EndTurn();
  } while (!posted_.empty() || !turn_end_.empty() || !dying_.empty());
}

base::TimerId SimExecutor::RunAt(base::TimePoint deadline, base::Task task) {
  AssertOnLoop();
  const uint64_t sequence = next_timer_++;
  timers_.emplace(std::pair(deadline, sequence), std::move(task));
  return {deadline, sequence};
}

void SimExecutor::Cancel(base::TimerId timer) {
  AssertOnLoop();
  timers_.erase({timer.deadline, timer.sequence});
}

void SimExecutor::AtTurnEnd(base::Task task) {
  AssertOnLoop();
  turn_end_.push_back(std::move(task));
}

void SimExecutor::DeleteLater(std::shared_ptr<void> object) {
  AssertOnLoop();
  dying_.push_back(std::move(object));
}

void SimExecutor::AssertOnLoop() const { ESOCKETS_CHECK(in_turn_); }

}  // namespace esockets::tests

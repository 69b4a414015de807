#include "server/low_priority_tasks.h"

#include <algorithm>
#include <utility>

#include "server/limits.h"

namespace esockets::server {

void LowPriorityTasks::RunSome(const base::Clock& clock, base::Duration work, bool idle) {
  if (tasks_.empty()) {
    credit_ = base::Duration::zero();
    return;
  }
  credit_ = std::min<base::Duration>(credit_ + work / kLowPriorityDivisor, kLowPrioritySlice);
  if (!idle && credit_ <= base::Duration::zero()) return;
  const base::Duration allowed = idle ? base::Duration(kLowPrioritySlice) : credit_;
  const base::TimePoint begin = clock.Now();
  base::Duration spent{};
  do {
    base::Task task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
    spent = clock.Now() - begin;
  } while (!tasks_.empty() && spent < allowed);
  credit_ = idle ? base::Duration::zero() : credit_ - spent;
}

}  // namespace esockets::server

#include "bench/load/window.h"

#include <algorithm>

namespace esockets::load {

Window Window::OfSlowest(uint64_t messages_max, size_t receivers) {
  return {messages_max, std::max<uint64_t>(1, messages_max / 4), receivers, false};
}

Window Window::OfSum(uint64_t messages_max, size_t deliveries) {
  return {messages_max, std::max<uint64_t>(1, messages_max / 4), deliveries, true};
}

Window::Window(uint64_t messages_max, uint64_t step, size_t receivers, bool of_sum)
    : messages_max_(messages_max),
      step_(step),
      receivers_(receivers),
      of_sum_(of_sum),
      passers_(messages_max / step + 2) {}

bool Window::empty() const { return sum_ == sent_ * receivers_; }

void Window::Received(uint64_t before, uint64_t after) {
  sum_ += after - before;
  if (of_sum_) {
    passed_ = sum_ / receivers_ / step_ * step_;
    return;
  }
  for (uint64_t step = before / step_ + 1; step <= after / step_; ++step) {
    if (++passers_[step % passers_.size()] < receivers_) continue;
    passers_[step % passers_.size()] = 0;
    passed_ = step * step_;
  }
}

}  // namespace esockets::load

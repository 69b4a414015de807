#include "clients/cpp/loop_link.h"

#include <memory>
#include <utility>

#include "clients/cpp/completion.h"

namespace esockets::client {

void LoopLink::Post(base::Task task) {
  const std::lock_guard lock(mutex_);
  if (loop_ != nullptr) loop_->Post(std::move(task));
}

void LoopLink::PostAndWait(base::Task task) {
  const auto done = std::make_shared<Completion<bool>>();
  bool on_loop = false;
  {
    const std::lock_guard lock(mutex_);
    if (loop_ == nullptr) return;
    on_loop = loop_->IsOnLoop();
    loop_->Post(
        [task = std::move(task), at_end = CompleteAtEnd<bool>(done, true)]() mutable { task(); });
  }
  if (!on_loop) done->Wait().IgnoreError();
}

void LoopLink::Detach() {
  const std::lock_guard lock(mutex_);
  loop_ = nullptr;
}

}  // namespace esockets::client

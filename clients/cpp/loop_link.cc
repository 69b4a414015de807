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

ClientOptions TokensToldOnLoop(std::shared_ptr<LoopLink> link, ClientOptions options) {
  if (!options.token_source) return options;
  options.token_source = [link = std::move(link),
                          source = std::move(options.token_source)](const TellToken& tell) {
    source([link, tell](absl::StatusOr<std::string> token) {
      link->Post([tell, token = std::move(token)] { tell(token); });
    });
  };
  return options;
}

}  // namespace esockets::client

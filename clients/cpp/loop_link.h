// A way to a client's loop that outlives the client: a subscription may be let go of after it.
#ifndef CLIENTS_CPP_LOOP_LINK_H_
#define CLIENTS_CPP_LOOP_LINK_H_

#include <memory>
#include <mutex>

#include "base/executor.h"
#include "clients/cpp/options.h"
#include "server/event_loop.h"

namespace esockets::client {

// Thread: any. Held as a shared_ptr.
class LoopLink {
 public:
  explicit LoopLink(server::EventLoop* loop) : loop_(loop) {}

  // Executor::Post; the task is dropped when the loop is gone.
  void Post(base::Task task);

  // Runs `task` on the loop and returns when it has run or was dropped; called on the loop, it only
  // posts.
  void PostAndWait(base::Task task);

  // From here on nothing is posted.
  void Detach();

 private:
  std::mutex mutex_;
  server::EventLoop* loop_;  // guarded by mutex_
};

// The same, but that tokens of its source, if it has one, are told on the loop, in a later turn,
// and to nobody when it is gone.
ClientOptions TokensToldOnLoop(std::shared_ptr<LoopLink> link, ClientOptions options);

}  // namespace esockets::client

#endif  // CLIENTS_CPP_LOOP_LINK_H_

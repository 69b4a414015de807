// The context that new connections of a listener get: another one takes its place while it listens,
// and those that are connected keep theirs.
#ifndef SERVER_TLS_LIVE_CONTEXT_H_
#define SERVER_TLS_LIVE_CONTEXT_H_

#include <memory>
#include <mutex>
#include <utility>

#include "server/tls/server_context.h"

namespace esockets::tls {

// Thread: any.
class LiveContext {
 public:
  explicit LiveContext(std::shared_ptr<const ServerContext> context)
      : context_(std::move(context)) {}

  std::shared_ptr<const ServerContext> Get() const {
    const std::lock_guard lock(mutex_);
    return context_;
  }
  void Replace(std::shared_ptr<const ServerContext> context) {
    const std::lock_guard lock(mutex_);
    context_.swap(context);  // the old one dies after the lock
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const ServerContext> context_;  // guarded by mutex_
};

}  // namespace esockets::tls

#endif  // SERVER_TLS_LIVE_CONTEXT_H_

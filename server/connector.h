// Makes one outgoing connection without waiting for it.
#ifndef SERVER_CONNECTOR_H_
#define SERVER_CONNECTOR_H_

#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "base/ref_counted.h"
#include "server/connection.h"
#include "server/connection_settings.h"
#include "server/event_loop.h"
#include "server/socket_address.h"
#include "server/sockets.h"
#include "server/unique_fd.h"

namespace esockets::server {

// Thread: the loop. Keeps itself alive until it has told the outcome or was cancelled.
class Connector final : public std::enable_shared_from_this<Connector>, private EventHandler {
 public:
  struct Options {
    EventLoop* loop;
    SocketAddress address;
    SocketTuning tuning{};
    base::Duration timeout = std::chrono::seconds(10);
    uint64_t connection_id = 1;
    const ConnectionSettings* settings;  // outlives the connection
  };

  // A connection that was not started yet. Errors: kUnavailable with address and reason;
  // kDeadlineExceeded.
  using Done = absl::AnyInvocable<void(absl::StatusOr<base::RefPtr<Connection>>)>;

  // `done` is called once, in a later turn, unless Cancel comes before.
  static std::shared_ptr<Connector> Start(Options options, Done done) ESOCKETS_ON_LOOP;

  // The same for an address that is not known: `why` is the outcome.
  static std::shared_ptr<Connector> Fail(EventLoop* loop, absl::Status why,
                                         Done done) ESOCKETS_ON_LOOP;

  explicit Connector(Options options);
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  // `done` will not be called any more. No effect afterwards.
  void Cancel() ESOCKETS_ON_LOOP;

 private:
  void Begin(Done done) ESOCKETS_ON_LOOP;
  void FinishLater(absl::Status status) ESOCKETS_ON_LOOP;
  void OnEvents(uint32_t events) override ESOCKETS_ON_LOOP;
  void Finish(absl::Status status) ESOCKETS_ON_LOOP;
  void Release() ESOCKETS_ON_LOOP;

  const Options options_;
  EventLoop& loop_;

  Done done_ ESOCKETS_GUARDED_BY_LOOP;  // null: finished
  UniqueFd fd_ ESOCKETS_GUARDED_BY_LOOP;
  bool watched_ ESOCKETS_GUARDED_BY_LOOP = false;
  base::TimerId timer_ ESOCKETS_GUARDED_BY_LOOP;
};

}  // namespace esockets::server

#endif  // SERVER_CONNECTOR_H_

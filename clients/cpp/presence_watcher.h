// Follows who is on a topic: reads the roster, page after page, takes the updates, and reads again
// when something was missed or the connection is a new one. Thread: the loop.
#ifndef CLIENTS_CPP_PRESENCE_WATCHER_H_
#define CLIENTS_CPP_PRESENCE_WATCHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "clients/cpp/filter_entry.h"
#include "clients/cpp/message.h"
#include "clients/cpp/presence.h"
#include "clients/cpp/presence_book.h"

namespace esockets::client {

// Held as a shared_ptr by the subscription to "$presence/TOPIC".
class PresenceWatcher final : public Subscriber,
                              public std::enable_shared_from_this<PresenceWatcher> {
 public:
  using Answer = std::function<void(const absl::StatusOr<std::string>& payload)>;
  // Asks the broker with this payload, and answers on the loop; or never, when the client ends.
  using Ask = std::function<void(const std::string& payload, Answer answer)>;

  // REQUIRES: the loop outlives the watcher's last answer and timer.
  PresenceWatcher(base::Executor* loop, Ask ask, PresenceCallback callback)
      : loop_(*loop), ask_(std::move(ask)), callback_(std::move(callback)) {}

  // The broker has confirmed the subscription, on whatever connection.
  void OnSubscribed() ESOCKETS_ON_LOOP;
  // Updates did not come.
  void OnGap() ESOCKETS_ON_LOOP;
  // Nothing is told any more.
  void Stop() ESOCKETS_ON_LOOP { over_ = true; }

  void OnMessage(const MessageView& message) override;
  void OnEnd(const absl::Status& reason) override;

 private:
  void ReadIfNeeded() ESOCKETS_ON_LOOP;
  void AskPage() ESOCKETS_ON_LOOP;
  void OnAnswer(uint64_t reading, const absl::StatusOr<std::string>& payload) ESOCKETS_ON_LOOP;
  void TryAgainLater() ESOCKETS_ON_LOOP;
  void Tell() ESOCKETS_ON_LOOP;
  void End(const absl::Status& reason) ESOCKETS_ON_LOOP;

  base::Executor& loop_;
  const Ask ask_;
  const PresenceCallback callback_;
  PresenceBook book_;
  uint64_t reading_ = 0;  // answers to older ones are not looked at
  bool asking_ = false;
  bool begun_ = false;  // before that nobody is told anything
  bool over_ = false;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_PRESENCE_WATCHER_H_

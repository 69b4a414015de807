// What a client tells its program besides messages.
#ifndef CLIENTS_CPP_EVENTS_H_
#define CLIENTS_CPP_EVENTS_H_

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "clients/cpp/message.h"
#include "clients/cpp/status.h"
#include "clients/cpp/stream_start.h"

namespace esockets::client {

enum class State {
  kConnecting,  // an attempt is under way
  // The broker has answered, and every filter is subscribed again: what is published from here on
  // reaches them. A filter that the broker refused is gone; on_error has said so.
  kConnected,
  kWaiting,  // for the next attempt
  kClosed,   // for good: Close, or an ending that is not retryable
};
std::string_view StateName(State state);

// Thread of all: the client's loop. Any may be empty. They must not wait for the client: those of
// its calls that wait return kFailedPrecondition here.
struct ClientEvents {
  // `reason` is OK unless a connection failed or ended.
  std::function<void(State state, const absl::Status& reason)> on_state_change{};
  // In order with the messages of the subscription.
  std::function<void(const Gap& gap)> on_gap{};
  // Of each topic that this filter matches, the last value has come, or a newer one: in order with
  // the messages. After a lost connection they come again.
  std::function<void(const std::string& filter)> on_snapshot_end{};
  // After a lost connection: a filter within a stream goes on behind this position, and nothing of
  // it was missed if it is `recovered`. Before the messages that follow, and before kConnected.
  std::function<void(const StreamStart& resumed)> on_resumed{};
  // The broker said why it ends the connection; on_state_change follows.
  std::function<void(const BrokerError& close)> on_close{};
  // The broker will end the connection soon. The client sends no more of its buffer until it has
  // come back, as told; answers and messages still come.
  std::function<void(const BrokerError& go_away)> on_go_away{};
  // A failure that no call is waiting for: of a plain Publish, or of a filter subscribed again.
  std::function<void(const absl::Status& error)> on_error{};
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_EVENTS_H_

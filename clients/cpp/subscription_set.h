// A client's subscriptions, as the program made them and as the broker confirmed them.
#ifndef CLIENTS_CPP_SUBSCRIPTION_SET_H_
#define CLIENTS_CPP_SUBSCRIPTION_SET_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/dispatcher.h"
#include "clients/cpp/message.h"
#include "clients/cpp/options.h"
#include "clients/cpp/outgoing_buffer.h"
#include "clients/cpp/stream_start.h"
#include "clients/cpp/subscription_name.h"

namespace esockets::client {

// What is asked while a connection stands goes into the outgoing buffer, behind what was published
// before. Thread: the loop.
class SubscriptionSet {
 public:
  using Done = std::function<void(const absl::StatusOr<Beginning>&)>;
  using OnError = std::function<void(const absl::Status&)>;
  using OnResumed = std::function<void(const StreamStart&)>;

  // REQUIRES: `outgoing` outlives it.
  explicit SubscriptionSet(OutgoingBuffer* outgoing) : outgoing_(*outgoing) {}

  // `done` is called once: confirmed, refused, or the client has ended. While there is no
  // connection it waits for one. kAlreadyExists: the client is in this group, with a filter that
  // has topics in common.
  void Add(std::string_view filter, const SubscribeOptions& options, Subscribed subscribed,
           Done done);

  // No message comes to it any more; it hears of its end. `done`, if still waiting, is forgotten.
  void Remove(const SubscriptionName& name, uint64_t subscriber_id);

  // A new connection: asks for every filter, in frames that are to be sent before all others.
  void OnUp(std::string* frames);
  // Is every one of these answered? The broker takes its time for each: it may answer what came
  // behind them first.
  bool is_up_again() const { return unanswered_ == 0; }
  // The connection is gone, and what was asked on it.
  void OnDown();

  // Answers; false when the id is no subscription's. A refusal nobody waits for goes to `on_error`;
  // how a filter goes on that was in a stream before, to `on_resumed`.
  bool OnSubscribed(uint64_t id, Beginning told, const OnResumed& on_resumed);
  bool OnRefused(uint64_t id, const absl::Status& error, const OnError& on_error);

  size_t Dispatch(const MessageView& message) { return dispatcher_.Dispatch(message); }

  // The client has ended.
  void End(const absl::Status& reason);

 private:
  struct Asked {
    SubscriptionName name;
    uint64_t subscriber_id;  // 0: for all that have this name
    bool rides = false;      // another answer says where it begins
    std::vector<SubscriptionName> riders{};
  };

  // A message of a group does not say which filter it came for: there must be no choice.
  bool IsTaken(const SubscriptionName& name);
  void ShareAround(const SubscriptionName& name);
  // What was asked by this request; empty: it is no subscription's.
  absl::flat_hash_map<uint64_t, Asked>::node_type TakeAsked(uint64_t id);
  void Resume(const SubscriptionName& name, const Beginning& told, const OnResumed& on_resumed);
  // True when somebody was waiting.
  bool Finish(uint64_t subscriber_id, const absl::StatusOr<Beginning>& outcome);

  OutgoingBuffer& outgoing_;
  bool up_ = false;
  size_t unanswered_ = 0;  // of what OnUp has asked
  Dispatcher dispatcher_;
  absl::flat_hash_map<uint64_t, Asked> asked_;   // by request id
  absl::flat_hash_map<uint64_t, Done> waiting_;  // by subscriber id
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_SUBSCRIPTION_SET_H_

// The last values for those who subscribe on this loop: from the homes of all that match, a page at
// a time, each as soon as the client takes it; nothing is queued for them. What is published
// meanwhile comes as to everybody, and a value that is replaced before it was read comes no more.
// Thread: the loop.
//
// Why none is missed, none comes twice, and none comes after a newer one: a home answers behind all
// that it had published before. Until it answers, a new subscription does not take its values as
// they are published, but reads them; from then on it takes all of them, and what is read ends
// there.
#ifndef BROKER_SNAPSHOT_READERS_H_
#define BROKER_SNAPSHOT_READERS_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/outbox.h"
#include "broker/parcel.h"
#include "broker/room_waiters.h"
#include "broker/router.h"
#include "broker/siblings.h"
#include "broker/streams.h"
#include "broker/subscription.h"
#include "broker/wire_form.h"
#include "proto/message_frame.h"

namespace esockets::broker {

class SnapshotReaders final : public SnapshotGate {
 public:
  // REQUIRES: all outlive this.
  SnapshotReaders(base::Executor* executor, Siblings* siblings, Router* router, Streams* streams,
                  WireForm* wire_form, const OutboxContext* context)
      : executor_(*executor),
        siblings_(*siblings),
        router_(*router),
        streams_(*streams),
        wire_form_(*wire_form),
        context_(*context) {}
  SnapshotReaders(const SnapshotReaders&) = delete;
  SnapshotReaders& operator=(const SnapshotReaders&) = delete;

  // If last values are kept of anything that it matches: the subscription is to get them, after the
  // answer to its request. `is_new`: it got nothing before.
  void Begin(Subscription* subscription, uint64_t request_id, bool is_new) ESOCKETS_ON_LOOP;

  // The request is being answered. Returns whether last values follow.
  bool OnSubscribed(const Outbox& outbox, uint64_t request_id) ESOCKETS_ON_LOOP;

  // The subscription goes.
  void Close(Subscription* subscription) ESOCKETS_ON_LOOP;

  // The client takes more.
  void OnRoom(const Outbox& outbox) ESOCKETS_ON_LOOP;

  bool Withholds(const Subscription& subscription,
                 const proto::MessageLabel& message) const override ESOCKETS_ON_LOOP;

  // Is it an answer to one of these?
  static bool IsTicket(uint64_t ticket) { return (ticket & kTicketBit) != 0; }
  void OnOpened(const StreamOpenedParcel& parcel) ESOCKETS_ON_LOOP;
  void OnPage(const StreamPageParcel& parcel) ESOCKETS_ON_LOOP;

  size_t size() const { return snapshots_.size(); }

 private:
  static constexpr uint64_t kTicketBit = uint64_t{1} << 63;

  // What a home publishes does not go to a new subscription until it has answered. Who subscribes
  // again meanwhile goes on getting it from those that had.
  enum class Home : uint8_t { kWithheld, kTaken, kAnswered };
  struct Part {
    uint32_t stream;
    uint64_t ticket;
    Home home = Home::kWithheld;
    uint64_t after = 0;
    uint64_t to = 0;  // positions
  };
  struct Snapshot {
    uint64_t request_id;
    bool answered = false;
    bool waits_for_room = false;
    std::vector<Part> parts;  // in the order in which they are read
    size_t at = 0;
  };
  using Requests = absl::flat_hash_map<std::pair<const Outbox*, uint64_t>, Subscription*>;

  // Null: it reads none.
  const Part* FindPart(const Subscription& subscription, uint32_t stream) const;
  void ReadIfReady(Subscription* subscription) ESOCKETS_ON_LOOP;
  void Read(Subscription* subscription, Snapshot* snapshot) ESOCKETS_ON_LOOP;
  void WaitForRoom(Subscription* subscription, Snapshot* snapshot);
  void End(Subscription* subscription) ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  Siblings& siblings_;
  Router& router_;
  Streams& streams_;
  WireForm& wire_form_;
  const OutboxContext& context_;
  uint64_t last_ticket_ = kTicketBit;
  absl::flat_hash_map<const Subscription*, Snapshot> snapshots_;
  absl::flat_hash_map<uint64_t, Subscription*> by_ticket_;
  Requests unanswered_;
  RoomWaiters waiters_;
};

}  // namespace esockets::broker

#endif  // BROKER_SNAPSHOT_READERS_H_

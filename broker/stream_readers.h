// Subscriptions of this loop that read from a stream: those that begin with what is stored, and
// under REPLAY those that have fallen behind. A page at a time, each as soon as the client takes
// it; nothing is queued for them. Who has read up to the head goes on with what is published.
// Thread: the loop.
//
// Why nothing is missed and nothing comes twice: the home of the stream sends the page that ends at
// the head behind all that was published up to there, and before all that is published later; and
// while a subscription reads, its outbox does not take what is published.
#ifndef BROKER_STREAM_READERS_H_
#define BROKER_STREAM_READERS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "base/on_loop.h"
#include "broker/delivery_rules.h"
#include "broker/outbox.h"
#include "broker/parcel.h"
#include "broker/room_waiters.h"
#include "broker/router.h"
#include "broker/siblings.h"
#include "broker/stream_reading.h"
#include "broker/stream_rules.h"
#include "broker/streams.h"
#include "broker/subscription.h"
#include "broker/wire_form.h"

namespace esockets::broker {

class StreamReaders final : public StreamReading {
 public:
  // REQUIRES: all outlive this.
  StreamReaders(Siblings* siblings, Router* router, Streams* streams, WireForm* wire_form,
                const OutboxContext* context)
      : siblings_(*siblings),
        router_(*router),
        streams_(*streams),
        wire_form_(*wire_form),
        context_(*context) {}
  StreamReaders(const StreamReaders&) = delete;
  StreamReaders& operator=(const StreamReaders&) = delete;

  // The subscription is to begin in this stream. If it is not new, it goes on until that is
  // granted, under `contract` from then on. `done` is called in a later turn, if the subscription
  // is still there: with where it begins, or with null and why not; then it is as it was before.
  using Done = std::function<void(const StreamBegin* begin, std::string_view refusal)>;
  struct Opening {
    uint64_t request_id;
    uint32_t stream;
    StreamStart start;
    Contract contract;
    bool is_new;
    // The client was here when what it asks for was published; it may not have that, and begins
    // now.
    bool as_live = false;
    bool from_now = false;
    Done done;
  };
  // REQUIRES: !IsOpening()
  void Open(Subscription* subscription, Opening opening) ESOCKETS_ON_LOOP;

  // The answer to an earlier Open has not come yet.
  bool IsOpening(Subscription* subscription) const {
    const auto found = readers_.find(subscription);
    return found != readers_.end() && found->second.opening != nullptr;
  }

  // It reads, or is about to, what was kept before its client was here.
  bool ReadsThePast(const Subscription& subscription) const;

  // The subscription goes. Returns the id of a request that is not answered yet; 0: there is none.
  uint64_t Close(Subscription* subscription) ESOCKETS_ON_LOOP;

  // The client takes more.
  void OnRoom(const Outbox& outbox) ESOCKETS_ON_LOOP;

  void OnBehind(Subscription* subscription, uint64_t position) override ESOCKETS_ON_LOOP;
  void OnOpened(const StreamOpenedParcel& parcel) ESOCKETS_ON_LOOP;
  void OnPage(const StreamPageParcel& parcel) ESOCKETS_ON_LOOP;

  size_t size() const { return readers_.size(); }

 private:
  struct Reader {
    uint64_t ticket = 0;  // that an answer names; another one when it begins anew
    uint32_t stream = 0;
    std::string filter;  // empty: all of the stream
    ReadPosition from;
    bool started = false;  // where its client wanted; else it is behind
    uint32_t last_of_each_topic = 0;
    uint64_t last_of_each_until = 0;
    bool waits_for_room = false;
    std::unique_ptr<Opening> opening;  // null: it is open
    std::unique_ptr<Reader> before;    // where it has read, if the opening is refused
  };
  // Stays where it is: while a run is offered, others begin to read.
  using Readers = absl::node_hash_map<Subscription*, Reader>;

  Reader& Make(Subscription* subscription, uint32_t stream) ESOCKETS_ON_LOOP;
  void Refuse(Subscription* subscription, const Opening& opening, uint64_t last) ESOCKETS_ON_LOOP;
  void Erase(Subscription* subscription);
  void Read(Subscription* subscription, Reader* reader) ESOCKETS_ON_LOOP;
  void WaitForRoom(Subscription* subscription, Reader* reader);
  void TellHole(const Subscription& subscription, const StreamHole& hole) ESOCKETS_ON_LOOP;
  bool Deliver(Subscription* subscription, Reader* reader, const StoredPage& page) ESOCKETS_ON_LOOP;
  void GoLive(Subscription* subscription) ESOCKETS_ON_LOOP;

  Siblings& siblings_;
  Router& router_;
  Streams& streams_;
  WireForm& wire_form_;
  const OutboxContext& context_;
  uint64_t last_ticket_ = 0;
  Readers readers_;
  absl::flat_hash_map<uint64_t, Subscription*> by_ticket_;
  RoomWaiters waiters_;
};

}  // namespace esockets::broker

#endif  // BROKER_STREAM_READERS_H_

#include "tests/support/sim_cluster.h"

#include <utility>
#include <variant>

namespace esockets::tests {
namespace {

using broker::BatchParcel;
using broker::ClientIdReleasedParcel;
using broker::CreditParcel;
using broker::InterestConfirmedParcel;
using broker::InterestParcel;
using broker::Parcel;

// One in so many parcels of its kind goes wrong.
constexpr uint32_t kFaultEvery = 3;
// So many turns late.
constexpr int kLateTurns = 8;

bool Concerns(LinkFault fault, const Parcel& parcel) {
  switch (fault) {
    case LinkFault::kNone:
      return false;
    case LinkFault::kReorderBatches:
    case LinkFault::kLoseBatch:
    case LinkFault::kRepeatBatch:
      return std::holds_alternative<BatchParcel>(parcel);
    case LinkFault::kLoseInterest:
    case LinkFault::kEarlySubscribed: {
      const auto* interest = std::get_if<InterestParcel>(&parcel);
      return interest != nullptr && interest->wanted;
    }
    case LinkFault::kLoseCredit:
      return std::holds_alternative<CreditParcel>(parcel);
    case LinkFault::kLosePresence:
    case LinkFault::kRepeatPresence:
      return std::holds_alternative<broker::PresenceReportParcel>(parcel);
    case LinkFault::kLoseRelease:
      return std::holds_alternative<ClientIdReleasedParcel>(parcel);
  }
  return false;
}

}  // namespace

SimCluster::SimCluster(uint32_t loops, const broker::Settings& settings, uint32_t chunk_bytes,
                       LinkFault fault)
    : fault_(fault) {
  for (uint32_t i = 0; i < loops; ++i) {
    links_.push_back(std::make_unique<Link>(this, i));
    loops_.push_back(std::make_unique<SimBroker>(
        settings, chunk_bytes,
        broker::Place{.loop = i, .loops = loops, .link = links_[i].get(), .totals = &totals}));
  }
}

// What one loop still posts to another must find it.
SimCluster::~SimCluster() {
  for (const auto& loop : loops_) loop->executor.EndTurn();
}

void SimCluster::Link::Post(uint32_t to, Parcel parcel) {
  DeliverLateBefore(to, parcel);
  if (IsDue(parcel) && Spoil(to, parcel)) return;
  const auto* interest = std::get_if<InterestParcel>(&parcel);
  if (interest != nullptr && lost_.erase({to, interest->filter}) > 0 && !interest->wanted) return;
  const bool is_batch = std::holds_alternative<BatchParcel>(parcel);
  Deliver(to, std::move(parcel));
  if (!is_batch || !held_back_ || held_back_->first != to) return;
  Deliver(to, std::exchange(held_back_, std::nullopt)->second);
}

bool SimCluster::Link::IsDue(const Parcel& parcel) {
  return Concerns(cluster_.fault_, parcel) && ++chances_ % kFaultEvery == 0;
}

bool SimCluster::Link::Spoil(uint32_t to, const Parcel& parcel) {
  switch (cluster_.fault_) {
    case LinkFault::kNone:
      return false;
    case LinkFault::kLoseBatch:
    case LinkFault::kLoseCredit:
    case LinkFault::kLosePresence:
    case LinkFault::kLoseRelease:
      return true;
    case LinkFault::kRepeatPresence:
      Deliver(to, parcel);
      return false;
    case LinkFault::kRepeatBatch:
      Repeat(to, std::get<BatchParcel>(parcel));
      return false;
    case LinkFault::kReorderBatches:
      if (held_back_) return false;
      held_back_ = {to, parcel};
      return true;
    case LinkFault::kLoseInterest:
      lost_.emplace(to, std::get<InterestParcel>(parcel).filter);
      Confirm(to, std::get<InterestParcel>(parcel).barrier);
      return true;
    case LinkFault::kEarlySubscribed:
      Confirm(to, std::get<InterestParcel>(parcel).barrier);
      InterestParcel interest = std::get<InterestParcel>(parcel);
      interest.barrier = 0;
      late_.push_back(std::make_shared<std::optional<Late>>(Late{to, std::move(interest)}));
      DeliverLate(late_.back(), kLateTurns);
      return true;
  }
  return false;
}

void SimCluster::Link::Deliver(uint32_t to, Parcel parcel) {
  SimBroker& loop = cluster_.loop(to);
  loop.executor.Post([&loop, from = from_, parcel = std::move(parcel)]() mutable {
    loop.executor.AssertOnLoop();
    loop.inbox.OnParcel(from, std::move(parcel));
  });
}

// As if the other loop had answered.
void SimCluster::Link::Confirm(uint32_t to, uint64_t barrier) {
  SimBroker& home = cluster_.loop(from_);
  home.executor.Post([&home, to, barrier] {
    home.executor.AssertOnLoop();
    home.inbox.OnParcel(to, InterestConfirmedParcel{barrier});
  });
}

void SimCluster::Link::DeliverLate(const std::shared_ptr<std::optional<Late>>& late, int turns) {
  cluster_.loop(from_).executor.Post([this, late, turns] {
    if (!*late) return;
    if (turns > 0) return DeliverLate(late, turns - 1);
    Deliver((*late)->to, (*late)->interest);
    late->reset();
  });
}

// An interest is not withdrawn before it was announced.
void SimCluster::Link::DeliverLateBefore(uint32_t to, const Parcel& parcel) {
  const auto* interest = std::get_if<InterestParcel>(&parcel);
  if (interest == nullptr) return;
  for (const auto& late : late_) {
    if (!*late || (*late)->to != to || (*late)->interest.filter != interest->filter) continue;
    Deliver(to, (*late)->interest);
    late->reset();
  }
}

// Routes it twice, without credit for the second time.
void SimCluster::Link::Repeat(uint32_t to, const BatchParcel& batch) {
  SimBroker& loop = cluster_.loop(to);
  loop.executor.Post([&loop, from = from_, shared = batch.batch] {
    loop.executor.AssertOnLoop();
    loop.shard.router.Deliver(from, shared);
  });
}

}  // namespace esockets::tests

// A broker of several simulated loops. Parcels between them can go wrong as the test says, to see
// whether it would notice.
#ifndef TESTS_SUPPORT_SIM_CLUSTER_H_
#define TESTS_SUPPORT_SIM_CLUSTER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/on_loop.h"
#include "broker/broker_totals.h"
#include "broker/parcel.h"
#include "broker/shard.h"
#include "broker/siblings.h"
#include "tests/support/sim_client.h"

namespace esockets::tests {

enum class LinkFault {
  kNone,
  kReorderBatches,   // two batches change places
  kLoseBatch,        // one does not arrive
  kRepeatBatch,      // one arrives twice
  kLoseInterest,     // a loop confirms an interest, and forgets it
  kEarlySubscribed,  // an interest is confirmed before it is known
  kLoseCredit,       // credit is not given back
  kLosePresence,     // a report of who is on which topic does not arrive
  kRepeatPresence,   // one arrives twice
  kLoseRelease,      // the home of a client id does not hear that it is free
};

class SimCluster {
 public:
  SimCluster(uint32_t loops, const broker::Settings& settings, uint32_t chunk_bytes,
             LinkFault fault = LinkFault::kNone);
  // REQUIRES: the clients die first.
  ~SimCluster();

  uint32_t size() const { return static_cast<uint32_t>(loops_.size()); }
  SimBroker& loop(uint32_t index) { return *loops_[index]; }

  broker::BrokerTotals totals;

 private:
  class Link final : public broker::LoopLink {
   public:
    Link(SimCluster* cluster, uint32_t from) : cluster_(*cluster), from_(from) {}
    void Post(uint32_t to, broker::Parcel parcel) override ESOCKETS_ON_LOOP;

   private:
    struct Late {
      uint32_t to;
      broker::InterestParcel interest;
    };

    bool IsDue(const broker::Parcel& parcel);
    void Deliver(uint32_t to, broker::Parcel parcel);
    void DeliverLate(const std::shared_ptr<std::optional<Late>>& late, int turns);
    void DeliverLateBefore(uint32_t to, const broker::Parcel& parcel);
    void Confirm(uint32_t to, uint64_t barrier);
    void Repeat(uint32_t to, const broker::BatchParcel& batch);
    // Does what the fault says with a parcel. False: it goes its way.
    bool Spoil(uint32_t to, const broker::Parcel& parcel);

    SimCluster& cluster_;
    const uint32_t from_;
    uint32_t chances_ = 0;
    std::optional<std::pair<uint32_t, broker::Parcel>> held_back_;  // and for which loop
    std::set<std::pair<uint32_t, std::string>> lost_;               // interests
    std::vector<std::shared_ptr<std::optional<Late>>> late_;
  };

  const LinkFault fault_;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<std::unique_ptr<SimBroker>> loops_;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_SIM_CLUSTER_H_

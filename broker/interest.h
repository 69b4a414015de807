// Which loops want what. Each loop tells the others when the first of its sessions subscribes to a
// filter and when the last one leaves it; and `Subscribed` waits here until every loop knows.
// Thread: the loop.
#ifndef BROKER_INTEREST_H_
#define BROKER_INTEREST_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/on_loop.h"
#include "base/strings.h"
#include "broker/siblings.h"
#include "broker/subscriber.h"
#include "broker/subscription_index.h"

namespace esockets::broker {

// A Subscribe that is to be answered.
struct PendingSubscribe {
  static constexpr uint64_t kOfGroups = 0;  // no session: broker/groups knows whose it is

  uint64_t session;
  uint64_t request_id;
};

class Interest {
 public:
  // REQUIRES: both outlive this. `index`: where the wildcard filters of other loops go.
  Interest(Siblings* siblings, SubscriptionIndex* index);
  Interest(const Interest&) = delete;
  Interest& operator=(const Interest&) = delete;
  ~Interest();

  // --- of this loop's sessions

  // The first subscription to `filter`; the last one is gone.
  void Announce(std::string_view filter) ESOCKETS_ON_LOOP;
  void Withdraw(std::string_view filter) ESOCKETS_ON_LOOP;

  // Not every loop knows of `filter` yet: the Subscribe is to wait, and is among those that
  // OnConfirmed returns. False: they do.
  bool WaitUntilConfirmed(std::string_view filter, PendingSubscribe subscribe) ESOCKETS_ON_LOOP;
  // The session unsubscribes: returns what it still waits for with this filter.
  std::vector<PendingSubscribe> TakePending(std::string_view filter,
                                            uint64_t session) ESOCKETS_ON_LOOP;

  // More changes are on their way than may be: `session` is to be paused, and is among those that
  // TakeResumed returns when they have become fewer. False: it may go on.
  bool WaitForRoom(uint64_t session) ESOCKETS_ON_LOOP;
  std::vector<uint64_t> TakeResumed() ESOCKETS_ON_LOOP;

  // A loop has confirmed. Returns the Subscribes that wait for nobody else.
  std::vector<PendingSubscribe> OnConfirmed(uint64_t barrier) ESOCKETS_ON_LOOP;

  // --- of the other loops

  void OnChange(uint32_t from, const InterestParcel& change) ESOCKETS_ON_LOOP;

  // A bit for each other loop with an interest in exactly this topic. Those with a wildcard are
  // found in the index.
  uint64_t LoopsWithLiteral(std::string_view topic) const;

  // Changes with the literal interests; those with wildcards change the index.
  uint64_t version() const { return version_; }
  size_t literals_of_others() const { return literals_.size(); }

 private:
  // Hashes instead of filters: of a device's own topic the other loops need no copy. Two filters
  // with one hash are counted, and cost a forwarded message that nobody wants.
  struct LiteralKey {
    uint64_t hash;
    uint32_t loop;
    bool operator==(const LiteralKey&) const = default;
    template <typename H>
    friend H AbslHashValue(H h, const LiteralKey& key) {
      return H::combine(std::move(h), key.hash, key.loop);
    }
  };
  struct Barrier {
    std::string filter;
    uint32_t missing;  // loops that have not confirmed
    std::vector<PendingSubscribe> waiting;
  };

  uint64_t Tell(std::string_view filter, bool wanted) ESOCKETS_ON_LOOP;
  void ChangeLiteral(uint32_t loop, std::string_view filter, bool wanted);
  void ChangeWildcard(uint32_t loop, const std::string& filter, bool wanted);

  Siblings& siblings_;
  SubscriptionIndex& index_;

  uint64_t last_barrier_ = 0;
  absl::flat_hash_map<uint64_t, Barrier> barriers_;  // of changes that are not confirmed
  std::vector<uint64_t> waiting_for_room_;           // sessions
  base::StringMap<uint64_t> barrier_of_filter_;      // the latest that is not confirmed

  absl::flat_hash_map<LiteralKey, uint32_t> literals_;  // number of filters
  std::map<std::pair<uint32_t, std::string>, std::unique_ptr<Subscriber>> wildcards_;
  uint64_t version_ = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_INTEREST_H_

// Which subscriptions does a topic reach?
#ifndef BROKER_SUBSCRIPTION_INDEX_H_
#define BROKER_SUBSCRIPTION_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "broker/filter_trie.h"
#include "broker/indexed_filter.h"
#include "broker/sharded_set.h"
#include "broker/subscription.h"

namespace esockets::broker {

// Everything that receives is a subscription here, under one filter. The cost of a match
// grows with the levels of the topic and with what matches, not with what does not:
// filters without wildcards are found by the hash of the whole topic, the others by levels.
// A filter with one subscription and no wildcard costs about 32 bytes and its text.
//
// Thread: the loop's that owns it. Owns: the filters' text, not the subscriptions.
class SubscriptionIndex {
 public:
  SubscriptionIndex() = default;
  SubscriptionIndex(const SubscriptionIndex&) = delete;
  SubscriptionIndex& operator=(const SubscriptionIndex&) = delete;

  // Sets subscription->filter to the index's own copy of `filter`.
  // REQUIRES: CheckFilter says kOk of `filter`; `subscription` is in no index, and neither
  // moves nor dies before Remove or the end of the index
  void Add(std::string_view filter, Subscription* subscription);

  // Clears subscription->filter; constant time, however many have the same filter. The text
  // is freed with the last of them.
  // REQUIRES: `subscription` is in this index
  void Remove(Subscription* subscription);

  // Appends every subscription whose filter matches, each once, in no promised order.
  // Allocates nothing but what `matched` needs to grow.
  // REQUIRES: CheckTopic says kOk of `topic`
  void Match(std::string_view topic, std::vector<Subscription*>* matched) const;

  // Changes with every Add and Remove: a remembered match is good while it is the same.
  uint64_t version() const { return version_; }

  // Distinct filters.
  size_t filters() const { return literals_.size() + trie_.filters(); }
  size_t subscriptions() const { return subscriptions_; }
  // Memory in use, without the allocator's own overhead.
  size_t bytes() const;

 private:
  IndexedFilter* Find(std::string_view filter) const;

  ShardedSet<IndexedFilter> literals_;
  FilterTrie trie_;
  uint64_t version_ = 0;
  size_t subscriptions_ = 0;
  size_t filter_bytes_ = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_SUBSCRIPTION_INDEX_H_

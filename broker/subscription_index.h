// Which subscriptions does a topic reach?
#ifndef BROKER_SUBSCRIPTION_INDEX_H_
#define BROKER_SUBSCRIPTION_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "broker/filter_trie.h"
#include "broker/indexed_filter.h"
#include "broker/sharded_set.h"
#include "broker/subscriber.h"

namespace esockets::broker {

// Everything that receives is a subscriber here, under one filter. The cost of a match
// grows with the levels of the topic and with what matches, not with what does not:
// filters without wildcards are found by the hash of the whole topic, the others by levels.
// A filter with one subscriber and no wildcard costs about 32 bytes and its text.
//
// Thread: the loop's that owns it. Owns: the filters' text, not the subscribers.
class SubscriptionIndex {
 public:
  SubscriptionIndex() = default;
  SubscriptionIndex(const SubscriptionIndex&) = delete;
  SubscriptionIndex& operator=(const SubscriptionIndex&) = delete;

  // Sets subscriber->filter() to the index's own copy of `filter`.
  // REQUIRES: CheckFilter says kOk of `filter`; `subscriber` is in no index, and neither
  // moves nor dies before Remove or the end of the index
  // Returns true when it is the first of a session under that filter: the other loops must hear.
  bool Add(std::string_view filter, Subscriber* subscriber);

  // Clears subscriber->filter(); constant time, however many have the same filter. The text
  // is freed with the last of them. Returns true when it was the last of a session.
  // REQUIRES: `subscriber` is in this index
  bool Remove(Subscriber* subscriber);

  // Appends every subscriber whose filter matches, each once, in no promised order.
  // Allocates nothing but what `matched` needs to grow.
  // REQUIRES: CheckTopic says kOk of `topic`
  void Match(std::string_view topic, std::vector<Subscriber*>* matched) const;

  // The same for several topics side by side, which waits less for memory: appends those of the
  // first, then of the second, ..., and to `ends` where in `matched` each one's end.
  void MatchAll(std::span<const std::string_view> topics, std::vector<Subscriber*>* matched,
                std::vector<size_t>* ends) const;
  // At most so many topics at once.
  static constexpr size_t kTopicsMax = FilterTrie::kTopicsMax;

  // Changes with every Add and Remove: a remembered match is good while it is the same.
  uint64_t version() const { return version_; }

  // Distinct filters.
  size_t filters() const { return literals_.size() + trie_.filters(); }
  size_t subscribers() const { return subscribers_; }
  // Memory in use, without the allocator's own overhead.
  size_t bytes() const;

 private:
  IndexedFilter* Find(std::string_view filter) const;
  void FindLiterals(std::span<const std::string_view> topics) const;
  void SortHits(size_t topics) const;

  ShardedSet<IndexedFilter> literals_;
  FilterTrie trie_;
  // Of a match, kept so that it need not allocate.
  mutable std::vector<FilterTrie::Hit> hits_;
  mutable std::vector<FilterTrie::Hit> sorted_hits_;
  uint64_t version_ = 0;
  size_t subscribers_ = 0;
  size_t filter_bytes_ = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_SUBSCRIPTION_INDEX_H_

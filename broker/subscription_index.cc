#include "broker/subscription_index.h"

#include <array>

#include "base/check.h"
#include "base/topic.h"

namespace esockets::broker {

IndexedFilter* SubscriptionIndex::Find(std::string_view filter) const {
  return base::IsLiteral(filter) ? literals_.Find(filter) : trie_.Find(filter);
}

bool SubscriptionIndex::Add(std::string_view filter, Subscriber* subscriber) {
  ESOCKETS_CHECK(subscriber->filter().empty());
  IndexedFilter* to = Find(filter);
  if (to == nullptr) {
    to =
        base::IsLiteral(filter) ? literals_.Insert(IndexedFilter::Make(filter)) : trie_.Add(filter);
    filter_bytes_ += to->bytes();
  }
  const bool first = !subscriber->is_loop() && !to->subscribers.HasSession();
  filter_bytes_ -= to->subscribers.heap_bytes();
  to->subscribers.Add(subscriber);
  filter_bytes_ += to->subscribers.heap_bytes();
  subscriber->set_filter(to->text());
  ++subscribers_;
  ++version_;
  return first;
}

bool SubscriptionIndex::Remove(Subscriber* subscriber) {
  IndexedFilter* from = Find(subscriber->filter());
  ESOCKETS_CHECK(from != nullptr);
  filter_bytes_ -= from->subscribers.heap_bytes();
  from->subscribers.Remove(subscriber);
  filter_bytes_ += from->subscribers.heap_bytes();
  subscriber->set_filter({});
  --subscribers_;
  ++version_;
  const bool last = !subscriber->is_loop() && !from->subscribers.HasSession();
  if (!from->subscribers.empty()) return last;
  filter_bytes_ -= from->bytes();
  if (base::IsLiteral(from->text())) {
    literals_.Erase(from);
  } else {
    trie_.Erase(from->text());
  }
  return last;
}

void SubscriptionIndex::Match(std::string_view topic, std::vector<Subscriber*>* matched) const {
  const IndexedFilter* literal = literals_.Find(topic);
  if (literal != nullptr) literal->subscribers.AppendTo(matched);
  if (trie_.filters() == 0) return;
  hits_.clear();
  trie_.Match({&topic, 1}, &hits_);
  for (const auto& hit : hits_) hit.filter->subscribers.AppendTo(matched);
}

void SubscriptionIndex::MatchAll(std::span<const std::string_view> topics,
                                 std::vector<Subscriber*>* matched,
                                 std::vector<size_t>* ends) const {
  ESOCKETS_CHECK(topics.size() <= kTopicsMax);
  hits_.clear();
  FindLiterals(topics);
  if (trie_.filters() > 0) trie_.Match(topics, &hits_);
  SortHits(topics.size());
  auto hit = sorted_hits_.begin();
  for (size_t i = 0; i < topics.size(); ++i) {
    for (; hit != sorted_hits_.end() && hit->topic == i; ++hit) {
      hit->filter->subscribers.AppendTo(matched);
    }
    ends->push_back(matched->size());
  }
  for (const Subscriber* subscriber : *matched) __builtin_prefetch(subscriber, 1);
}

// By topic; and fetches the filters.
void SubscriptionIndex::SortHits(size_t topics) const {
  std::array<size_t, kTopicsMax + 1> begins{};
  for (const auto& hit : hits_) {
    __builtin_prefetch(hit.filter);
    ++begins[hit.topic + 1];
  }
  for (size_t i = 1; i < topics; ++i) begins[i] += begins[i - 1];
  sorted_hits_.resize(hits_.size());
  for (const auto& hit : hits_) sorted_hits_[begins[hit.topic]++] = hit;
}

// Each step is one for all topics: a processor has several of its waits at once.
void SubscriptionIndex::FindLiterals(std::span<const std::string_view> topics) const {
  std::array<size_t, kTopicsMax> hashes;
  for (size_t i = 0; i < topics.size(); ++i) {
    hashes[i] = literals_.HashOf(topics[i]);
    literals_.PrefetchSlot(hashes[i]);
  }
  std::array<IndexedFilter*, kTopicsMax> candidates;
  for (size_t i = 0; i < topics.size(); ++i) candidates[i] = literals_.Candidate(hashes[i]);
  for (size_t i = 0; i < topics.size(); ++i) {
    if (const IndexedFilter* found = literals_.Find(topics[i], hashes[i], candidates[i])) {
      hits_.push_back({i, found});
    }
  }
}

size_t SubscriptionIndex::bytes() const {
  return filter_bytes_ + literals_.table_bytes() + trie_.bytes();
}

}  // namespace esockets::broker

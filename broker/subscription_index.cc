#include "broker/subscription_index.h"

#include "base/check.h"
#include "base/topic.h"

namespace esockets::broker {

IndexedFilter* SubscriptionIndex::Find(std::string_view filter) const {
  return base::IsLiteral(filter) ? literals_.Find(filter) : trie_.Find(filter);
}

void SubscriptionIndex::Add(std::string_view filter, Subscription* subscription) {
  ESOCKETS_CHECK(subscription->filter.empty());
  IndexedFilter* to = Find(filter);
  if (to == nullptr) {
    to =
        base::IsLiteral(filter) ? literals_.Insert(IndexedFilter::Make(filter)) : trie_.Add(filter);
    filter_bytes_ += to->bytes();
  }
  filter_bytes_ -= to->subscribers.heap_bytes();
  to->subscribers.Add(subscription);
  filter_bytes_ += to->subscribers.heap_bytes();
  subscription->filter = to->text();
  ++subscriptions_;
  ++version_;
}

void SubscriptionIndex::Remove(Subscription* subscription) {
  IndexedFilter* from = Find(subscription->filter);
  ESOCKETS_CHECK(from != nullptr);
  filter_bytes_ -= from->subscribers.heap_bytes();
  from->subscribers.Remove(subscription);
  filter_bytes_ += from->subscribers.heap_bytes();
  subscription->filter = {};
  --subscriptions_;
  ++version_;
  if (!from->subscribers.empty()) return;
  filter_bytes_ -= from->bytes();
  if (base::IsLiteral(from->text())) {
    literals_.Erase(from);
  } else {
    trie_.Erase(from->text());
  }
}

void SubscriptionIndex::Match(std::string_view topic, std::vector<Subscription*>* matched) const {
  const IndexedFilter* literal = literals_.Find(topic);
  if (literal != nullptr) literal->subscribers.AppendTo(matched);
  if (trie_.filters() > 0) trie_.Match(topic, matched);
}

size_t SubscriptionIndex::bytes() const {
  return filter_bytes_ + literals_.table_bytes() + trie_.bytes();
}

}  // namespace esockets::broker

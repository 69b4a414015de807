#include "broker/subscription_index.h"

#include "base/check.h"
#include "base/topic.h"

namespace esockets::broker {

IndexedFilter* SubscriptionIndex::Find(std::string_view filter) const {
  return base::IsLiteral(filter) ? literals_.Find(filter) : trie_.Find(filter);
}

bool SubscriptionIndex::Add(std::string_view filter, Subscriber* subscriber) {
  ESOCKETS_CHECK(subscriber->filter.empty());
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
  subscriber->filter = to->text();
  ++subscribers_;
  ++version_;
  return first;
}

bool SubscriptionIndex::Remove(Subscriber* subscriber) {
  IndexedFilter* from = Find(subscriber->filter);
  ESOCKETS_CHECK(from != nullptr);
  filter_bytes_ -= from->subscribers.heap_bytes();
  from->subscribers.Remove(subscriber);
  filter_bytes_ += from->subscribers.heap_bytes();
  subscriber->filter = {};
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
  if (trie_.filters() > 0) trie_.Match(topic, matched);
}

size_t SubscriptionIndex::bytes() const {
  return filter_bytes_ + literals_.table_bytes() + trie_.bytes();
}

}  // namespace esockets::broker

#include "clients/cpp/dispatcher.h"

#include <algorithm>
#include <utility>

#include "base/topic.h"

namespace esockets::client {

Dispatcher::Entries& Dispatcher::Filters::Of(std::string_view filter) {
  return base::IsLiteral(filter) ? literals : wildcards;
}

Dispatcher::Filters* Dispatcher::FiltersOf(std::string_view group) {
  if (group.empty()) return &plain_;
  const auto found = groups_.find(group);
  return found == groups_.end() ? nullptr : &found->second;
}

void Dispatcher::Add(std::string_view filter, const SubscribeOptions& options,
                     Subscribed subscribed) {
  Filters& filters = options.group.empty() ? plain_ : groups_[options.group];
  filters.Of(filter)[std::string(filter)].Add(options, std::move(subscribed));
}

std::shared_ptr<Subscriber> Dispatcher::Remove(const SubscriptionName& name, uint64_t id,
                                               bool* last) {
  *last = false;
  FilterEntry* entry = Find(name);
  if (entry == nullptr) return nullptr;
  std::vector<Subscribed>& subscribers = entry->subscribers;
  const auto found = std::ranges::find(subscribers, id, &Subscribed::id);
  if (found == subscribers.end()) return nullptr;
  std::shared_ptr<Subscriber> subscriber = std::move(found->subscriber);
  subscribers.erase(found);
  *last = subscribers.empty();
  if (*last) Erase(name);
  return subscriber;
}

FilterEntry Dispatcher::RemoveAll(const SubscriptionName& name) {
  FilterEntry* entry = Find(name);
  if (entry == nullptr) return {};
  FilterEntry removed = std::move(*entry);
  Erase(name);
  return removed;
}

void Dispatcher::Erase(const SubscriptionName& name) {
  Filters& filters = *FiltersOf(name.group);
  filters.Of(name.filter).erase(name.filter);
  if (!name.group.empty() && filters.size() == 0) groups_.erase(name.group);
}

size_t Dispatcher::Dispatch(const MessageView& message) {
  Filters* filters = FiltersOf(message.group);
  if (filters == nullptr) return 0;
  size_t count = 0;
  const auto literal = filters->literals.find(message.topic);
  if (literal != filters->literals.end()) count += literal->second.Hand(message);
  for (auto& [filter, entry] : filters->wildcards) {
    if (base::FilterMatches(filter, message.topic)) count += entry.Hand(message);
  }
  return count;
}

const FilterEntry* Dispatcher::Find(const SubscriptionName& name) const {
  return const_cast<Dispatcher*>(this)->Find(name);
}

FilterEntry* Dispatcher::Find(const SubscriptionName& name) {
  Filters* filters = FiltersOf(name.group);
  if (filters == nullptr) return nullptr;
  Entries& entries = filters->Of(name.filter);
  const auto entry = entries.find(name.filter);
  return entry == entries.end() ? nullptr : &entry->second;
}

std::vector<FilterEntry*> Dispatcher::Overlapping(const SubscriptionName& name) {
  std::vector<FilterEntry*> overlapping;
  Filters* filters = FiltersOf(name.group);
  if (filters == nullptr) return overlapping;
  for (Entries* entries : {&filters->literals, &filters->wildcards}) {
    for (auto& [other, entry] : *entries) {
      if (other != name.filter && base::FiltersOverlap(other, name.filter)) {
        overlapping.push_back(&entry);
      }
    }
  }
  return overlapping;
}

std::vector<SubscriptionName> Dispatcher::Names() const {
  std::vector<SubscriptionName> names;
  const auto add = [&names](const std::string& group, const Filters& filters) {
    for (const Entries* entries : {&filters.literals, &filters.wildcards}) {
      for (const auto& [filter, entry] : *entries) names.push_back({filter, group});
    }
  };
  add("", plain_);
  for (const auto& [group, filters] : groups_) add(group, filters);
  return names;
}

}  // namespace esockets::client

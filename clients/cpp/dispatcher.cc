#include "clients/cpp/dispatcher.h"

#include <algorithm>
#include <utility>

#include "base/topic.h"

namespace esockets::client {
Dispatcher::Entries& Dispatcher::EntriesOf(std::string_view filter) {
  return base::IsLiteral(filter) ? literals_ : wildcards_;
}

void Dispatcher::Add(std::string_view filter, const SubscribeOptions& options,
                     Subscribed subscribed) {
  EntriesOf(filter)[std::string(filter)].Add(options, std::move(subscribed));
}

std::shared_ptr<Subscriber> Dispatcher::Remove(std::string_view filter, uint64_t id, bool* last) {
  *last = false;
  Entries& entries = EntriesOf(filter);
  const auto entry = entries.find(filter);
  if (entry == entries.end()) return nullptr;
  std::vector<Subscribed>& subscribers = entry->second.subscribers;
  const auto found = std::ranges::find(subscribers, id, &Subscribed::id);
  if (found == subscribers.end()) return nullptr;
  std::shared_ptr<Subscriber> subscriber = std::move(found->subscriber);
  subscribers.erase(found);
  *last = subscribers.empty();
  if (*last) entries.erase(entry);
  return subscriber;
}

FilterEntry Dispatcher::RemoveAll(std::string_view filter) {
  Entries& entries = EntriesOf(filter);
  const auto entry = entries.find(filter);
  if (entry == entries.end()) return {};
  FilterEntry removed = std::move(entry->second);
  entries.erase(entry);
  return removed;
}

size_t Dispatcher::Dispatch(const MessageView& message) {
  size_t count = 0;
  if (const auto literal = literals_.find(message.topic); literal != literals_.end()) {
    count += literal->second.Hand(message);
  }
  for (auto& [filter, entry] : wildcards_) {
    if (base::FilterMatches(filter, message.topic)) count += entry.Hand(message);
  }
  return count;
}

const FilterEntry* Dispatcher::Find(std::string_view filter) const {
  const Entries& entries = base::IsLiteral(filter) ? literals_ : wildcards_;
  const auto entry = entries.find(filter);
  return entry == entries.end() ? nullptr : &entry->second;
}

FilterEntry* Dispatcher::Find(std::string_view filter) {
  Entries& entries = EntriesOf(filter);
  const auto entry = entries.find(filter);
  return entry == entries.end() ? nullptr : &entry->second;
}

std::vector<FilterEntry*> Dispatcher::Overlapping(std::string_view filter) {
  std::vector<FilterEntry*> overlapping;
  for (Entries* entries : {&literals_, &wildcards_}) {
    for (auto& [other, entry] : *entries) {
      if (other != filter && base::FiltersOverlap(other, filter)) overlapping.push_back(&entry);
    }
  }
  return overlapping;
}

std::vector<std::string> Dispatcher::Filters() const {
  std::vector<std::string> filters;
  filters.reserve(literals_.size() + wildcards_.size());
  for (const Entries* entries : {&literals_, &wildcards_}) {
    for (const auto& [filter, entry] : *entries) filters.push_back(filter);
  }
  return filters;
}

}  // namespace esockets::client

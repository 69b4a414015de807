// One session's subscriptions by filter. Most sessions have one: it lies in the table itself, and
// there is no map. Thread: the loop.
#ifndef BROKER_SUBSCRIPTION_TABLE_H_
#define BROKER_SUBSCRIPTION_TABLE_H_

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/on_loop.h"
#include "base/strings.h"
#include "broker/subscription.h"

namespace esockets::broker {

class SubscriptionTable {
 public:
  SubscriptionTable() = default;
  SubscriptionTable(const SubscriptionTable&) = delete;
  SubscriptionTable& operator=(const SubscriptionTable&) = delete;

  // Null: there is none.
  Subscription* Find(std::string_view filter);
  bool Contains(std::string_view filter) const;

  // A new one. `enter(Subscription*)` brings it into the index, which gives it its filter; it stays
  // where it is. REQUIRES: none here has that filter.
  template <typename Enter>
  Subscription* Add(Outbox* outbox, Enter enter) ESOCKETS_ON_LOOP {
    if (!has_first()) {
      first_.outbox = outbox;
      enter(&first_);
      return &first_;
    }
    auto made = std::make_unique<Subscription>(outbox);
    Subscription* added = made.get();
    enter(added);
    if (more_ == nullptr) more_ = std::make_unique<Map>();
    more_->emplace(added->filter(), std::move(made));
    return added;
  }

  // Destroys it; `leave(Subscription*)` takes it out of the index before that.
  template <typename Leave>
  void Remove(Subscription* subscription, Leave leave) ESOCKETS_ON_LOOP {
    // The map's key lies in the index: the entry goes first.
    const std::unique_ptr<Subscription> extracted =
        subscription == &first_ ? nullptr : Extract(subscription);
    leave(subscription);
    if (subscription == &first_) ForgetFirst();
  }

  // Any of them. REQUIRES: !empty().
  Subscription* Any() { return has_first() ? &first_ : more_->begin()->second.get(); }

  template <typename Visitor>
  void ForEach(Visitor visit) const {
    if (has_first()) visit(first_);
    if (more_ == nullptr) return;
    for (const auto& [filter, subscription] : *more_) visit(std::as_const(*subscription));
  }
  // ... to change them. REQUIRES: `visit` neither adds nor removes one.
  template <typename Visitor>
  void ForEachMutable(Visitor visit) {
    if (has_first()) visit(first_);
    if (more_ == nullptr) return;
    for (const auto& [filter, subscription] : *more_) visit(*subscription);
  }

  // Of those that read what was kept, how many; `but` is left out.
  size_t CountReading(std::string_view but = {}) const {
    size_t count = 0;
    ForEach([&](const Subscription& one) { count += one.reads() && one.filter() != but ? 1 : 0; });
    return count;
  }
  bool empty() const { return size() == 0; }
  size_t size() const { return (has_first() ? 1 : 0) + (more_ ? more_->size() : 0); }

 private:
  // By filter, in the index's own text.
  using Map =
      absl::flat_hash_map<std::string_view, std::unique_ptr<Subscription>, base::StringHash>;

  bool has_first() const { return first_.outbox != nullptr; }
  std::unique_ptr<Subscription> Extract(Subscription* subscription);
  void ForgetFirst();

  Subscription first_;         // without an outbox: there is none
  std::unique_ptr<Map> more_;  // null: none
};

}  // namespace esockets::broker

#endif  // BROKER_SUBSCRIPTION_TABLE_H_

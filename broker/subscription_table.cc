#include "broker/subscription_table.h"

#include "base/check.h"

namespace esockets::broker {

Subscription* SubscriptionTable::Find(std::string_view filter) {
  if (has_first() && first_.filter() == filter) return &first_;
  if (more_ == nullptr) return nullptr;
  const auto found = more_->find(filter);
  return found == more_->end() ? nullptr : found->second.get();
}

bool SubscriptionTable::Contains(std::string_view filter) const {
  if (has_first() && first_.filter() == filter) return true;
  return more_ != nullptr && more_->contains(filter);
}

std::unique_ptr<Subscription> SubscriptionTable::Extract(Subscription* subscription) {
  const auto found = more_->find(subscription->filter());
  ESOCKETS_CHECK(found != more_->end());
  std::unique_ptr<Subscription> extracted = std::move(found->second);
  more_->erase(found);
  if (more_->empty()) more_.reset();
  return extracted;
}

void SubscriptionTable::ForgetFirst() {
  std::destroy_at(&first_);
  std::construct_at(&first_);
}

}  // namespace esockets::broker

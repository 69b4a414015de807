#include "broker/interest.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/topic.h"
#include "broker/limits.h"

namespace esockets::broker {

Interest::Interest(Siblings* siblings, SubscriptionIndex* index)
    : siblings_(*siblings), index_(*index) {}

Interest::~Interest() {
  for (const auto& [key, subscriber] : wildcards_) index_.Remove(subscriber.get());
}

// --- of this loop's sessions --------------------------------------------------------------------

void Interest::Announce(std::string_view filter) {
  if (siblings_.alone()) return;
  barrier_of_filter_[filter] = Tell(filter, true);
}

void Interest::Withdraw(std::string_view filter) {
  if (siblings_.alone()) return;
  barrier_of_filter_.erase(filter);
  Tell(filter, false);
}

// Returns the barrier that confirmations will name.
uint64_t Interest::Tell(std::string_view filter, bool wanted) {
  const uint64_t barrier = ++last_barrier_;
  barriers_[barrier] = {
      .filter = std::string(filter), .missing = siblings_.count() - 1, .waiting = {}};
  for (const uint32_t loop : LoopsIn(siblings_.others())) {
    siblings_.Post(loop, InterestParcel{std::string(filter), wanted, barrier});
  }
  return barrier;
}

bool Interest::WaitForRoom(uint64_t session) {
  if (barriers_.size() < kInterestChangesMax) return false;
  waiting_for_room_.push_back(session);
  return true;
}

std::vector<uint64_t> Interest::TakeResumed() {
  if (barriers_.size() > kInterestChangesMax / 2) return {};
  return std::exchange(waiting_for_room_, {});
}

bool Interest::WaitUntilConfirmed(std::string_view filter, PendingSubscribe subscribe) {
  const auto pending = barrier_of_filter_.find(filter);
  if (pending == barrier_of_filter_.end()) return false;
  barriers_.at(pending->second).waiting.push_back(subscribe);
  return true;
}

std::vector<PendingSubscribe> Interest::TakePending(std::string_view filter, uint64_t session) {
  std::vector<PendingSubscribe> taken;
  const auto pending = barrier_of_filter_.find(filter);
  if (pending == barrier_of_filter_.end()) return taken;
  std::erase_if(barriers_.at(pending->second).waiting, [&](const PendingSubscribe& one) {
    if (one.session != session) return false;
    taken.push_back(one);
    return true;
  });
  return taken;
}

std::vector<PendingSubscribe> Interest::OnConfirmed(uint64_t barrier) {
  const auto found = barriers_.find(barrier);
  ESOCKETS_CHECK(found != barriers_.end());
  if (--found->second.missing > 0) return {};
  const Barrier confirmed = std::move(found->second);
  barriers_.erase(found);
  const auto latest = barrier_of_filter_.find(confirmed.filter);
  if (latest != barrier_of_filter_.end() && latest->second == barrier) {
    barrier_of_filter_.erase(latest);
  }
  return confirmed.waiting;
}

// --- of the other loops -------------------------------------------------------------------------

void Interest::OnChange(uint32_t from, const InterestParcel& change) {
  if (base::IsLiteral(change.filter)) {
    ChangeLiteral(from, change.filter, change.wanted);
  } else {
    ChangeWildcard(from, change.filter, change.wanted);
  }
  if (change.barrier != 0) siblings_.Post(from, InterestConfirmedParcel{change.barrier});
}

void Interest::ChangeLiteral(uint32_t loop, std::string_view filter, bool wanted) {
  ++version_;
  const LiteralKey key{base::StringHash{}(filter), loop};
  if (wanted) {
    ++literals_[key];
    return;
  }
  const auto found = literals_.find(key);
  ESOCKETS_CHECK(found != literals_.end());
  if (--found->second == 0) literals_.erase(found);
}

void Interest::ChangeWildcard(uint32_t loop, const std::string& filter, bool wanted) {
  if (wanted) {
    auto subscriber = std::make_unique<Subscriber>(loop);
    index_.Add(filter, subscriber.get());
    const bool added = wildcards_.emplace(std::pair(loop, filter), std::move(subscriber)).second;
    ESOCKETS_CHECK(added);
    return;
  }
  const auto found = wildcards_.find(std::pair(loop, filter));
  ESOCKETS_CHECK(found != wildcards_.end());
  index_.Remove(found->second.get());
  wildcards_.erase(found);
}

uint64_t Interest::LoopsWithLiteral(std::string_view topic) const {
  if (literals_.empty()) return 0;
  const uint64_t hash = base::StringHash{}(topic);
  uint64_t loops = 0;
  for (const uint32_t loop : LoopsIn(siblings_.others())) {
    if (literals_.contains(LiteralKey{hash, loop})) loops |= uint64_t{1} << loop;
  }
  return loops;
}

}  // namespace esockets::broker

#include "broker/router.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/check.h"
#include "base/topic.h"
#include "broker/limits.h"

namespace esockets::broker {

Router::Routed Router::Publish(const Messages& messages) {
  Match(messages.topic);
  if (matched_loops_ != 0) exchange_.Forward(messages, matched_loops_);
  Offer(messages);
  return {matched_.size() + matched_groups_.size(), matched_loops_};
}

Exchange::Routed Router::Deliver(uint32_t from, const std::shared_ptr<const MessageBatch>& batch) {
  Exchange::Routed routed;
  wire_form_.BeginBatch(batch);
  batch->ForEach(self_, [&](const Messages& messages, size_t bytes) {
    executor_.AssertOnLoop();
    routed.bytes += bytes;
    if (messages.to_home) {
      if (base::IsReserved(messages.topic)) return inbox_routes_->OnMessages(from, messages);
      routed.to_home_bytes += bytes;
      return home_routes_->OnMessages(from, messages);
    }
    if (messages.stamped) routed.stored_bytes += bytes;
    Match(messages.topic);
    Offer(messages);
  });
  wire_form_.EndBatch();
  return routed;
}

void Router::OfferTo(Subscription* subscription, const Messages& messages) {
  ++match_;
  matched_.assign(1, subscription);
  matched_groups_.clear();
  matched_loops_ = 0;
  matched_version_ = kNoVersion;  // of no topic
  Offer(messages);
}

// A run of its own, so that its receipt is told of this message alone.
void Router::OfferConfirmed(const Messages& messages) {
  CloseRun();
  base::RefPtr<DeliveryReceipt> receipt =
      confirmations_.Open(*messages.confirm, matched_.size() + matched_groups_.size());
  OfferToGroups(messages, receipt);
  if (matched_.empty()) return;
  OfferToSessions(messages);
  run_.set_receipt(std::move(receipt));
  CloseRun();
}

void Router::OfferToGroups(const Messages& messages, const base::RefPtr<DeliveryReceipt>& receipt) {
  for (Group* const group : matched_groups_) group->Take(messages, receipt);
}

void Router::Offer(const Messages& messages) {
  if (messages.confirm != nullptr) return OfferConfirmed(messages);
  OfferToGroups(messages, nullptr);
  if (!matched_.empty()) OfferToSessions(messages);
}

void Router::OfferToSessions(const Messages& messages) {
  if (!run_.empty() && match_ != run_match_ && !GoesWhereTheRunGoes()) CloseRun();
  for (Messages rest = messages; !rest.frames.empty();) {
    size_t encoded = 0;
    const base::BlockSpan frames = wire_form_.Encode(rest, &encoded);
    metrics_.encodings.Add(encoded);
    Lengthen(frames, encoded);
    rest.frames.RemoveFirst(encoded);
  }
  CloseAtTurnEnd();
}

bool Router::GoesWhereTheRunGoes() const {
  return matched_[0] == subscribers_[0] && matched_ == subscribers_;
}

void Router::Lengthen(const base::BlockSpan& frames, size_t messages) {
  if (!run_.Append(frames, messages)) {
    CloseRun();
    run_.Append(frames, messages);
  }
  if (match_ != run_match_ && run_.messages() == messages) subscribers_ = matched_;
  run_match_ = match_;
}

void Router::Match(std::string_view topic) {
  const uint64_t version_now = version();
  std::span<Subscriber* const> found;
  if (!TakeAhead(topic, version_now, &found)) {
    if (matched_version_ == version_now && matched_topic_ == topic) return;
    found_.clear();
    index_.Match(topic, &found_);
    found = found_;
    matched_topic_.assign(topic);
    matched_version_ = version_now;
  }
  ++match_;
  matched_.clear();
  matched_groups_.clear();
  matched_loops_ = interest_.LoopsWithLiteral(topic);
  for (Subscriber* subscriber : found) {
    if (subscriber->is_session()) {
      matched_.push_back(static_cast<Subscription*>(subscriber));
    } else if (subscriber->is_loop()) {
      matched_loops_ |= uint64_t{1} << subscriber->loop;
    } else {
      matched_groups_.push_back(static_cast<Group*>(subscriber));
    }
  }
  if (with_holes_ != 0) RemoveHidden(topic, &matched_);
  if (matched_.size() > 1) KeepStrictestOfEachSession(&matched_);
}

void Router::RemoveHidden(std::string_view topic, std::vector<Subscription*>* matched) {
  std::erase_if(*matched, [topic](const Subscription* one) ESOCKETS_ON_LOOP {
    return one->has_holes && one->outbox->permissions().Hides(topic, /*stored=*/false);
  });
}

void Router::MatchAhead(std::span<const std::string_view> topics) {
  ahead_.clear();
  ends_ahead_.clear();
  found_ahead_.clear();
  next_ahead_ = 0;
  ahead_version_ = version();
  for (const std::string_view topic : topics) ahead_.push_back(topic.data());
  index_.MatchAll(topics, &found_ahead_, &ends_ahead_);
}

// What was found ahead, if this topic is the next one and nothing has changed.
bool Router::TakeAhead(std::string_view topic, uint64_t version_now,
                       std::span<Subscriber* const>* found) {
  if (next_ahead_ == ahead_.size()) return false;
  // What a stream has stored is routed in between.
  if (ahead_[next_ahead_] != topic.data()) return false;
  const size_t at = next_ahead_++;
  if (ahead_version_ != version_now) return false;
  const size_t begin = at == 0 ? 0 : ends_ahead_[at - 1];
  *found = std::span(found_ahead_).subspan(begin, ends_ahead_[at] - begin);
  matched_version_ = kNoVersion;
  return true;
}

void Router::KeepStrictestOfEachSession(std::vector<Subscription*>* matched) {
  constexpr size_t kFew = 16;
  const auto of_one_filter = [matched](const Subscription* one) {
    return one->filter().data() == matched->front()->filter().data();
  };
  if (matched->size() <= kFew) {
    KeepStrictest(matched, [matched](const Outbox* outbox, size_t kept) {
      size_t at = 0;
      while (at < kept && (*matched)[at]->outbox != outbox) ++at;
      return at;
    });
  } else if (!std::all_of(matched->begin(), matched->end(), of_one_filter)) {
    absl::flat_hash_map<const Outbox*, size_t> positions(matched->size());
    KeepStrictest(matched, [&positions](const Outbox* outbox, size_t kept) {
      return positions.try_emplace(outbox, kept).first->second;
    });
  }
}

// `find_kept(outbox, kept)`: where among the first `kept` the one with this outbox is; or `kept`.
template <typename FindKept>
void Router::KeepStrictest(std::vector<Subscription*>* matched, FindKept find_kept) {
  size_t kept = 0;
  for (Subscription* subscription : *matched) {
    const size_t at = find_kept(subscription->outbox, kept);
    if (at == kept) {
      (*matched)[kept++] = subscription;
    } else if (subscription->strictness() > (*matched)[at]->strictness()) {
      (*matched)[at] = subscription;
    }
  }
  matched->resize(kept);
}

void Router::NotifyAfterRun(SessionEvents* session, uint64_t id) {
  observers_.emplace_back(session, id);
  CloseAtTurnEnd();
}

void Router::CloseAtTurnEnd() {
  if (std::exchange(closing_at_turn_end_, true)) return;
  executor_.AtTurnEnd([this] {
    executor_.AssertOnLoop();
    closing_at_turn_end_ = false;
    CloseRun();
  });
}

void Router::CloseRun() {
  // Whoever ended a session from within would pull the subscribers from under our feet.
  ESOCKETS_CHECK(!closing_);
  closing_ = true;
  if (!run_.empty()) {
    metrics_.fan_out.Record(subscribers_.size(), run_.messages());
    run_.set_fan_out(subscribers_.size() <= kFewSubscribersMax ? FanOut::kFew : FanOut::kMany);
    for (Subscription* subscription : subscribers_) {
      subscription->outbox->Offer(run_, *subscription, outbox_context_);
    }
    metrics_.runs.Add();
    run_.Clear();
  }
  if (!observers_.empty()) exchange_.Flush();
  // Nobody is added meanwhile: an observer only sends its answer.
  for (const auto& [observer, id] : observers_) observer->OnRunClosed(id);
  observers_.clear();
  closing_ = false;
}

// Which of a session's subscriptions governs was remembered with the match.
void Router::BeforeContractChange() {
  CloseRun();
  matched_version_ = kNoVersion;
}

void Router::SetHoles(Subscription* subscription, bool has_holes) {
  if (subscription->has_holes == has_holes) return;
  BeforeContractChange();
  subscription->has_holes = has_holes;
  with_holes_ = has_holes ? with_holes_ + 1 : with_holes_ - 1;
}

void Router::Add(std::string_view filter, Subscriber* subscriber) {
  CloseRun();
  if (index_.Add(filter, subscriber)) interest_.Announce(filter);
}

void Router::Remove(Subscriber* subscriber) {
  CloseRun();
  if (subscriber->is_session()) SetHoles(static_cast<Subscription*>(subscriber), false);
  const std::string filter(subscriber->filter());
  if (index_.Remove(subscriber)) interest_.Withdraw(filter);
}

}  // namespace esockets::broker

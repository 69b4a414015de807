#include "broker/router.h"

#include <utility>

#include "base/check.h"
#include "broker/outbox.h"

namespace esockets::broker {

Router::Routed Router::Publish(const Message& message) {
  Match(message.topic);
  if (matched_loops_ != 0) exchange_.Forward(message, matched_loops_);
  Offer(message);
  return {matched_.size(), matched_loops_};
}

void Router::Deliver(const Message& message) {
  Match(message.topic);
  Offer(message);
}

void Router::Offer(const Message& message) {
  if (matched_.empty()) return;
  if (!run_.empty() && match_ != run_match_ && matched_ != subscribers_) CloseRun();
  const base::BlockSpan frame = wire_form_.Encode(message);
  metrics_.encodings.Add();
  if (!run_.Append(frame)) {
    CloseRun();
    run_.Append(frame);
  }
  if (run_.messages() == 1 && match_ != run_match_) subscribers_ = matched_;
  run_match_ = match_;
  CloseAtTurnEnd();
}

void Router::Match(std::string_view topic) {
  // Both only grow, and so does their sum.
  const uint64_t version = index_.version() + interest_.version();
  if (matched_version_ == version && matched_topic_ == topic) return;
  ++match_;
  found_.clear();
  index_.Match(topic, &found_);
  matched_.clear();
  matched_loops_ = interest_.LoopsWithLiteral(topic);
  for (Subscriber* subscriber : found_) {
    if (subscriber->is_loop()) {
      matched_loops_ |= uint64_t{1} << subscriber->loop;
    } else {
      matched_.push_back(static_cast<Subscription*>(subscriber));
    }
  }
  if (matched_.size() > 1) KeepStrictestOfEachSession();
  matched_topic_.assign(topic);
  matched_version_ = version;
}

// One publish reaches one session at most once, however many of its filters match; the strictest of
// their contracts governs.
void Router::KeepStrictestOfEachSession() {
  size_t kept = 0;
  for (Subscription* subscription : matched_) {
    Outbox& outbox = *subscription->outbox;
    if (outbox.match_mark != match_) {
      outbox.match_mark = match_;
      outbox.match_position = static_cast<uint32_t>(kept);
      matched_[kept++] = subscription;
    } else if (subscription->overflow > matched_[outbox.match_position]->overflow) {
      matched_[outbox.match_position] = subscription;
    }
  }
  matched_.resize(kept);
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
    for (Subscription* subscription : subscribers_) {
      subscription->outbox->Offer(run_, *subscription);
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

void Router::Add(std::string_view filter, Subscription* subscription) {
  CloseRun();
  if (index_.Add(filter, subscription)) interest_.Announce(filter);
}

void Router::Remove(Subscription* subscription) {
  CloseRun();
  const std::string filter(subscription->filter);
  if (index_.Remove(subscription)) interest_.Withdraw(filter);
}

}  // namespace esockets::broker

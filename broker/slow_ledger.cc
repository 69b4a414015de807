#include "broker/slow_ledger.h"

#include <algorithm>
#include <optional>

#include "broker/limits.h"

namespace esockets::broker {

void SlowLedger::Watch(Outbox* outbox) {
  if (outbox->watched()) return;
  outbox->set_watched(true);
  const auto [found, is_new] = entries_.try_emplace(outbox->sink().session_id(), outbox);
  SlowEntry& entry = found->second;
  if (!is_new) --past_;
  entry.watched = true;
  entry.since = executor_.TurnTime();
  entry.window_begin = base::TimePoint();
  ++watched_;
  if (!timer_) LookIn(kSlowLookInterval);
}

void SlowLedger::Forget(const Outbox& outbox) {
  const auto found = entries_.find(outbox.sink().session_id());
  if (found == entries_.end()) return;
  SlowEntry& entry = found->second;
  if (entry.slow) metrics_.of(entry.verdict).Subtract(1);
  entry.watched ? --watched_ : --past_;
  entries_.erase(found);
}

const SlowEntry* SlowLedger::Find(uint64_t session_id) const {
  const auto found = entries_.find(session_id);
  return found == entries_.end() ? nullptr : &found->second;
}

void SlowLedger::LookIn(base::Duration pause) {
  timer_ = executor_.RunAt(executor_.TurnTime() + pause, [this] {
    executor_.AssertOnLoop();
    if (next_session_ == 0) {
      round_begin_ = executor_.clock().Now();
      round_lag_ = round_begin_ - timer_.deadline;
    }
    timer_ = base::TimerId();
    LookAtSome();
  });
}

// Part of a round: the others go on with the next turn, so that thousands that are slow at once
// cost the rest nothing but a little of each turn.
void SlowLedger::LookAtSome() {
  const base::TimePoint now = executor_.TurnTime();
  size_t looks = 0;
  auto next = entries_.lower_bound(next_session_);
  while (next != entries_.end() && looks < kSlowLooksPerTurn) {
    if (!next->second.watched) {
      ++next;
      continue;
    }
    ++looks;
    const bool kept = LookAt(&next->second, now);
    next = kept ? std::next(next) : entries_.erase(next);
  }
  next_session_ = next == entries_.end() ? 0 : next->first;
  LimitThePast();
  if (next_session_ != 0) return LookIn(base::Duration::zero());
  if (watched_ > 0) LookIn(kSlowLookInterval);
}

bool SlowLedger::LookAt(SlowEntry* entry, base::TimePoint now) {
  Outbox& outbox = *entry->outbox;
  outbox.DropWorthless();
  const SendState state = outbox.sink().send_state();
  const std::optional<base::TimePoint> oldest = outbox.oldest();
  const bool stands = oldest && now - *oldest >= kSlowAfter;
  if (outbox.behind() || (state.refused && stands)) {
    if (!entry->slow) BecomeSlow(entry);
    GatherEvidence(entry, now);
    return true;
  }
  if (state.refused) return true;  // so far it is only busy
  if (entry->slow) CatchUp(entry, now);
  Unwatch(entry);
  if (entry->slow_total == 0) return false;
  ++past_;
  return true;
}

void SlowLedger::BecomeSlow(SlowEntry* entry) {
  entry->slow = true;
  ++entry->slow_total;
  entry->verdict = SlowVerdict::kUnknown;
  entry->evidence = SlowEvidence();
  metrics_.of(entry->verdict).Add();
  metrics_.slow_total.Add();
}

void SlowLedger::GatherEvidence(SlowEntry* entry, base::TimePoint now) {
  const SessionSink& sink = entry->outbox->sink();
  const NetworkSample sample = sink.SampleNetwork();
  const bool begins = entry->window_begin == base::TimePoint();
  if (!begins) {
    SlowEvidence& gathered = entry->gathered;
    ++gathered.looks;
    if (sample.writable && sink.send_state().queue_bytes > 0) ++gathered.looks_unflushed;
    if (entry->outbox->waits_for_pace()) ++gathered.looks_paced;
    gathered.loop_lag = std::max(gathered.loop_lag, round_lag_);
    gathered.window = now - entry->window_begin;
    if (gathered.window < kSlowWindow) return;
    gathered.AddNetwork(entry->at_begin, sample);
    SetVerdict(entry, Judge(gathered), now);
  }
  entry->window_begin = now;
  entry->at_begin = sample;
  entry->gathered = SlowEvidence();
}

void SlowLedger::SetVerdict(SlowEntry* entry, SlowVerdict verdict, base::TimePoint now) {
  const bool between_losses = entry->verdict == SlowVerdict::kNetwork &&
                              verdict == SlowVerdict::kBandwidth &&
                              now - entry->judged < kSlowLossMemory;
  if (between_losses) return;
  entry->evidence = entry->gathered;
  entry->judged = now;
  if (verdict == entry->verdict) return;
  metrics_.of(entry->verdict).Subtract(1);
  metrics_.of(verdict).Add();
  entry->verdict = verdict;
  if (observer_ != nullptr) observer_->OnSlowChange(*entry);
}

void SlowLedger::CatchUp(SlowEntry* entry, base::TimePoint now) {
  const base::Duration slow_for = entry->SlowFor(now);
  entry->slow_before += slow_for;
  entry->slow = false;
  metrics_.of(entry->verdict).Subtract(1);
  metrics_.slow_ms_total.Add(base::Millis(slow_for));
  if (observer_ != nullptr) observer_->OnSlowChange(*entry);
}

void SlowLedger::Unwatch(SlowEntry* entry) {
  entry->watched = false;
  entry->outbox->set_watched(false);
  --watched_;
}

// Those that connected first go first.
void SlowLedger::LimitThePast() {
  for (auto next = entries_.begin(); past_ > kSlowPastEntriesMax;) {
    if (next->second.watched) {
      ++next;
      continue;
    }
    next = entries_.erase(next);
    --past_;
  }
}

}  // namespace esockets::broker

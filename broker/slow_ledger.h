// Who of a loop's clients is slow, since when, and why. Costs a client that keeps up nothing: only
// those that the kernel has refused, or that are behind, are looked at, a few in a turn, several
// times a second. Thread: the loop.
#ifndef BROKER_SLOW_LEDGER_H_
#define BROKER_SLOW_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <map>

#include "base/clock.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/metrics.h"
#include "broker/network_sample.h"
#include "broker/outbox.h"
#include "broker/slow_verdict.h"

namespace esockets::broker {

struct SlowEntry {
  explicit SlowEntry(Outbox* of_client) : outbox(of_client) {}

  // Of the time that is not over, and of those that are.
  base::Duration SlowFor(base::TimePoint now) const {
    return slow ? now - since : base::Duration::zero();
  }
  base::Duration SlowInAll(base::TimePoint now) const { return slow_before + SlowFor(now); }

  Outbox* outbox;
  bool watched = false;     // it may be slow: there are looks
  bool slow = false;        // behind, or the kernel has taken nothing for kSlowAfter
  base::TimePoint since{};  // of `watched`
  base::Duration slow_before{};
  uint64_t slow_total = 0;  // times
  SlowVerdict verdict = SlowVerdict::kUnknown;
  SlowEvidence evidence;     // for it
  base::TimePoint judged{};  // when that was so

  // What is being gathered for the next verdict.
  SlowEvidence gathered;
  base::TimePoint window_begin{};
  NetworkSample at_begin;
};

// Hears of clients that become slow, why, and when they have caught up.
class SlowObserver {
 public:
  virtual void OnSlowChange(const SlowEntry& entry) ESOCKETS_ON_LOOP = 0;

 protected:
  ~SlowObserver() = default;
};

class SlowLedger {
 public:
  // REQUIRES: both outlive the ledger.
  SlowLedger(base::Executor* executor, Metrics* metrics)
      : executor_(*executor), metrics_(*metrics) {}
  SlowLedger(const SlowLedger&) = delete;
  SlowLedger& operator=(const SlowLedger&) = delete;

  // The kernel has refused bytes, or the client is behind: looks at it until it has caught up.
  void Watch(Outbox* outbox) ESOCKETS_ON_LOOP;
  // The client has gone. REQUIRED before its outbox dies.
  void Forget(const Outbox& outbox) ESOCKETS_ON_LOOP;

  // By session id: those that are slow, those that were, and those that may be.
  using Entries = std::map<uint64_t, SlowEntry>;
  const Entries& entries() const ESOCKETS_ON_LOOP { return entries_; }
  // Null: it was never slow.
  const SlowEntry* Find(uint64_t session_id) const ESOCKETS_ON_LOOP;

  // May be null.
  void set_observer(SlowObserver* observer) { observer_ = observer; }

 private:
  void LookIn(base::Duration pause) ESOCKETS_ON_LOOP;
  void LookAtSome() ESOCKETS_ON_LOOP;
  // Returns false when the entry is not needed any more.
  bool LookAt(SlowEntry* entry, base::TimePoint now) ESOCKETS_ON_LOOP;
  void BecomeSlow(SlowEntry* entry) ESOCKETS_ON_LOOP;
  void GatherEvidence(SlowEntry* entry, base::TimePoint now) ESOCKETS_ON_LOOP;
  void CatchUp(SlowEntry* entry, base::TimePoint now) ESOCKETS_ON_LOOP;
  // From what was gathered.
  void SetVerdict(SlowEntry* entry, SlowVerdict verdict, base::TimePoint now) ESOCKETS_ON_LOOP;
  void Unwatch(SlowEntry* entry) ESOCKETS_ON_LOOP;
  void LimitThePast() ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  Metrics& metrics_;
  SlowObserver* observer_ = nullptr;
  Entries entries_;
  size_t watched_ = 0;
  size_t past_ = 0;  // entries of clients that were slow
  base::TimerId timer_;
  // Of the round of looks that is under way.
  base::TimePoint round_begin_{};
  base::Duration round_lag_{};  // how late it came
  uint64_t next_session_ = 0;   // of it
};

}  // namespace esockets::broker

#endif  // BROKER_SLOW_LEDGER_H_

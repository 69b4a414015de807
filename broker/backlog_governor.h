// Keeps what waits for all clients of a broker within its memory: when it comes near the limit, the
// largest backlogs are cut to one length, in all loops, and nobody else loses anything. The loop
// that notices asks the others how much waits for whom, and says where to cut. When the whole
// process is short of memory, those who have most waiting may be closed. Thread: the loop.
#ifndef BROKER_BACKLOG_GOVERNOR_H_
#define BROKER_BACKLOG_GOVERNOR_H_

#include <cstdint>
#include <vector>

#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/backlog.h"
#include "broker/broker_totals.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/parcel.h"
#include "broker/siblings.h"
#include "broker/slow_ledger.h"

namespace esockets::broker {

// The length to which the largest have to be cut so that together they become `excess_bytes`
// shorter. 0: all of them are not more than that.
uint64_t ShedLevel(std::vector<uint64_t> sizes, uint64_t excess_bytes);

// How many clients of each loop have to be closed, the largest first, so that together they have
// `excess_bytes`.
using SizesOfLoops = std::vector<std::vector<uint64_t>>;
std::vector<uint64_t> ClosesOfLoops(const SizesOfLoops& sizes, uint64_t excess_bytes);

class BacklogGovernor final : public BacklogPressure {
 public:
  // REQUIRES: all outlive the governor; the ledger knows every client that is behind.
  BacklogGovernor(base::Executor* executor, Siblings* siblings, BrokerTotals* totals,
                  SlowLedger* ledger, Metrics* metrics, const Limits* limits)
      : executor_(*executor),
        siblings_(*siblings),
        totals_(*totals),
        ledger_(*ledger),
        metrics_(*metrics),
        limits_(*limits) {}
  BacklogGovernor(const BacklogGovernor&) = delete;
  BacklogGovernor& operator=(const BacklogGovernor&) = delete;

  // Each begins at the end of the turn, unless a loop is at it already.
  void OnPressure() override ESOCKETS_ON_LOOP;
  // The process has so much too much.
  void CutLargest(uint64_t excess_bytes) ESOCKETS_ON_LOOP;
  void CloseLargest(uint64_t excess_bytes) ESOCKETS_ON_LOOP;

  // Parcels, in the order in which they come.
  void OnSizesAsk(uint32_t from, const BacklogSizesAskParcel& ask) ESOCKETS_ON_LOOP;
  void OnSizes(uint32_t from, const BacklogSizesParcel& sizes) ESOCKETS_ON_LOOP;
  void OnShed(uint32_t from, const ShedParcel& shed) ESOCKETS_ON_LOOP;
  void OnShedDone(const ShedDoneParcel& done) ESOCKETS_ON_LOOP;

 private:
  struct Round {
    bool closes = false;
    uint64_t excess_bytes = 0;  // of the process; 0: of all backlogs, when it is known
  };
  void Begin(const Round& round) ESOCKETS_ON_LOOP;
  uint64_t ExcessBytes() const;
  // Calls parcel_for(loop), and expects as many answers.
  template <typename ParcelFor>
  void PostToAll(ParcelFor parcel_for) ESOCKETS_ON_LOOP;
  ShedDoneParcel CutTo(uint64_t bytes_max) ESOCKETS_ON_LOOP;
  ShedDoneParcel Close(uint64_t clients) ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  Siblings& siblings_;
  BrokerTotals& totals_;
  SlowLedger& ledger_;
  Metrics& metrics_;
  const Limits& limits_;
  // While this loop has the largest cut, or closed.
  Round round_;
  uint32_t missing_ = 0;  // answers
  SizesOfLoops sizes_;
  ShedDoneParcel done_{};
  base::TimePoint logged_until_{};  // no second line before
};

}  // namespace esockets::broker

#endif  // BROKER_BACKLOG_GOVERNOR_H_

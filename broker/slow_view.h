// The ledger of slow clients in the messages of proto/admin.proto: as an answer, and as events on
// "$SYS/slow". Thread: the loop.
#ifndef BROKER_SLOW_VIEW_H_
#define BROKER_SLOW_VIEW_H_

#include <cstdint>

#include "base/on_loop.h"
#include "broker/session.h"
#include "broker/shard.h"
#include "broker/slow_ledger.h"
#include "proto/admin.pb.h"

namespace esockets::broker {

inline constexpr std::string_view kSlowTopic = "$SYS/slow";

// This loop's slow clients in the order of the answer, at most as many as a page has room for.
admin::Slow SlowClients(const Shard& shard, uint32_t limit) ESOCKETS_ON_LOOP;

// ... this one alone, if it is one.
admin::Slow SlowClients(const Shard& shard, const Session& session) ESOCKETS_ON_LOOP;

// Publishes what changes.
class SlowReports final : public SlowObserver {
 public:
  // REQUIRES: the shard outlives this.
  explicit SlowReports(Shard* shard) : shard_(*shard) { shard->slow_ledger.set_observer(this); }
  SlowReports(const SlowReports&) = delete;
  SlowReports& operator=(const SlowReports&) = delete;
  ~SlowReports() { shard_.slow_ledger.set_observer(nullptr); }

 private:
  void OnSlowChange(const SlowEntry& entry) override ESOCKETS_ON_LOOP;

  Shard& shard_;
};

}  // namespace esockets::broker

#endif  // BROKER_SLOW_VIEW_H_

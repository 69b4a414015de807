// What all loops of a broker count together.
#ifndef BROKER_BROKER_TOTALS_H_
#define BROKER_BROKER_TOTALS_H_

#include <atomic>
#include <cstdint>

#include "broker/client_quota.h"
#include "broker/memory_levels.h"
#include "broker/reconnect_slots.h"
#include "broker/stream_heads.h"
#include "broker/used_tickets.h"

namespace esockets::broker {

// Thread: any.
struct BrokerTotals {
  std::atomic<uint64_t> clients{0};
  ClientQuota users;
  ClientQuota classes;
  UsedTickets used_tickets;
  ReconnectSlots reconnect_slots;
  StreamHeads stream_heads;
  // Memory of what waits for clients that are behind.
  std::atomic<uint64_t> backlog_memory_bytes{0};
  // One of the loops is having the largest backlogs cut, or clients closed.
  std::atomic<bool> shedding{false};
  // What the process has, as broker/memory_governor saw it last, and how short that is.
  std::atomic<uint64_t> memory_bytes{0};
  std::atomic<MemoryLevel> memory_level{MemoryLevel::kEnough};

  bool IsShortOfMemory(MemoryLevel level) const {
    return memory_level.load(std::memory_order_relaxed) >= level;
  }
};

}  // namespace esockets::broker

#endif  // BROKER_BROKER_TOTALS_H_

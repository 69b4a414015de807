// Why a message would reach a client through a subscription, or would not: in words with figures.
// Thread: the loop.
#ifndef BROKER_TRACE_WHY_H_
#define BROKER_TRACE_WHY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "broker/limits.h"
#include "broker/overflow_rules.h"
#include "broker/subscription.h"

namespace esockets::broker {

// "delivered", "waits", ...: an outcome of admin.TraceEntry.
std::string_view OutcomeText(Fate::What what);

// The first level that does not match, as people count them. REQUIRES: FilterMatches says no.
std::string WhyNoMatch(std::string_view filter, std::string_view topic);

// The client may not have what its filter matches. `rule`: name of the permission.
std::string WhyHidden(std::string_view rule);

// ... that both match, of one client: through `governing` it gets the message.
std::string WhyOther(const Subscription& governing, const Subscription& other);

// What the fate of a message depends on beside the subscription.
struct FateContext {
  uint64_t frame_bytes;  // of the message
  const Limits& limits;
  base::TimePoint now;
};
std::string WhyFate(const Fate& fate, const Subscription& subscription, const FateContext& context);

}  // namespace esockets::broker

#endif  // BROKER_TRACE_WHY_H_

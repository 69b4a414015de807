// What somebody asks of the group that it joins.
#ifndef BROKER_GROUP_OPTIONS_H_
#define BROKER_GROUP_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "broker/command_checks.h"
#include "broker/errors.h"
#include "broker/subscription.h"
#include "proto/client_frame_decoder.h"

namespace esockets::broker {

// As enum GroupStrategy of the protocol.
enum class Strategy : uint8_t { kRoundRobin = 1, kHash = 2, kFirst = 3 };
std::string_view StrategyText(Strategy strategy);

// Nothing, or zero, leaves it to the group.
struct GroupOptions {
  std::optional<Strategy> strategy{};
  std::optional<Overflow> overflow{};  // kDropOldest or kDropNewest
  BacklogLimits max{};
};

// Writes *options, or says why the Subscribe is refused. REQUIRES: CheckSubscribe had nothing to
// say.
std::optional<Refusal<ErrorCode>> MakeGroupOptions(const proto::SubscribeView& subscribe,
                                                   GroupOptions* options);

}  // namespace esockets::broker

#endif  // BROKER_GROUP_OPTIONS_H_

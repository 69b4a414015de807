#include "broker/group_options.h"

#include "base/topic.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {

std::string_view StrategyText(Strategy strategy) {
  switch (strategy) {
    case Strategy::kRoundRobin:
      return "round_robin";
    case Strategy::kHash:
      return "hash";
    case Strategy::kFirst:
      return "first";
  }
  return "";
}

std::optional<Refusal<ErrorCode>> MakeGroupOptions(const proto::SubscribeView& subscribe,
                                                   GroupOptions* options) {
  if (subscribe.start != START_NOW) {
    return Refusal<ErrorCode>{ErrorCode::kGroupInvalid, "start"};
  }
  if (base::IsReserved(subscribe.filter)) {
    return Refusal<ErrorCode>{ErrorCode::kGroupInvalid, "a filter below $"};
  }
  if (subscribe.group_strategy != GROUP_STRATEGY_UNSPECIFIED) {
    options->strategy = static_cast<Strategy>(subscribe.group_strategy);
  }
  switch (subscribe.overflow) {
    case OVERFLOW_DEFAULT:
      break;
    case OVERFLOW_DROP_OLDEST:
      options->overflow = Overflow::kDropOldest;
      break;
    case OVERFLOW_DROP_NEWEST:
      options->overflow = Overflow::kDropNewest;
      break;
    default:
      return Refusal<ErrorCode>{ErrorCode::kOverflowNotAllowed,
                                "a group has DROP_OLDEST or DROP_NEWEST"};
  }
  options->max = BacklogLimits::Of(subscribe.max_backlog_messages, subscribe.max_backlog_bytes,
                                   subscribe.max_backlog_age_ms);
  return std::nullopt;
}

}  // namespace esockets::broker

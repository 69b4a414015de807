#include "broker/subscription.h"

namespace esockets::broker {

void Subscription::SetContract(Overflow what, const BacklogLimits& limits) {
  // What waits under another contract keeps its place: nothing newer may take one in front of it.
  if (backlog && what != overflow) backlog->latest.reset();
  overflow = what;
  max = limits;
}

void Subscription::ClearBacklog() {
  if (backlog->dropped_messages_total() == 0) {
    backlog.reset();
    return;
  }
  *backlog = SubscriptionBacklog{.gap = {},
                                 .latest = nullptr,
                                 .dropped_messages = backlog->dropped_messages,
                                 .dropped_bytes_total = backlog->dropped_bytes_total};
}

std::string_view OverflowText(Overflow overflow) {
  switch (overflow) {
    case Overflow::kConflate:
      return "CONFLATE";
    case Overflow::kDropOldest:
      return "DROP_OLDEST";
    case Overflow::kDropNewest:
      return "DROP_NEWEST";
    case Overflow::kDisconnect:
      return "DISCONNECT";
    case Overflow::kReplay:
      return "REPLAY";
  }
  return "";
}

bool ParseOverflow(std::string_view text, Overflow* overflow) {
  for (const Overflow one : {Overflow::kConflate, Overflow::kDropOldest, Overflow::kDropNewest,
                             Overflow::kDisconnect, Overflow::kReplay}) {
    if (OverflowText(one) != text) continue;
    *overflow = one;
    return true;
  }
  return false;
}

}  // namespace esockets::broker

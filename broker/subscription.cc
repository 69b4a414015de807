#include "broker/subscription.h"

namespace esockets::broker {

void Subscription::ClearBacklog() {
  if (backlog->dropped_messages_total == 0) {
    backlog.reset();
    return;
  }
  *backlog = SubscriptionBacklog{.dropped_messages_total = backlog->dropped_messages_total,
                                 .dropped_bytes_total = backlog->dropped_bytes_total};
}

std::string_view OverflowText(Overflow overflow) {
  return overflow == Overflow::kDisconnect ? "DISCONNECT" : "DROP_OLDEST";
}

}  // namespace esockets::broker

#include "broker/subscription.h"

namespace esockets::broker {

std::string_view OverflowText(Overflow overflow) {
  return overflow == Overflow::kDisconnect ? "DISCONNECT" : "DROP_OLDEST";
}

}  // namespace esockets::broker

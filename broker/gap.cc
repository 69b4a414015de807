#include "broker/gap.h"

namespace esockets::broker {

std::string_view GapReasonText(GapReason reason) {
  switch (reason) {
    case GapReason::kConflated:
      return "CONFLATED";
    case GapReason::kExpired:
      return "EXPIRED";
    case GapReason::kTooOld:
      return "TOO_OLD";
    case GapReason::kBacklogFull:
      return "BACKLOG_FULL";
    case GapReason::kBrokerMemory:
      return "BROKER_MEMORY";
    case GapReason::kRetention:
      return "RETENTION";
  }
  return "";
}

}  // namespace esockets::broker

#include "broker/slow_verdict.h"

#include <algorithm>
#include <chrono>

#include "base/strings.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;

// Parts of the time that stand out.
constexpr uint32_t kMostPercent = 50;
// Loops come this late when they are busy with something, not with the epoll_wait before.
constexpr base::Duration kLateLoop = milliseconds(50);
// A segment in a hundred that is sent again halves what TCP reaches on most ways; a few may be
// the end of a burst.
constexpr uint64_t kRetransmitsMin = 3;
constexpr uint64_t kSegmentsPerRetransmit = 100;
// Acknowledgements of a reader that takes little at a time come up to 40 ms late: whatever waits
// for longer than this does so on the way, if it is more than a few segments.
constexpr base::Duration kQueueOnTheWay = milliseconds(100);
constexpr double kBytesOnTheWay = 16 << 10;
// A satellite, or worse: the window of a connection is too small for it.
constexpr base::Duration kLongWay = milliseconds(300);

using base::Millis;

bool LosesSegments(const SlowEvidence& seen) {
  return seen.retransmits >= kRetransmitsMin &&
         seen.retransmits * kSegmentsPerRetransmit >= seen.segments;
}

// A way that holds more than the receive window keeps the sender at that window, too: then the
// window is not closed, but full of bytes that are still coming (Little's law says how many).
bool QueuesOnTheWay(const SlowEvidence& seen) {
  if (seen.rtt - seen.rtt_min < kQueueOnTheWay) return false;
  const double round_trips = std::chrono::duration<double>(seen.window) / seen.rtt;
  return static_cast<double>(seen.acked_bytes) >= kBytesOnTheWay * round_trips;
}

}  // namespace

std::string_view SlowVerdictText(SlowVerdict verdict) {
  switch (verdict) {
    case SlowVerdict::kUnknown:
      return "unknown";
    case SlowVerdict::kReader:
      return "reader";
    case SlowVerdict::kNetwork:
      return "network";
    case SlowVerdict::kBandwidth:
      return "bandwidth";
    case SlowVerdict::kBroker:
      return "broker";
    case SlowVerdict::kRateLimit:
      return "rate_limit";
  }
  return "";
}

void SlowEvidence::AddNetwork(const NetworkSample& begin, const NetworkSample& end) {
  network_known = begin.known && end.known;
  busy = end.busy - begin.busy;
  receive_window_limited = end.receive_window_limited - begin.receive_window_limited;
  acked_bytes = end.acked_bytes - begin.acked_bytes;
  segments = end.segments - begin.segments;
  retransmits = end.retransmits - std::min(begin.retransmits, end.retransmits);
  rtt = end.rtt;
  rtt_min = end.rtt_min;
}

uint32_t SlowEvidence::PercentOf(base::Duration part) const {
  if (window <= base::Duration::zero()) return 0;
  const auto percent = static_cast<int64_t>(100.0 * (part / std::chrono::duration<double>(window)));
  return static_cast<uint32_t>(std::clamp<int64_t>(percent, 0, 100));
}

SlowVerdict Judge(const SlowEvidence& seen) {
  if (seen.looks_paced > 0 && seen.looks_paced * 2 >= seen.looks) return SlowVerdict::kRateLimit;
  if (seen.looks_unflushed * 2 >= seen.looks && seen.loop_lag >= kLateLoop) {
    return SlowVerdict::kBroker;
  }
  // There is no network between us: who else?
  if (!seen.network_known) return SlowVerdict::kReader;
  const bool kept_by_window = seen.PercentOf(seen.receive_window_limited) >= kMostPercent;
  if (kept_by_window && !QueuesOnTheWay(seen)) return SlowVerdict::kReader;
  if (LosesSegments(seen) || seen.rtt_min >= kLongWay) return SlowVerdict::kNetwork;
  if (seen.PercentOf(seen.busy) >= kMostPercent) return SlowVerdict::kBandwidth;
  return SlowVerdict::kUnknown;
}

std::string Describe(SlowVerdict verdict, const SlowEvidence& seen) {
  const uint64_t window_ms = Millis(seen.window);
  switch (verdict) {
    case SlowVerdict::kUnknown:
      return window_ms == 0 ? "not looked at for long enough"
                            : base::StrCat("nothing stands out in ", window_ms, " ms: busy for ",
                                           seen.PercentOf(seen.busy), " %, ", seen.retransmits,
                                           " segments sent again");
    case SlowVerdict::kReader:
      if (!seen.network_known) return "the socket is full, and there is no network between";
      return base::StrCat("the receive window was closed for ",
                          seen.PercentOf(seen.receive_window_limited), " % of ", window_ms, " ms");
    case SlowVerdict::kNetwork:
      return base::StrCat(seen.retransmits, " of ", seen.segments, " segments were sent again in ",
                          window_ms, " ms, round trip ", Millis(seen.rtt), " ms, at best ",
                          Millis(seen.rtt_min), " ms");
    case SlowVerdict::kBandwidth:
      return base::StrCat("busy for ", seen.PercentOf(seen.busy), " % of ", window_ms, " ms, ",
                          seen.acked_bytes, " bytes arrived, ", seen.retransmits, " of ",
                          seen.segments, " segments were sent again");
    case SlowVerdict::kBroker:
      return base::StrCat("the socket took more in ", seen.looks_unflushed, " of ", seen.looks,
                          " looks, and the loop came up to ", Millis(seen.loop_lag),
                          " ms too late");
    case SlowVerdict::kRateLimit:
      return base::StrCat("its limit of what it is sent in a second was used up in ",
                          seen.looks_paced, " of ", seen.looks, " looks");
  }
  return "";
}

}  // namespace esockets::broker

// Why a client is slow: what was seen of its connection for a while, and what follows from that.
#ifndef BROKER_SLOW_VERDICT_H_
#define BROKER_SLOW_VERDICT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "broker/network_sample.h"

namespace esockets::broker {

enum class SlowVerdict : uint8_t {
  kUnknown,    // not looked at for long enough, or nothing stands out
  kReader,     // the client does not read fast enough
  kNetwork,    // bytes are lost on the way, or it is very long
  kBandwidth,  // the way is busy and in order: it is too narrow for so much
  kBroker,     // the socket takes more, and the loop does not get to it
  kRateLimit,  // it has been sent as much as it may be
};
inline constexpr size_t kSlowVerdicts = 6;
// "reader", ...
std::string_view SlowVerdictText(SlowVerdict verdict);

// Between two looks at a connection, or several.
struct SlowEvidence {
  base::Duration window{};
  bool network_known = false;
  base::Duration busy{};
  base::Duration receive_window_limited{};
  uint64_t acked_bytes = 0;
  uint64_t segments = 0;
  uint64_t retransmits = 0;
  base::Duration rtt{};      // at the end
  base::Duration rtt_min{};  // at the end
  // How often there was a look; how often the socket took more and there was something to send.
  uint32_t looks = 0;
  uint32_t looks_unflushed = 0;
  uint32_t looks_paced = 0;   // how often it waited for its limit of what it is sent
  base::Duration loop_lag{};  // the longest that the loop came too late

  void AddNetwork(const NetworkSample& begin, const NetworkSample& end);
  // Of the window, whose parts cannot be more than all of it.
  uint32_t PercentOf(base::Duration part) const;
};

SlowVerdict Judge(const SlowEvidence& evidence);

// What the verdict rests on, with its figures.
std::string Describe(SlowVerdict verdict, const SlowEvidence& evidence);

}  // namespace esockets::broker

#endif  // BROKER_SLOW_VERDICT_H_

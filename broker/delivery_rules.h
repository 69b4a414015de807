// What becomes of messages that a subscriber is too slow for: what it asks for, within what the
// operator allows for these topics. Thread: any.
#ifndef BROKER_DELIVERY_RULES_H_
#define BROKER_DELIVERY_RULES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/command_checks.h"
#include "broker/errors.h"
#include "broker/limits.h"
#include "broker/subscription.h"
#include "proto/client_frame_decoder.h"

namespace esockets::broker {

// A set of contracts.
class OverflowSet {
 public:
  static OverflowSet All() { return OverflowSet(0xFF); }

  OverflowSet() = default;
  bool Contains(Overflow overflow) const { return (bits_ & Bit(overflow)) != 0; }
  void Add(Overflow overflow) { bits_ |= Bit(overflow); }
  void Remove(Overflow overflow) { bits_ &= static_cast<uint8_t>(~Bit(overflow)); }
  OverflowSet operator&(OverflowSet other) const { return OverflowSet(bits_ & other.bits_); }
  // "DROP_OLDEST, DISCONNECT"; "nothing".
  std::string Text() const;

 private:
  explicit OverflowSet(int bits) : bits_(static_cast<uint8_t>(bits)) {}
  static uint8_t Bit(Overflow overflow) {
    return static_cast<uint8_t>(1 << static_cast<int>(overflow));
  }
  uint8_t bits_ = 0;
};

// Holds for every subscription that can match a topic of its filter's. Where several do, what all
// of them allow is allowed, the smallest limits hold, and the first that has a default gives it.
struct DeliveryRule {
  std::string filter;
  OverflowSet allow = OverflowSet::All();
  std::optional<Overflow> otherwise;  // of a Subscribe that leaves the choice
  BacklogLimits max;                  // 0: that of the broker
};

struct DeliveryPolicy {
  Overflow otherwise = Overflow::kDropOldest;  // where no rule has a default
  std::vector<DeliveryRule> rules;
};

struct Contract {
  Overflow overflow;
  BacklogLimits max;
};

// The contract of a subscription. What it asks for above a limit is lowered to it. Writes
// *contract, or says why the Subscribe is refused. `in_stream`: one stream keeps all that it is
// for. REQUIRES: CheckSubscribe had nothing to say.
std::optional<Refusal<ErrorCode>> MakeContract(const proto::SubscribeView& subscribe,
                                               const Limits& limits, const DeliveryPolicy& policy,
                                               bool in_stream, Contract* contract);

}  // namespace esockets::broker

#endif  // BROKER_DELIVERY_RULES_H_

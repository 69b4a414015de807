#include "broker/delivery_rules.h"

#include <array>

#include "base/strings.h"
#include "base/topic.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {
namespace {

// Those that lose less come first.
constexpr std::array kOverflows = {Overflow::kDropOldest, Overflow::kConflate,
                                   Overflow::kDropNewest, Overflow::kDisconnect, Overflow::kReplay};

// Nothing: the choice is the operator's.
std::optional<Overflow> Asked(uint32_t overflow) {
  switch (overflow) {
    case OVERFLOW_CONFLATE:
      return Overflow::kConflate;
    case OVERFLOW_DROP_OLDEST:
      return Overflow::kDropOldest;
    case OVERFLOW_DROP_NEWEST:
      return Overflow::kDropNewest;
    case OVERFLOW_DISCONNECT:
      return Overflow::kDisconnect;
    case OVERFLOW_REPLAY:
      return Overflow::kReplay;
    default:
      return std::nullopt;
  }
}

// The smaller; 0: no limit.
template <typename T>
T Smaller(T a, T b) {
  return a == 0 || (b != 0 && b < a) ? b : a;
}

void Lower(BacklogLimits* max, const BacklogLimits& to) {
  max->messages = Smaller(max->messages, to.messages);
  max->bytes = Smaller(max->bytes, to.bytes);
  max->age_ms = Smaller(max->age_ms, to.age_ms);
}

}  // namespace

std::string OverflowSet::Text() const {
  std::string text;
  for (const Overflow overflow : kOverflows) {
    if (!Contains(overflow)) continue;
    base::StrAppend(&text, text.empty() ? "" : ", ", OverflowText(overflow));
  }
  return text.empty() ? "nothing" : text;
}

std::optional<Refusal<ErrorCode>> MakeContract(const proto::SubscribeView& subscribe,
                                               const Limits& limits, const DeliveryPolicy& policy,
                                               bool in_stream, Contract* contract) {
  const std::optional<Overflow> asked = Asked(subscribe.overflow);
  if (asked == Overflow::kReplay && !in_stream) {
    return Refusal<ErrorCode>{ErrorCode::kNotInStream, "REPLAY reads from a stream"};
  }
  contract->max = BacklogLimits::Of(subscribe.max_backlog_messages, subscribe.max_backlog_bytes,
                                    subscribe.max_backlog_age_ms);
  Lower(&contract->max, BacklogLimits::Of(limits.backlog_messages_max, limits.backlog_bytes_max,
                                          limits.backlog_age_max_ms));
  OverflowSet allowed = OverflowSet::All();
  if (!in_stream) allowed.Remove(Overflow::kReplay);
  std::optional<Overflow> otherwise;
  std::string rules;
  for (const DeliveryRule& rule : policy.rules) {
    if (!base::FiltersOverlap(rule.filter, subscribe.filter)) continue;
    Lower(&contract->max, rule.max);
    allowed = allowed & rule.allow;
    if (!otherwise) otherwise = rule.otherwise;
    base::StrAppend(&rules, rules.empty() ? "" : ", ", rule.filter);
  }
  contract->overflow = asked.value_or(otherwise.value_or(policy.otherwise));
  if (allowed.Contains(contract->overflow)) return std::nullopt;
  if (!asked) {
    for (const Overflow overflow : kOverflows) {
      contract->overflow = overflow;
      if (allowed.Contains(overflow)) return std::nullopt;
    }
  }
  return Refusal<ErrorCode>{
      ErrorCode::kOverflowNotAllowed,
      base::StrCat(asked ? OverflowText(*asked) : std::string_view("any"),
                   "; allowed by the rules for ", rules, ": ", allowed.Text())};
}

}  // namespace esockets::broker

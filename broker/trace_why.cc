#include "broker/trace_why.h"

#include <chrono>

#include "base/strings.h"
#include "base/topic.h"
#include "broker/backlog_entry.h"

namespace esockets::broker {
namespace {

std::string MessagesOf(uint64_t count) {
  return base::StrCat(count, count == 1 ? " message" : " messages");
}

std::string Wanted(std::string_view level) {
  return level == "+" ? std::string("any") : base::StrCat("\"", level, "\"");
}

std::string Waiting(const Room& room, const Subscription& subscription) {
  return base::StrCat(room.messages, " of ", MessagesOf(subscription.max.messages),
                      room.messages == 1 ? " waits" : " wait");
}

std::string WaitingBytes(uint64_t bytes, uint64_t bytes_max, std::string_view of_whom,
                         uint64_t more_bytes) {
  return base::StrCat(bytes, " of ", bytes_max, " bytes wait", of_whom, ", and this one needs ",
                      more_bytes);
}

std::string OldestAge(const Room& room, const Subscription& subscription, base::TimePoint now) {
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(
      room.oldest == nullptr ? base::Duration::zero() : now - room.oldest->message->time());
  return base::StrCat("the oldest has waited for ", age.count(), " ms, limit ",
                      subscription.max.age_ms);
}

// The limit that is in the way; how much waits, if there is none.
std::string WhyShort(const Fate& fate, const Subscription& subscription,
                     const FateContext& context) {
  const Room& room = fate.room;
  const uint64_t memory_bytes =
      MessageSize::OfFrame(context.frame_bytes).memory_bytes + kBacklogEntryMemoryBytes;
  switch (fate.shortage) {
    case Shortage::kNone:
      return Waiting(room, subscription);
    case Shortage::kOfAge:
      return OldestAge(room, subscription, context.now);
    case Shortage::kOfSubscription:
      if (room.messages >= subscription.max.messages) return Waiting(room, subscription);
      return WaitingBytes(room.bytes, subscription.max.bytes, "", context.frame_bytes);
    case Shortage::kOfClient:
      return WaitingBytes(room.client_memory_bytes, context.limits.backlog_bytes_max,
                          " for the client", memory_bytes);
    case Shortage::kOfBroker:
      return WaitingBytes(room.broker_memory_bytes, context.limits.backlogs_bytes_max,
                          " for all clients", memory_bytes);
  }
  return "";
}

}  // namespace

std::string_view OutcomeText(Fate::What what) {
  switch (what) {
    case Fate::What::kDelivered:
      return "delivered";
    case Fate::What::kReads:
      return "reads";
    case Fate::What::kWaits:
      return "waits";
    case Fate::What::kReplaces:
      return "replaces";
    case Fate::What::kDropsOldest:
      return "drops_oldest";
    case Fate::What::kRefused:
      return "refused";
    case Fate::What::kDisconnects:
      return "disconnects";
  }
  return "";
}

std::string WhyNoMatch(std::string_view filter, std::string_view topic) {
  if (base::IsReserved(topic) && !base::IsReserved(filter)) {
    return "the topic begins with $: no filter matches it that does not";
  }
  base::LevelCursor wanted(filter);
  base::LevelCursor given(topic);
  for (int level = 1;; ++level, wanted.Next(), given.Next()) {
    if (wanted.done()) {
      return base::StrCat("level ", level, " is \"", given.level(), "\", the filter ends at level ",
                          level - 1);
    }
    if (given.done()) {
      return base::StrCat("the topic ends at level ", level - 1, ", the filter wants ",
                          Wanted(wanted.level()), " at level ", level);
    }
    if (wanted.level() == "+" || wanted.level() == given.level()) continue;
    return base::StrCat("level ", level, " is \"", given.level(), "\", the filter wants \"",
                        wanted.level(), "\"");
  }
}

std::string WhyHidden(std::string_view rule) {
  return base::StrCat("the permission \"", rule, "\" denies it");
}

std::string WhyOther(const Subscription& governing, const Subscription& other) {
  if (governing.overflow == other.overflow) {
    return base::StrCat("once is enough: through \"", governing.filter(),
                        "\", which has the same overflow");
  }
  return base::StrCat("once is enough: through \"", governing.filter(), "\", because ",
                      OverflowText(governing.overflow), " is stricter than ",
                      OverflowText(other.overflow));
}

std::string WhyFate(const Fate& fate, const Subscription& subscription,
                    const FateContext& context) {
  if (fate.what == Fate::What::kDelivered) return "keeps up";
  if (fate.what == Fate::What::kReads) return "reads it from the stream when it has come that far";
  if (fate.what == Fate::What::kDisconnects && fate.shortage == Shortage::kNone) {
    return "its connection is ending";
  }
  std::string why =
      fate.what == Fate::What::kReplaces
          ? base::StrCat("one of its topic and key waits; ", Waiting(fate.room, subscription))
          : WhyShort(fate, subscription, context);
  if (fate.dropped_messages > 0) {
    base::StrAppend(&why, "; ", MessagesOf(fate.dropped_messages), " would be dropped");
  }
  if (fate.worthless_messages > 0) {
    base::StrAppend(&why, "; ", MessagesOf(fate.worthless_messages), " past their time");
  }
  return why;
}

}  // namespace esockets::broker

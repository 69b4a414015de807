#include "clients/cpp/subscribe_rules.h"

#include "base/strings.h"
#include "base/topic.h"
#include "base/utf8.h"
#include "clients/cpp/limits.h"

namespace esockets::client {
namespace {

absl::Status Invalid(std::string_view what, std::string_view why) {
  return base::Error(absl::StatusCode::kInvalidArgument, what, ": ", why);
}

bool SuitsAGroup(Overflow overflow) {
  return overflow == Overflow::kDefault || overflow == Overflow::kDropOldest ||
         overflow == Overflow::kDropNewest;
}

absl::Status CheckGroup(std::string_view filter, const SubscribeOptions& options) {
  if (options.group.size() > kGroupBytesMax) return Invalid("group", "too long");
  // The broker ends the connection of a client that sends text which is none.
  if (!base::IsValidUtf8(options.group)) return Invalid("group", "not UTF-8");
  if (base::IsReserved(filter)) return Invalid("filter", "below $ there are no groups");
  if (!SuitsAGroup(options.overflow)) {
    return Invalid("overflow", "what waits for a group can only drop the oldest or the newest");
  }
  if (!options.start.is_now()) {
    return Invalid("start", "a group gets what is published from now on");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSubscribe(std::string_view filter, const SubscribeOptions& options) {
  const base::TopicError error = base::CheckFilter(filter, {});
  if (error != base::TopicError::kOk) return Invalid("filter", base::TopicErrorText(error));
  if (!options.group.empty()) return CheckGroup(filter, options);
  if (options.group_strategy != GroupStrategy::kUnspecified) {
    return Invalid("group_strategy", "there is no group");
  }
  return absl::OkStatus();
}

}  // namespace esockets::client

#include "tests/soak/workers.h"

#include <utility>

#include "base/strings.h"

namespace esockets::soak {

GroupBook::GroupBook(const Board* board, std::string prefix)
    : board_(*board), prefix_(std::move(prefix)) {
  for (const auto& [topic, last] : board_.LastOf(prefix_)) {
    checks_.emplace(topic, OnceCheck(last + 1));
  }
}

std::string GroupBook::OnMessage(std::string_view topic, uint64_t number) {
  const auto check = checks_.find(topic);
  if (check == checks_.end()) return base::StrCat("is in no group for ", topic);
  const std::string error = check->second.OnNumber(number);
  return error.empty() ? error : base::StrCat(topic, ": ", error);
}

uint64_t GroupBook::Missing() const {
  uint64_t missing = 0;
  for (const auto& [topic, check] : checks_) missing += check.Missing(board_.Last(topic));
  return missing;
}

std::string GroupBook::AtEnd() const {
  if (IsComplete()) return "";
  std::string text = base::StrCat("Gaps have told ", reported_, ", missing are:");
  for (const auto& [topic, check] : checks_) {
    base::StrAppend(&text, " ", topic, " ", check.Missing(board_.Last(topic)));
  }
  return text;
}

void Worker::OnConnected(const Connected& /*connected*/) {
  esockets::Subscribe subscribe;
  subscribe.set_filter(prefix_ + "+");
  subscribe.set_group("workers");
  subscribe.set_group_strategy(is_keyed_ ? GROUP_STRATEGY_HASH : GROUP_STRATEGY_ROUND_ROBIN);
  Subscribe(std::move(subscribe));
  PauseNowAndThen();
}

void Worker::OnMessage(const proto::MessageView& message) {
  const uint64_t number = NumberIn(message.payload);
  Judge(Promise::kGroup, message.group == "workers" ? book_.OnMessage(message.topic, number)
                                                    : "the message does not say its group");
  if (is_keyed_) {
    Judge(Promise::kKeyedOrder, keyed_.OnMessage(message.topic, message.key, number));
  }
}

}  // namespace esockets::soak

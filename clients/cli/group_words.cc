#include "clients/cli/group_words.h"

namespace esockets::cli {

std::optional<client::GroupStrategy> ParseGroupStrategy(std::string_view word) {
  if (word.empty()) return client::GroupStrategy::kUnspecified;
  if (word == "round_robin") return client::GroupStrategy::kRoundRobin;
  if (word == "hash") return client::GroupStrategy::kHash;
  if (word == "first") return client::GroupStrategy::kFirst;
  return std::nullopt;
}

}  // namespace esockets::cli

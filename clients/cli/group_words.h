// Which member of a group gets a message, in words.
#ifndef CLIENTS_CLI_GROUP_WORDS_H_
#define CLIENTS_CLI_GROUP_WORDS_H_

#include <optional>
#include <string_view>

#include "clients/cpp/group_strategy.h"

namespace esockets::cli {

// "round_robin", "hash" and "first"; empty: the group's own. Nothing: it is none of them.
std::optional<client::GroupStrategy> ParseGroupStrategy(std::string_view word);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_GROUP_WORDS_H_

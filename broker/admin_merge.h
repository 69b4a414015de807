// Puts the answers of the loops to one question of administration together.
#ifndef BROKER_ADMIN_MERGE_H_
#define BROKER_ADMIN_MERGE_H_

#include <string>
#include <string_view>
#include <vector>

#include "broker/limits.h"

namespace esockets::broker {

// One reply to the request `payload` on `topic`, out of one reply of each loop that was asked:
// numbers are added, pages are merged in their order and cut to one page.
// REQUIRES: request and replies were made by AdminView.
std::string MergeReplies(std::string_view topic, const std::string& payload,
                         const std::vector<std::string>& replies, const Limits& limits);

}  // namespace esockets::broker

#endif  // BROKER_ADMIN_MERGE_H_

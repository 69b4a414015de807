// Who is on a topic, as lines that people and scripts can read.
#ifndef CLIENTS_CLI_PRESENCE_LINES_H_
#define CLIENTS_CLI_PRESENCE_LINES_H_

#include <string>
#include <string_view>

#include "clients/cpp/presence.h"

namespace esockets::cli {

// All who are there, by client id: a line for each, and the last one says how many.
std::string FormatRoster(std::string_view topic, const client::PresenceNews& first);
// A line for each change, "+ " or "- " in front, and how many there are now.
std::string FormatNews(std::string_view topic, const client::PresenceNews& news);

// The same as one JSON object.
std::string FormatRosterJson(std::string_view topic, const client::PresenceNews& first);
std::string FormatNewsJson(std::string_view topic, const client::PresenceNews& news);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_PRESENCE_LINES_H_

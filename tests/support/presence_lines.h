// Presence updates and rosters, each in a line.
#ifndef TESTS_SUPPORT_PRESENCE_LINES_H_
#define TESTS_SUPPORT_PRESENCE_LINES_H_

#include <string>

#include "base/strings.h"
#include "proto/presence.pb.h"

namespace esockets::tests {

// "3: +ann +bob -cid (2)".
inline std::string LineOf(const PresenceUpdate& update) {
  if (update.ended()) return "ended";
  std::string line = base::StrCat(update.version(), ":");
  for (const auto& member : update.joined()) line += " +" + member.client_id();
  for (const auto& member : update.left()) line += " -" + member.client_id();
  if (update.incomplete()) line += " ...";
  return base::StrCat(line, " (", update.count(), ")");
}

// "3: ann bob (5) next bob".
inline std::string LineOf(const PresenceRoster& roster) {
  std::string line = base::StrCat(roster.version(), ":");
  for (const auto& member : roster.members()) line += " " + member.client_id();
  line = base::StrCat(line, " (", roster.count(), ")");
  return roster.next().empty() ? line : line + " next " + roster.next();
}

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_PRESENCE_LINES_H_

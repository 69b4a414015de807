// What a client makes of presence updates and rosters, by the words of docs/PRESENCE.md and nothing
// else; and both in a line.
#ifndef TESTS_SUPPORT_PRESENCE_FOLLOWER_H_
#define TESTS_SUPPORT_PRESENCE_FOLLOWER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

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

// Reads the roster anew when `must_read`: from Begin to the page without a next one.
class PresenceFollower {
 public:
  bool must_read() const { return must_read_; }
  const std::set<std::string>& members() const { return members_; }
  uint64_t count() const { return count_; }
  uint64_t updates() const { return updates_; }
  uint64_t named() const { return named_; }

  void Begin() {
    *this = PresenceFollower(updates_, named_);
    must_read_ = false;
  }

  // Members up to its `next` are as it says, and as later updates say.
  void OnPage(const PresenceRoster& page) {
    if (epoch_ != 0 && page.epoch() != epoch_) return void(must_read_ = true);
    epoch_ = page.epoch();
    for (const auto& member : page.members()) members_.insert(member.client_id());
    pages_[page.next()] = page.version();
    if (page.version() >= version_) {
      version_ = page.version();
      count_ = page.count();
    }
  }

  void OnUpdate(const PresenceUpdate& update) {
    ++updates_;
    named_ += static_cast<uint64_t>(update.joined_size() + update.left_size());
    if (must_read_) return;
    if (update.version() == 1 && update.epoch() > epoch_) {
      members_.clear();
      pages_ = {{"", 0}};
    } else if (update.epoch() != epoch_ || update.version() > version_ + 1) {
      return void(must_read_ = true);
    }
    epoch_ = update.epoch();
    if (update.incomplete()) return void(must_read_ = true);
    for (const auto& member : update.joined()) {
      if (IsNewTo(member.client_id(), update.version())) members_.insert(member.client_id());
    }
    for (const auto& member : update.left()) {
      if (IsNewTo(member.client_id(), update.version())) members_.erase(member.client_id());
    }
    if (update.version() <= version_ && update.version() != 1) return;
    version_ = update.version();
    count_ = update.count();
  }

 private:
  PresenceFollower(uint64_t updates, uint64_t named) : updates_(updates), named_(named) {}

 public:
  PresenceFollower() = default;

 private:
  // Not if the page that has it, or would have it, is as new; or has not come yet.
  bool IsNewTo(const std::string& client_id, uint64_t version) const {
    for (const auto& [last, page_version] : pages_) {
      if (!last.empty() && client_id <= last) return version > page_version;
    }
    const auto rest = pages_.find("");
    return rest != pages_.end() && version > rest->second;
  }

  bool must_read_ = true;
  std::set<std::string> members_;
  std::map<std::string, uint64_t> pages_;  // versions, by `next`; of the last page: ""
  uint64_t epoch_ = 0;
  uint64_t version_ = 0;
  uint64_t count_ = 0;
  uint64_t updates_ = 0;
  uint64_t named_ = 0;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_PRESENCE_FOLLOWER_H_

#include "clients/cpp/presence_book.h"

#include <utility>

#include "proto/presence.pb.h"

namespace esockets::client {
namespace {

PresenceMember MemberOf(const esockets::PresenceMember& told) {
  return {.client_id = told.client_id(),
          .name = told.name(),
          .metadata = {told.metadata().begin(), told.metadata().end()}};
}

}  // namespace

void PresenceBook::BeginReading() {
  must_read_ = false;
  next_page_ = "";
  all_touched_ = true;
  members_.clear();
  pages_.clear();
}

void PresenceBook::OnPage(const esockets::PresenceRoster& page) {
  if (must_read_) return;
  if (pages_.empty()) {
    epoch_ = page.epoch();
    seen_ = page.version();
    count_version_ = 0;
  }
  if (page.epoch() != epoch_) return Invalidate();
  for (const auto& member : page.members()) members_[member.client_id()] = MemberOf(member);
  pages_[page.next()] = page.version();
  if (page.version() >= count_version_) {
    count_ = page.count();
    count_version_ = page.version();
  }
  next_page_ = page.next().empty() ? std::nullopt : std::optional(page.next());
}

// What comes before the first page is in it.
void PresenceBook::OnUpdate(const esockets::PresenceUpdate& update) {
  if (must_read_ || pages_.empty()) return;
  const bool begins_anew = update.version() == 1 && update.epoch() > epoch_;
  if (begins_anew && !next_page_) {
    all_touched_ = true;
    members_.clear();
    pages_ = {{"", 0}};
    epoch_ = update.epoch();
    seen_ = 0;
    count_version_ = 0;
  }
  if (update.epoch() != epoch_ || update.version() > seen_ + 1) return Invalidate();
  if (update.version() <= seen_) return;
  seen_ = update.version();
  Apply(update);
  if (update.incomplete()) Invalidate();
}

void PresenceBook::Apply(const esockets::PresenceUpdate& update) {
  for (const auto& member : update.joined()) {
    if (!IsNews(member.client_id(), update.version())) continue;
    members_[member.client_id()] = MemberOf(member);
    touched_.insert(member.client_id());
  }
  for (const auto& member : update.left()) {
    if (!IsNews(member.client_id(), update.version())) continue;
    members_.erase(member.client_id());
    touched_.insert(member.client_id());
  }
  if (update.version() < count_version_) return;
  count_ = update.count();
  count_version_ = update.version();
}

// The page that this member is on, or would be on, is older. It is newer, too, if it is still to
// come.
bool PresenceBook::IsNews(const std::string& client_id, uint64_t version) const {
  auto page = pages_.lower_bound(client_id);
  if (page == pages_.end()) page = pages_.find("");
  return page != pages_.end() && version > page->second;
}

std::optional<PresenceNews> PresenceBook::TakeNews() {
  const bool is_read = !next_page_ && !pages_.empty();
  if (!is_read || (must_read_ && !is_told_)) return std::nullopt;
  if (std::exchange(all_touched_, false)) {
    for (const auto& [id, member] : members_) touched_.insert(id);
    for (const auto& [id, member] : told_) touched_.insert(id);
  }
  PresenceNews news{.first = !std::exchange(is_told_, true), .count = count_};
  for (const std::string& id : std::exchange(touched_, {})) Compare(id, &news);
  const bool has_changed = std::exchange(told_count_, count_) != count_;
  if (!news.first && news.joined.empty() && news.left.empty() && !has_changed) return std::nullopt;
  return news;
}

void PresenceBook::Compare(const std::string& client_id, PresenceNews* news) {
  const auto now = members_.find(client_id);
  const auto before = told_.find(client_id);
  if (now != members_.end()) {
    if (before != told_.end() && before->second == now->second) return;
    news->joined.push_back(now->second);
    told_[client_id] = now->second;
  } else if (before != told_.end()) {
    news->left.push_back(std::move(before->second));
    told_.erase(before);
  }
}

}  // namespace esockets::client

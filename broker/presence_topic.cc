#include "broker/presence_topic.h"

#include "broker/limits.h"

namespace esockets::broker {
namespace {

void Fill(const PresentClient& client, PresenceMember* filled) {
  filled->set_client_id(client.client_id);
  filled->set_name(client.name);
  for (const auto& [key, value] : client.metadata) (*filled->mutable_metadata())[key] = value;
}

}  // namespace

void PresenceTopic::Take(const PresenceChange& change, base::TimePoint now) {
  change.kind == PresenceChange::Kind::kJoined ? Join(change.client, now) : Leave(change, now);
}

void PresenceTopic::Join(std::shared_ptr<const PresentClient> client, base::TimePoint now) {
  const auto [at, is_new] = members_.try_emplace(client->client_id);
  Member& member = at->second;
  if (is_new) member.self = at;
  EndGrace(&member);
  member.sessions.push_back(std::move(client));
  Note(&member, now);
}

// Sessions are told apart, because those of a client that takes over are reported by two loops, the
// newer one perhaps first.
void PresenceTopic::Leave(const PresenceChange& change, base::TimePoint now) {
  const auto found = members_.find(change.client->client_id);
  if (found == members_.end()) return;
  Member& member = found->second;
  const auto session =
      std::find_if(member.sessions.begin(), member.sessions.end(),
                   [&](const auto& client) { return client->session == change.client->session; });
  if (session == member.sessions.end()) return;
  member.sessions.erase(session);
  const bool may_come_back = change.kind == PresenceChange::Kind::kLost;
  if (member.sessions.empty() && may_come_back && member.told != nullptr) {
    return BeginGrace(&member, now);
  }
  Note(&member, now);
}

void PresenceTopic::BeginGrace(Member* member, base::TimePoint now) {
  member->is_leaving = true;
  member->leaves_at = now + rule_.grace;
  member->leaving = leaving_.insert(leaving_.end(), member);
}

void PresenceTopic::EndGrace(Member* member) {
  if (!std::exchange(member->is_leaving, false)) return;
  leaving_.erase(member->leaving);
}

bool PresenceTopic::IsNews(const Member& member) {
  const bool was_told = member.told != nullptr;
  if (member.is_here() != was_told) return true;
  return was_told && !member.is_leaving && !member.sessions.back()->LooksLike(*member.told);
}

// A member that nobody knows of and that is not here goes with the next update.
void PresenceTopic::Note(Member* member, base::TimePoint now) {
  if (member->changed || !IsNews(*member)) return;
  member->changed = true;
  changed_.push_back(member);
  if (due_ == kNever) due_ = now + rule_.window;
}

std::optional<PresenceUpdate> PresenceTopic::Advance(base::TimePoint now) {
  while (!leaving_.empty() && leaving_.front()->leaves_at <= now) {
    Member* const member = leaving_.front();
    EndGrace(member);
    Note(member, now);
  }
  return due_ <= now ? Tell() : std::nullopt;
}

std::optional<PresenceUpdate> PresenceTopic::Tell() {
  PresenceUpdate update;
  bool is_news = false;
  told_bytes_ = 0;
  due_ = kNever;
  for (Member* const member : std::exchange(changed_, {})) {
    member->changed = false;
    if (IsNews(*member)) {
      is_news = true;
      TellOne(member, &update);
    }
    if (!member->is_here()) members_.erase(member->self);
  }
  if (!is_news) return std::nullopt;
  update.set_topic(topic_);
  update.set_epoch(epoch_);
  update.set_version(++version_);
  update.set_count(count_);
  return update;
}

void PresenceTopic::TellOne(Member* member, PresenceUpdate* update) {
  PresenceMember named;
  const bool joins = member->is_here();
  if (joins) {
    if (member->told == nullptr) ++count_;
    member->told = member->sessions.back();
    Fill(*member->told, &named);
  } else {
    --count_;
    named.set_client_id(member->told->client_id);
    named.set_name(member->told->name);
  }
  told_bytes_ += named.ByteSizeLong();
  const size_t names =
      static_cast<size_t>(update->joined_size()) + static_cast<size_t>(update->left_size());
  if (names >= kPresenceChangesMax || told_bytes_ > kPresenceBytesMax) {
    return update->set_incomplete(true);
  }
  *(joins ? update->add_joined() : update->add_left()) = std::move(named);
}

PresenceRoster PresenceTopic::Roster(const PresenceRequest& request) const {
  PresenceRoster roster;
  roster.set_topic(topic_);
  roster.set_epoch(epoch_);
  roster.set_version(version_);
  roster.set_count(count_);
  const size_t limit = std::min<size_t>(request.limit(), kPresencePageMembersMax);
  if (limit == 0) return roster;
  size_t bytes = 0;
  for (auto at = members_.upper_bound(request.after()); at != members_.end(); ++at) {
    if (at->second.told == nullptr) continue;
    PresenceMember member;
    Fill(*at->second.told, &member);
    bytes += member.ByteSizeLong();
    const auto listed = static_cast<size_t>(roster.members_size());
    if (listed == limit || (listed > 0 && bytes > kPresenceBytesMax)) {
      roster.set_next(roster.members(roster.members_size() - 1).client_id());
      break;
    }
    *roster.add_members() = std::move(member);
  }
  return roster;
}

}  // namespace esockets::broker

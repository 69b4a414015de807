#include "broker/presence.h"

#include <string>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "base/topic.h"

namespace esockets::broker {
namespace {

Presence::Refusal Refuse(ErrorCode code, std::string detail) {
  return Refusal<ErrorCode>{code, std::move(detail)};
}

}  // namespace

const PresenceRule* Presence::RuleOfFilter(std::string_view filter) const {
  return base::IsReserved(filter) || !base::IsLiteral(filter) ? nullptr : rules_.Of(filter);
}

Presence::Refusal Presence::CheckWatch(std::string_view filter) const {
  if (filter.size() <= kPresencePrefix.size() || !base::IsLiteral(filter)) {
    return Refuse(ErrorCode::kFilterInvalid, "presence is that of one topic, without wildcards");
  }
  return std::nullopt;
}

Presence::Refusal Presence::CheckView(std::string_view topic, const Viewer& viewer) const {
  const PresenceRule* const rule = RuleOfFilter(topic);
  if (rule == nullptr) return Refuse(ErrorCode::kPresenceNotConfigured, std::string(topic));
  if (viewer.is_admin) return std::nullopt;
  switch (rule->visible_to) {
    case PresenceVisibility::kAnybody:
      return std::nullopt;
    case PresenceVisibility::kMembers:
      if (viewer.is_member) return std::nullopt;
      return Refuse(ErrorCode::kNotPermitted, "presence is for those who are on the topic");
    case PresenceVisibility::kAdmins:
      return Refuse(ErrorCode::kNotPermitted, "presence is for administrators");
  }
  return std::nullopt;
}

Presence::Refusal Presence::CheckJoin(std::string_view filter, uint64_t session,
                                      uint32_t topics_max) const {
  if (RuleOfFilter(filter) == nullptr) return std::nullopt;
  if (reports_.TopicsOf(session) < topics_max) return std::nullopt;
  return Refuse(ErrorCode::kTooManyPresenceTopics, base::StrCat("limit ", topics_max));
}

void Presence::OnSubscribed(std::string_view filter, uint64_t session,
                            PresenceReports::Describe describe) {
  if (RuleOfFilter(filter) != nullptr) reports_.Join(filter, session, describe);
}

void Presence::OnUnsubscribed(std::string_view filter, uint64_t session) {
  if (RuleOfFilter(filter) != nullptr) reports_.Leave(filter, session);
}

void Presence::OnEnded(uint64_t session, CloseCode code) {
  if (code != CloseCode::kGoodbye) reports_.OnLost(session);
}

Presence::Refusal Presence::Ask(uint64_t session, const proto::PublishView& request) {
  if (request.reply_to.empty()) {
    return Refuse(ErrorCode::kReservedTopic, std::string(request.topic));
  }
  PresenceRequest parsed;
  if (!parsed.ParseFromArray(request.payload.data(), static_cast<int>(request.payload.size()))) {
    return Refuse(ErrorCode::kPresenceBadRequest, "the payload is no PresenceRequest");
  }
  uint32_t& asked = asked_[session];
  if (asked >= kPresenceAsksMax) {
    return Refuse(ErrorCode::kBrokerBusy,
                  base::StrCat(kPresenceAsksMax, " rosters are being waited for"));
  }
  ++asked;
  const std::string_view topic = PresentTopic(request.topic);
  siblings_.Post(siblings_.HomeOf(topic),
                 PresenceAskParcel{.session = session,
                                   .topic = std::string(topic),
                                   .reply_to = std::string(request.reply_to),
                                   .limit = parsed.limit(),
                                   .after = parsed.after()});
  return std::nullopt;
}

void Presence::OnReport(uint32_t from, const PresenceReportParcel& report) {
  for (const PresenceChange& change : report.changes) home_.Take(change);
  siblings_.Post(from, PresenceReportedParcel{});
}

// Behind the updates that it is as new as.
void Presence::OnAsk(uint32_t from, const PresenceAskParcel& ask) {
  PresenceRequest request;
  request.set_limit(ask.limit);
  request.set_after(ask.after);
  std::string roster = home_.Roster(ask.topic, request).SerializeAsString();
  router_.CloseRun();
  router_.exchange().Flush();
  siblings_.Post(from, PresenceRosterParcel{ask.session, ask.reply_to, std::move(roster)});
}

void Presence::OnRoster(const PresenceRosterParcel& roster) {
  const auto asked = asked_.find(roster.session);
  ESOCKETS_CHECK(asked != asked_.end());
  if (--asked->second == 0) asked_.erase(asked);
}

}  // namespace esockets::broker

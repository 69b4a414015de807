#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "broker/auth/limits.h"
#include "broker/server_frames.h"
#include "broker/session.h"
#include "broker/session_identity.h"
#include "broker/session_limits.h"

// Who the client is, and for how long: the part of Session that session.cc leaves out.
namespace esockets::broker {
namespace {

// Steady timers do not see the wall clock being set.
constexpr base::Duration kWallClockLookAgain = std::chrono::minutes(1);

// The users in force may be others than those who were asked.
AuthVerdict Recalled(const Authenticator& users, AuthVerdict verdict) {
  if (std::holds_alternative<AuthRefusal>(verdict)) return verdict;
  std::optional<Identity> identity = users.Recall(std::get<Identity>(std::move(verdict)));
  if (!identity) return AuthRefusal{.code = CloseCode::kCredentialsRevoked, .detail = ""};
  return *std::move(identity);
}

}  // namespace

void Session::Authenticate(Credentials credentials, OnAuthenticated then) {
  const CertifiedPeer peer = sink().certified_peer();
  credentials.certificate_name = peer.name;
  credentials.certificate_expires_at = peer.expires_at;
  shard_.settings().authenticator->Authenticate(
      credentials, shard_.auth_place(), [&shard = shard_, id = id(), then](AuthVerdict verdict) {
        shard.executor.AssertOnLoop();
        // It may have gone while its password was checked.
        Session* const session = shard.clients.Find(id);
        if (session == nullptr) return;
        (session->*then)(Recalled(*shard.settings().authenticator, std::move(verdict)));
      });
}

void Session::OnVerdict(AuthVerdict verdict) {
  if (const auto* refusal = std::get_if<AuthRefusal>(&verdict)) {
    return End(refusal->code, refusal->detail);
  }
  std::unique_ptr<SessionAbout> about = std::move(rare_->said);
  about->identity = std::get<Identity>(std::move(verdict));
  if (*about != SessionAbout::kAnybody) rare_->about = std::move(about);
  CompilePermissions();
  SessionLimits(this).Classify();
  if (rare_->said_will != nullptr) {
    rare_->said_will->identity = identity();
    rare_->said_will->client_id = rare_->wanted_client_id;
    rare_->said_will->publisher_class = class_;
    rare_->will = std::move(rare_->said_will);
  }
  if (rare_->will != nullptr && !permissions().Permits(*rare_->will)) {
    return End(CloseCode::kConnectInvalid,
               base::StrCat("will: ", Info(ErrorCode::kNotPermitted).text));
  }
  if (SessionLimits(this).FindsMemory()) ClaimClientId();
}

void Session::OnRefresh(const proto::RefreshView& refresh) {
  SessionRare& rare = NeedRare();
  if (rare.expiry == nullptr) rare.expiry = std::make_unique<SessionExpiry>();
  SessionExpiry& expiry = *rare.expiry;
  const base::TimePoint now = shard_.executor.TurnTime();
  const bool too_soon = expiry.last_refresh && now < *expiry.last_refresh + kRefreshIntervalMin;
  if (expiry.refreshing || too_soon) {
    return Refuse(refresh.id, ErrorCode::kRefreshRefused,
                  base::StrCat("one each ", base::Millis(kRefreshIntervalMin), " ms"));
  }
  if (refresh.token.empty()) return Refuse(refresh.id, ErrorCode::kRefreshRefused, "no token");
  expiry.last_refresh = now;
  expiry.refreshing = refresh.id;
  Authenticate({.token = refresh.token, .user = {}, .password = {}}, &Session::OnRefreshVerdict);
}

void Session::OnRefreshVerdict(AuthVerdict verdict) {
  const uint64_t request_id = std::exchange(rare_->expiry->refreshing, std::nullopt).value_or(0);
  if (const auto* refusal = std::get_if<AuthRefusal>(&verdict)) {
    return Refuse(request_id, ErrorCode::kRefreshRefused,
                  refusal->detail.empty() ? Info(refusal->code).text : refusal->detail);
  }
  Identity& shown = std::get<Identity>(verdict);
  if (shown.user != identity().user) {
    return Refuse(request_id, ErrorCode::kRefreshRefused, "it is another user's");
  }
  SessionIdentity(this).Become(std::move(shown));
  OnSettingsReplaced();
  if (ended()) return;
  shard_.router.CloseRun();
  sink().SendFrame(RefreshedFrame(request_id, credentials_expire_in()));
}

base::Duration Session::credentials_expire_in() const {
  const auto& expires_at = identity().expires_at;
  if (!expires_at) return base::Duration::zero();
  const std::chrono::microseconds now(shard_.executor.clock().WallMicros());
  // At least the least there is: 0 would say that they do not.
  return std::clamp<std::chrono::microseconds>(expires_at->time_since_epoch() - now,
                                               std::chrono::milliseconds(1), kExpiryToldMax);
}

void Session::WatchExpiry() {
  const base::Duration left = credentials_expire_in();
  if (rare_->expiry != nullptr) shard_.executor.Cancel(rare_->expiry->timer);
  if (left == base::Duration::zero()) return;
  if (rare_->expiry == nullptr) rare_->expiry = std::make_unique<SessionExpiry>();
  const base::TimePoint next = shard_.executor.TurnTime() + std::min(left, kWallClockLookAgain);
  rare_->expiry->timer = shard_.executor.RunAt(next, [this] {
    shard_.executor.AssertOnLoop();
    const std::chrono::microseconds now(shard_.executor.clock().WallMicros());
    if (now >= identity().expires_at->time_since_epoch()) {
      return End(CloseCode::kCredentialsExpired, "");
    }
    WatchExpiry();
  });
}

}  // namespace esockets::broker

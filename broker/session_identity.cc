#include "broker/session_identity.h"

#include <memory>
#include <optional>
#include <utility>

#include "broker/session_tickets.h"

namespace esockets::broker {

bool SessionIdentity::Recall() {
  const Identity& identity = session_.identity();
  auto recalled = shard_.settings().authenticator->Recall(identity);
  // A session is one user's from beginning to end.
  if (!recalled || recalled->user != identity.user) return Revoke(), false;
  if (*recalled != identity) Become(*std::move(recalled));
  return true;
}

void SessionIdentity::Become(Identity identity) {
  auto about = std::make_unique<SessionAbout>(session_.about());
  about->identity = std::move(identity);
  SessionRare& rare = session_.NeedRare();
  rare.about = std::move(about);
  if (rare.will != nullptr) {
    auto will = std::make_shared<Will>(*rare.will);
    will->identity = rare.about->identity;
    rare.will = std::move(will);
  }
  if (!session_.connecting()) session_.WatchExpiry();
}

void SessionIdentity::Revoke() {
  // What nobody may publish is not published.
  if (session_.rare_ != nullptr) session_.rare_->will = nullptr;
  session_.EndWith({.code = CloseCode::kCredentialsRevoked,
                    .detail = "",
                    .retry_after_ms = SessionTickets(&session_).TakeSlot()});
}

}  // namespace esockets::broker

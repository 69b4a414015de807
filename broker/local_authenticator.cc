#include "broker/local_authenticator.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "broker/auth/jwt_refusal.h"

namespace esockets::broker {

LocalAuthenticator::Digest LocalAuthenticator::Sha256(std::string_view text) {
  Digest digest;
  unsigned size = 0;
  ESOCKETS_CHECK(
      EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  return digest;
}

// --- what it knows ------------------------------------------------------------------------------

void LocalAuthenticator::AddToken(std::string_view user, std::string_view secret, bool admin) {
  entries_.push_back({std::string(user), admin, Kind::kToken, Sha256(secret)});
  Close();
}

void LocalAuthenticator::AddPassword(std::string_view user, std::string_view password, bool admin) {
  entries_.push_back({std::string(user), admin, Kind::kPassword, Sha256(password)});
  Close();
}

void LocalAuthenticator::AddPasswordHash(std::string_view user, base::PasswordHash hash,
                                         bool admin) {
  auto entry = std::make_shared<const Hashed>(Hashed{std::string(user), admin, std::move(hash)});
  if (nobody_ == nullptr) nobody_ = entry;
  hashed_.insert_or_assign(std::string(user), std::move(entry));
  Close();
}

void LocalAuthenticator::AddCertificate(std::string_view user, bool admin) {
  entries_.push_back({std::string(user), admin, Kind::kCertificate, {}});
  Close();
}

void LocalAuthenticator::SetIssuer(TokenIssuer issuer) {
  issuer_.emplace(std::move(issuer));
  Close();
}

void LocalAuthenticator::SetGroups(std::string_view user, std::vector<std::string> groups) {
  groups_.insert_or_assign(std::string(user), std::move(groups));
}

// --- judging ------------------------------------------------------------------------------------

Identity LocalAuthenticator::Describe(std::string_view user) const {
  const auto hashed = hashed_.find(user);
  const bool administers = std::ranges::any_of(
      entries_, [user](const Entry& entry) { return entry.user == user && entry.admin; });
  return WithGroups(
      {.user = std::string(user),
       .admin = open() || administers || (hashed != hashed_.end() && hashed->second->admin)});
}

// A claim says that it was a token (each has its "sub"): for those the issuer, its keys and whom it
// lets administrate count, and else all that is known of the user.
uint64_t LocalAuthenticator::StampOf(const Identity& identity) const {
  std::string known;
  if (!identity.claims.empty()) {
    if (!issuer_) return 0;
    const JwtSettings& settings = issuer_->verifier.settings();
    base::StrAppend(&known, "jwt", settings.issuer, "/", settings.audience, "/",
                    issuer_->admin_group);
    for (const std::string_view kid : issuer_->verifier.kids()) base::StrAppend(&known, "/", kid);
  } else {
    for (const Entry& entry : entries_) {
      if (entry.user != identity.user || entry.kind == Kind::kCertificate) continue;
      known.append(entry.digest.begin(), entry.digest.end());
    }
    const auto hashed = hashed_.find(identity.user);
    if (hashed != hashed_.end()) known += hashed->second->hash.text();
  }
  if (known.empty()) return 0;
  const Digest digest = Sha256(known);
  uint64_t stamp = 0;
  std::memcpy(&stamp, digest.data(), sizeof stamp);
  return stamp;
}

std::optional<Identity> LocalAuthenticator::Recall(Identity identity, uint64_t stamp) const {
  if (stamp == 0 || stamp != StampOf(identity)) return std::nullopt;
  return identity.claims.empty() ? Describe(identity.user) : std::move(identity);
}

void LocalAuthenticator::Authenticate(const Credentials& credentials, const AuthPlace& place,
                                      Done done) const {
  const bool shows_nothing =
      credentials.token.empty() && credentials.user.empty() && credentials.password.empty();
  if (shows_nothing && !credentials.certificate_name.empty()) {
    return done(OfCertificate(credentials));
  }
  if (open()) return done(Identity{.user = std::string(credentials.user), .admin = true});
  if (shows_nothing && anonymous_) return done(Identity{});
  if (!credentials.token.empty()) return done(OfToken(credentials.token, place.loop->clock()));
  const Entry* const entry = Find(Kind::kPassword, credentials.user, credentials.password);
  if (entry != nullptr) {
    return done(WithGroups({.user = entry->user, .admin = entry->admin}));
  }
  if (hashed_.empty() || shows_nothing) return done(AuthRefusal{});
  CheckHash(credentials, place, std::move(done));
}

// Takes the same time whichever entry fits.
const LocalAuthenticator::Entry* LocalAuthenticator::Find(Kind kind, std::string_view user,
                                                          std::string_view secret) const {
  const Digest shown = Sha256(secret);
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    const bool same = CRYPTO_memcmp(shown.data(), entry.digest.data(), shown.size()) == 0;
    const bool named = kind == Kind::kToken || entry.user == user;
    if (same && named && entry.kind == kind) found = &entry;
  }
  return found;
}

AuthVerdict LocalAuthenticator::OfToken(std::string_view token, const base::Clock& clock) const {
  if (const Entry* entry = Find(Kind::kToken, {}, token)) {
    return WithGroups({.user = entry->user, .admin = entry->admin});
  }
  return issuer_ ? OfIssuer(*issuer_, token, clock) : AuthVerdict(AuthRefusal{});
}

AuthVerdict LocalAuthenticator::OfIssuer(const TokenIssuer& issuer, std::string_view token,
                                         const base::Clock& clock) const {
  const std::chrono::sys_seconds now{std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::microseconds(clock.WallMicros()))};
  JwtVerdict verdict = issuer.verifier.Verify(token, now);
  if (const auto* refusal = std::get_if<JwtRefusal>(&verdict)) {
    return AuthRefusal{.code = *refusal == JwtRefusal::kExpired ? CloseCode::kCredentialsExpired
                                                                : CloseCode::kNotAuthenticated,
                       .detail = std::string(Info(*refusal).text)};
  }
  JwtClaims& claims = std::get<JwtClaims>(verdict);
  Identity identity{
      .user = std::move(claims.user),
      .admin = std::ranges::find(claims.groups, issuer.admin_group) != claims.groups.end(),
      .groups = std::move(claims.groups),
      .claims = std::move(claims.scalars),
      .expires_at = claims.expires_at};
  // As long as the token itself would be taken.
  if (identity.expires_at) *identity.expires_at += issuer.verifier.settings().leeway;
  return WithGroups(std::move(identity));
}

Identity LocalAuthenticator::OfCertificate(const Credentials& credentials) const {
  Identity identity{.user = std::string(credentials.certificate_name),
                    .expires_at = credentials.certificate_expires_at};
  for (const Entry& entry : entries_) {
    if (entry.kind == Kind::kCertificate && entry.user == identity.user) {
      identity.admin = entry.admin;
    }
  }
  return WithGroups(std::move(identity));
}

Identity LocalAuthenticator::WithGroups(Identity identity) const {
  const auto found = groups_.find(identity.user);
  if (found == groups_.end()) return identity;
  identity.groups.insert(identity.groups.end(), found->second.begin(), found->second.end());
  return identity;
}

// Also where there is no such user: an answer that comes sooner would tell.
void LocalAuthenticator::CheckHash(const Credentials& credentials, const AuthPlace& place,
                                   Done done) const {
  const auto found = hashed_.find(credentials.user);
  const bool known = found != hashed_.end();
  const std::shared_ptr<const Hashed> hashed = known ? found->second : nobody_;
  const Identity identity = WithGroups({.user = hashed->user, .admin = hashed->admin});
  const auto verdict = [hashed, known, identity](std::string_view password) {
    return hashed->hash.Matches(password) && known ? AuthVerdict(identity)
                                                   : AuthVerdict(AuthRefusal{});
  };
  if (place.pool == nullptr) return done(verdict(credentials.password));
  auto shared_done = std::make_shared<Done>(std::move(done));
  base::Task task = [verdict, loop = place.loop, shared_done,
                     password = std::string(credentials.password)]() mutable {
    AuthVerdict result = verdict(password);
    OPENSSL_cleanse(password.data(), password.size());
    loop->Post(
        [shared_done, result = std::move(result)]() mutable { (*shared_done)(std::move(result)); });
  };
  if (place.pool->TryRun(&task)) return;
  (*shared_done)(AuthRefusal{.code = CloseCode::kAuthenticationBusy, .detail = ""});
}

}  // namespace esockets::broker

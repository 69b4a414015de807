#include "broker/local_authenticator.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "broker/auth/jwt_refusal.h"

namespace esockets::broker {
namespace {

// Two that differ in what shows them, in the user or in the secret have different ones.
uint64_t ProofOf(std::string_view kind, std::string_view user, std::string_view secret) {
  return FingerprintOf(base::StrCat(kind, " ", user.size(), " ", user, secret));
}

uint64_t ProofOfCertificate(std::string_view user) { return ProofOf("certificate", user, ""); }

// Whoever would take a token by another measure has another one.
uint64_t ProofOfIssuer(uint64_t key, const JwtSettings& settings) {
  const std::string measure =
      base::StrCat(key, settings.exp_required ? " ends " : " may end ", settings.leeway.count(),
                   " ", settings.audience.size(), " ", settings.audience, settings.groups_claim);
  return ProofOf("issuer", settings.issuer, measure);
}

}  // namespace

// --- what it knows ------------------------------------------------------------------------------

void LocalAuthenticator::AddToken(std::string_view user, std::string_view secret, bool admin) {
  Add(Kind::kToken, user, secret, admin);
}

void LocalAuthenticator::AddPassword(std::string_view user, std::string_view password, bool admin) {
  Add(Kind::kPassword, user, password, admin);
}

void LocalAuthenticator::Add(Kind kind, std::string_view user, std::string_view secret,
                             bool admin) {
  constexpr std::string_view kKinds[] = {"token", "password", "certificate"};
  const uint64_t proof = ProofOf(kKinds[static_cast<size_t>(kind)], user, secret);
  entries_.push_back({std::string(user), kind, DigestOf(secret), proof});
  by_proof_.insert_or_assign(proof, Known{std::string(user), admin});
  Close();
}

void LocalAuthenticator::AddPasswordHash(std::string_view user, base::PasswordHash hash,
                                         bool admin) {
  const uint64_t proof = ProofOf("hash", user, hash.text());
  auto entry = std::make_shared<const Hashed>(Hashed{std::string(user), std::move(hash), proof});
  if (nobody_ == nullptr) nobody_ = entry;
  const auto before = hashed_.find(user);
  if (before != hashed_.end()) by_proof_.erase(before->second->proof);
  by_proof_.insert_or_assign(proof, Known{std::string(user), admin});
  hashed_.insert_or_assign(std::string(user), std::move(entry));
  Close();
}

void LocalAuthenticator::AddCertificate(std::string_view user, bool admin) {
  Add(Kind::kCertificate, user, "", admin);
}

void LocalAuthenticator::SetIssuer(TokenIssuer issuer) {
  issuer_.emplace(std::move(issuer));
  issuer_proofs_.clear();
  for (const uint64_t key : issuer_->verifier.keys().Fingerprints()) {
    issuer_proofs_.insert(ProofOfIssuer(key, issuer_->verifier.settings()));
  }
  Close();
}

void LocalAuthenticator::SetGroups(std::string_view user, std::vector<std::string> groups) {
  groups_.insert_or_assign(std::string(user), std::move(groups));
}

// --- judging ------------------------------------------------------------------------------------

Identity LocalAuthenticator::Describe(std::string_view user) const {
  const auto hashed = hashed_.find(user);
  const bool administers = std::ranges::any_of(
      entries_, [&](const Entry& entry) { return entry.user == user && IsAdmin(entry.proof); });
  return WithGroups({.user = std::string(user),
                     .admin = open() || administers ||
                              (hashed != hashed_.end() && IsAdmin(hashed->second->proof))});
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
    return done(WithRights({.user = entry->user, .proof = entry->proof}));
  }
  if (hashed_.empty() || shows_nothing) return done(AuthRefusal{});
  CheckHash(credentials, place, std::move(done));
}

// Takes the same time whichever entry fits.
const LocalAuthenticator::Entry* LocalAuthenticator::Find(Kind kind, std::string_view user,
                                                          std::string_view secret) const {
  const Digest shown = DigestOf(secret);
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
    return WithRights({.user = entry->user, .proof = entry->proof});
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
  const size_t told_groups = claims.groups.size();
  Identity identity{.user = std::move(claims.user),
                    .groups = std::move(claims.groups),
                    .claims = std::move(claims.scalars),
                    .expires_at = claims.expires_at,
                    .proof = ProofOfIssuer(claims.key, issuer.verifier.settings()),
                    .told_groups = told_groups};
  // As long as the token itself would be taken.
  if (identity.expires_at) *identity.expires_at += issuer.verifier.settings().leeway;
  return OfBearer(issuer, std::move(identity));
}

Identity LocalAuthenticator::OfCertificate(const Credentials& credentials) const {
  const std::string_view user = credentials.certificate_name;
  return WithRights({.user = std::string(user),
                     .expires_at = credentials.certificate_expires_at,
                     .proof = ProofOfCertificate(user)});
}

// Beside those that its token tells, which are there already.
Identity LocalAuthenticator::OfBearer(const TokenIssuer& issuer, Identity identity) const {
  identity.admin = std::ranges::find(identity.groups, issuer.admin_group) != identity.groups.end();
  return WithGroups(std::move(identity));
}

Identity LocalAuthenticator::WithGroups(Identity identity) const {
  const auto found = groups_.find(identity.user);
  if (found == groups_.end()) return identity;
  identity.groups.insert(identity.groups.end(), found->second.begin(), found->second.end());
  return identity;
}

bool LocalAuthenticator::IsAdmin(uint64_t proof) const {
  const auto found = by_proof_.find(proof);
  return found != by_proof_.end() && found->second.admin;
}

// Those of what it has shown, and of the user. REQUIRES: it is no token's, which tells its own.
Identity LocalAuthenticator::WithRights(Identity identity) const {
  identity.admin = IsAdmin(identity.proof);
  return WithGroups(std::move(identity));
}

// Also where there is no such user: an answer that comes sooner would tell.
void LocalAuthenticator::CheckHash(const Credentials& credentials, const AuthPlace& place,
                                   Done done) const {
  const auto found = hashed_.find(credentials.user);
  const bool known = found != hashed_.end();
  const std::shared_ptr<const Hashed> hashed = known ? found->second : nobody_;
  const Identity identity = WithRights({.user = hashed->user, .proof = hashed->proof});
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

// --- who is connected already -------------------------------------------------------------------

std::optional<Identity> LocalAuthenticator::Recall(Identity identity) const {
  identity.groups.resize(std::min(identity.told_groups, identity.groups.size()));
  if (issuer_ && issuer_proofs_.contains(identity.proof)) {
    return OfBearer(*issuer_, std::move(identity));
  }
  const auto known = by_proof_.find(identity.proof);
  const bool is_its = known != by_proof_.end() && known->second.user == identity.user;
  if (is_its || identity.proof == ProofOfCertificate(identity.user)) {
    return WithRights(std::move(identity));
  }
  if (open()) {
    identity.admin = true;
    return identity;  // and its proof: it may be asked for again
  }
  if (identity.proof == 0 && identity.user.empty() && anonymous_) return Identity{};
  return std::nullopt;
}

}  // namespace esockets::broker

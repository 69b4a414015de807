#include "broker/authenticator.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/check.h"

namespace esockets::broker {

Authenticator::Digest Authenticator::Sha256(std::string_view text) {
  Digest digest;
  unsigned size = 0;
  ESOCKETS_CHECK(
      EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  return digest;
}

void Authenticator::AddToken(std::string_view user, std::string_view secret, bool admin) {
  entries_.push_back({{std::string(user), admin}, Kind::kToken, Sha256(secret)});
}

void Authenticator::AddPassword(std::string_view user, std::string_view password, bool admin) {
  entries_.push_back({{std::string(user), admin}, Kind::kPassword, Sha256(password)});
}

void Authenticator::AddCertificate(std::string_view user, bool admin) {
  entries_.push_back({{std::string(user), admin}, Kind::kCertificate, {}});
}

Identity Authenticator::OfCertificate(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.kind == Kind::kCertificate && entry.identity.user == name) return entry.identity;
  }
  return {.user = std::string(name), .admin = false};
}

std::optional<Identity> Authenticator::Authenticate(const Credentials& credentials) const {
  const bool shows_nothing =
      credentials.token.empty() && credentials.user.empty() && credentials.password.empty();
  if (shows_nothing && !credentials.certificate_name.empty()) {
    return OfCertificate(credentials.certificate_name);
  }
  if (open()) return Identity{.user = std::string(credentials.user), .admin = true};
  const bool is_token = !credentials.token.empty();
  const Digest shown = Sha256(is_token ? credentials.token : credentials.password);
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    const bool same = CRYPTO_memcmp(shown.data(), entry.digest.data(), shown.size()) == 0;
    const bool named = is_token || entry.identity.user == credentials.user;
    const Kind kind = is_token ? Kind::kToken : Kind::kPassword;
    if (same && named && entry.kind == kind) found = &entry;
  }
  if (found == nullptr) return std::nullopt;
  return found->identity;
}

}  // namespace esockets::broker

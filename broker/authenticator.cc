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
  entries_.push_back({{std::string(user), admin}, true, Sha256(secret)});
}

void Authenticator::AddPassword(std::string_view user, std::string_view password, bool admin) {
  entries_.push_back({{std::string(user), admin}, false, Sha256(password)});
}

std::optional<Identity> Authenticator::Authenticate(const Credentials& credentials) const {
  if (open()) return Identity{.user = std::string(credentials.user), .admin = true};
  const bool is_token = !credentials.token.empty();
  const Digest shown = Sha256(is_token ? credentials.token : credentials.password);
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    const bool same = CRYPTO_memcmp(shown.data(), entry.digest.data(), shown.size()) == 0;
    const bool named = is_token || entry.identity.user == credentials.user;
    if (same && named && entry.is_token == is_token) found = &entry;
  }
  if (found == nullptr) return std::nullopt;
  return found->identity;
}

}  // namespace esockets::broker

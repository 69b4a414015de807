#include "broker/auth/fingerprint.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace esockets::broker {

Digest DigestOf(std::string_view text) {
  Digest digest{};
  unsigned size = 0;
  ESOCKETS_CHECK(
      EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  return digest;
}

uint64_t FingerprintOf(std::string_view text) {
  const Digest digest = DigestOf(text);
  uint64_t fingerprint = 0;
  for (int byte = 7; byte >= 0; --byte) {
    fingerprint = fingerprint << 8 | digest[static_cast<size_t>(byte)];
  }
  return fingerprint == 0 ? 1 : fingerprint;
}

}  // namespace esockets::broker

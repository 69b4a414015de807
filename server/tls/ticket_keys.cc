#include "server/tls/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>

#include "base/check.h"
#include "server/tls/limits.h"

namespace esockets::tls {
namespace {

template <size_t kBytes>
void FillRandom(std::array<uint8_t, kBytes>* bytes) {
  ESOCKETS_CHECK(RAND_bytes(bytes->data(), static_cast<int>(kBytes)) == 1);
}

// AES-256-CBC and HMAC-SHA-256, as RFC 5077 recommends (section 4).
bool SetUp(const TicketKeys::Key& key, const uint8_t* iv, bool make, EVP_CIPHER_CTX* cipher,
           EVP_MAC_CTX* mac) {
  std::array<uint8_t, 32> mac_key = key.mac;
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, mac_key.data(), mac_key.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv,
                           make ? 1 : 0) == 1 &&
         EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

}  // namespace

const std::shared_ptr<TicketKeys>& TicketKeys::OfProcess() {
  static const base::SystemClock clock;
  static const auto keys = std::make_shared<TicketKeys>(&clock);
  return keys;
}

TicketKeys::~TicketKeys() { OPENSSL_cleanse(keys_.data(), sizeof keys_); }

TicketKeys::Key TicketKeys::Current() {
  const base::TimePoint now = clock_.Now();
  const std::lock_guard lock(mutex_);
  if (count_ == 0 || now - keys_[0].made >= kTicketKeyLifetime) {
    keys_[1] = keys_[0];  // the one before that is gone
    FillRandom(&keys_[0].name);
    FillRandom(&keys_[0].cipher);
    FillRandom(&keys_[0].mac);
    keys_[0].made = now;
    count_ = std::min(count_ + 1, keys_.size());
  }
  return keys_[0];
}

std::optional<TicketKeys::Key> TicketKeys::Find(const uint8_t* name, bool* renew) {
  const base::TimePoint now = clock_.Now();
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < count_; ++i) {
    const Key& key = keys_[i];
    if (!std::equal(key.name.begin(), key.name.end(), name)) continue;
    const base::Duration age = now - key.made;
    *renew = age >= kTicketKeyLifetime;
    if (age < 2 * kTicketKeyLifetime) return key;
  }
  return std::nullopt;
}

int TicketKeys::Use(uint8_t* name, uint8_t* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                    bool make) {
  constexpr int kFailed = -1, kNotOurs = 0, kGood = 1, kGoodButOld = 2;
  if (make) {
    const Key key = Current();
    std::copy(key.name.begin(), key.name.end(), name);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return kFailed;
    return SetUp(key, iv, make, cipher, mac) ? kGood : kFailed;
  }
  bool renew = false;
  const std::optional<Key> key = Find(name, &renew);
  if (!key) return kNotOurs;
  if (!SetUp(*key, iv, make, cipher, mac)) return kFailed;
  return renew ? kGoodButOld : kGood;
}

}  // namespace esockets::tls

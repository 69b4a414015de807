#include "broker/auth/ticket_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "base/check.h"
#include "base/strings.h"

namespace esockets::broker {
namespace {

template <typename Bytes>
void FillRandom(Bytes* bytes) {
  ESOCKETS_CHECK(RAND_bytes(bytes->data(), static_cast<int>(bytes->size())) == 1);
}

std::string_view Trimmed(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  const size_t begin = std::min(line.find_first_not_of(kSpace), line.size());
  return line.substr(begin, line.find_last_not_of(kSpace) + 1 - begin);
}

}  // namespace

TicketKeys TicketKeys::Random() {
  Key key;
  FillRandom(&key);
  return TicketKeys({key});
}

std::string TicketKeys::NewLine() {
  Key key;
  FillRandom(&key);
  std::string line(2 * kKeyBytes + 1, '\n');
  size_t size = 0;
  ESOCKETS_CHECK(
      OPENSSL_buf2hexstr_ex(line.data(), line.size(), &size, key.data(), key.size(), '\0') == 1);
  line.back() = '\n';
  OPENSSL_cleanse(key.data(), key.size());
  return line;
}

absl::StatusOr<TicketKeys> TicketKeys::Parse(std::string_view text) {
  const auto mistake = [](int line, std::string_view why) {
    return base::Error(absl::StatusCode::kInvalidArgument, "line ", line, ": ", why);
  };
  std::vector<Key> keys;
  int number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string line(Trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    Key key;
    size_t size = 0;
    if (line.size() != 2 * kKeyBytes ||
        OPENSSL_hexstr2buf_ex(key.data(), key.size(), &size, line.c_str(), '\0') != 1) {
      return mistake(number, "must be 64 hexadecimal digits");
    }
    if (keys.size() == kKeysMax) return mistake(number, "one key too many, at most 4 are taken");
    keys.push_back(key);
  }
  if (keys.empty()) return mistake(std::max(number, 1), "no key, and none before");
  return TicketKeys(std::move(keys));
}

std::string TicketKeys::SignWith(const Key& key, std::string_view text) {
  std::string signature(kSignatureBytes, '\0');
  unsigned int size = 0;
  const auto* const data = reinterpret_cast<const uint8_t*>(text.data());
  auto* const out = reinterpret_cast<uint8_t*>(signature.data());
  const uint8_t* const done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, text.size(), out, &size);
  ESOCKETS_CHECK(done != nullptr && size == kSignatureBytes);
  return signature;
}

std::string TicketKeys::Sign(std::string_view text) const { return SignWith(keys_[0], text); }

std::optional<size_t> TicketKeys::SignerOf(std::string_view text,
                                           std::string_view signature) const {
  if (signature.size() != kSignatureBytes) return std::nullopt;
  std::optional<size_t> signer;
  for (size_t i = 0; i < keys_.size(); ++i) {
    const std::string right = SignWith(keys_[i], text);
    if (CRYPTO_memcmp(right.data(), signature.data(), right.size()) == 0) signer = i;
  }
  return signer;
}

// The pad is of a text that is never signed: tickets do not begin so.
uint64_t TicketKeys::Hide(uint64_t number, uint64_t nonce, size_t key) const {
  const std::string pad = SignWith(keys_[key], base::StrCat("hide ", nonce));
  for (int i = 0; i < 8; ++i) number ^= uint64_t{static_cast<uint8_t>(pad[i])} << 8 * i;
  return number;
}

}  // namespace esockets::broker

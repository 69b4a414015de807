#include "broker/inbox_names.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "base/check.h"
#include "base/strings.h"

namespace esockets::broker {
namespace {

// Loop, session and hash: 72 bits of it make what is base64 without padding.
constexpr size_t kSessionAt = 1;
constexpr size_t kHashAt = kSessionAt + sizeof(uint64_t);
constexpr size_t kHashBytes = 9;
using Token = std::array<uint8_t, kHashAt + kHashBytes>;
constexpr size_t kTokenTextBytes = sizeof(Token) / 3 * 4;

constexpr size_t kMacBytes = 16;  // of SipHash, unless asked for less

EVP_MAC_CTX* NewContext() {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
  ESOCKETS_CHECK(mac != nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
  EVP_MAC_free(mac);
  ESOCKETS_CHECK(context != nullptr);
  return context;
}

void Hash(EVP_MAC_CTX* context, const InboxKey& key, Token* token) {
  std::array<uint8_t, kMacBytes> mac;
  size_t bytes = 0;
  ESOCKETS_CHECK(EVP_MAC_init(context, key.bytes.data(), key.bytes.size(), nullptr) == 1);
  ESOCKETS_CHECK(EVP_MAC_update(context, token->data(), kHashAt) == 1);
  ESOCKETS_CHECK(EVP_MAC_final(context, mac.data(), &bytes, mac.size()) == 1);
  ESOCKETS_CHECK(bytes == mac.size());
  std::copy_n(mac.begin(), kHashBytes, token->begin() + kHashAt);
}

Token TokenOf(const InboxNames::Owner& owner) {
  Token token{static_cast<uint8_t>(owner.loop)};
  for (size_t i = 0; i < sizeof(uint64_t); ++i) {
    token[kSessionAt + i] = static_cast<uint8_t>(owner.session >> (8 * i));
  }
  return token;
}

InboxNames::Owner OwnerIn(const Token& token) {
  InboxNames::Owner owner{.loop = token[0], .session = 0};
  for (size_t i = 0; i < sizeof(uint64_t); ++i) {
    owner.session |= uint64_t{token[kSessionAt + i]} << (8 * i);
  }
  return owner;
}

}  // namespace

InboxKey InboxKey::Random() {
  InboxKey key;
  ESOCKETS_CHECK(RAND_bytes(key.bytes.data(), static_cast<int>(key.bytes.size())) == 1);
  return key;
}

InboxNames::InboxNames(const InboxKey& key) : key_(key), context_(NewContext()) {}

void InboxNames::FreeContext::operator()(evp_mac_ctx_st* context) const {
  EVP_MAC_CTX_free(context);
}

std::string InboxNames::NameOf(const Owner& owner) const {
  Token token = TokenOf(owner);
  Hash(context_.get(), key_, &token);
  const std::string bytes(token.begin(), token.end());
  return base::StrCat(kInboxRoot, "/", absl::WebSafeBase64Escape(bytes));
}

std::optional<InboxNames::Owner> InboxNames::OwnerOf(std::string_view topic) const {
  if (!IsInInbox(topic)) return std::nullopt;
  const std::string_view below = topic.substr(kInboxRoot.size() + 1);
  const std::string_view text = below.substr(0, below.find('/'));
  std::string bytes;
  if (text.size() != kTokenTextBytes || !absl::WebSafeBase64Unescape(base::ToAbsl(text), &bytes) ||
      bytes.size() != sizeof(Token)) {
    return std::nullopt;
  }
  Token shown;
  std::copy(bytes.begin(), bytes.end(), shown.begin());
  Token right = shown;
  Hash(context_.get(), key_, &right);
  if (CRYPTO_memcmp(shown.data(), right.data(), shown.size()) != 0) return std::nullopt;
  return OwnerIn(shown);
}

}  // namespace esockets::broker

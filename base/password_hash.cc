#include "base/password_hash.h"

#include <argon2.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/strings.h"

namespace esockets::base {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr size_t kHashBytes = 32;

absl::Status Mistake(std::string_view why) {
  return Error(absl::StatusCode::kInvalidArgument, "the password's hash ", why);
}

// Takes "m=19456" off the front, and the comma or dollar behind it.
std::optional<uint32_t> TakeNumber(char name, char end, std::string_view* text) {
  if (text->size() < 2 || (*text)[0] != name || (*text)[1] != '=') return std::nullopt;
  uint32_t number = 0;
  const char* const last = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data() + 2, last, number);
  if (error != std::errc() || stop == last || *stop != end) return std::nullopt;
  text->remove_prefix(static_cast<size_t>(stop + 1 - text->data()));
  return number;
}

// base64 without padding (RFC 4648 section 4), of 8 to 64 bytes.
bool IsEncoded(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return text.size() >= 11 && text.size() <= 86 && text.size() % 4 != 1 &&
         text.find_first_not_of(kDigits) == std::string_view::npos;
}

bool IsWithin(uint32_t value, uint32_t min, uint32_t max) { return value >= min && value <= max; }

}  // namespace

absl::StatusOr<PasswordHash> PasswordHash::Parse(std::string_view text) {
  constexpr std::string_view kBegin = "$argon2id$v=19$";
  if (text.size() > kPasswordHashBytesMax) return Mistake("is too long");
  if (!text.starts_with(kBegin)) return Mistake("is not one of argon2id, version 19");
  std::string_view rest = text.substr(kBegin.size());
  const auto memory_kib = TakeNumber('m', ',', &rest);
  const auto passes = memory_kib ? TakeNumber('t', ',', &rest) : std::nullopt;
  const auto lanes = passes ? TakeNumber('p', '$', &rest) : std::nullopt;
  if (!memory_kib || !passes || !lanes) return Mistake("does not say its cost");
  if (!IsWithin(*memory_kib, kPasswordMemoryKibMin, kPasswordMemoryKibMax) ||
      !IsWithin(*passes, 1, kPasswordPassesMax) || !IsWithin(*lanes, 1, kPasswordLanesMax)) {
    return Mistake("has a cost below or above what is taken");
  }
  const size_t end_of_salt = rest.find('$');
  if (end_of_salt == std::string_view::npos || !IsEncoded(rest.substr(0, end_of_salt)) ||
      !IsEncoded(rest.substr(end_of_salt + 1))) {
    return Mistake("cannot be decoded");
  }
  return PasswordHash(std::string(text));
}

PasswordHash PasswordHash::Of(std::string_view password, const PasswordCost& cost) {
  std::array<uint8_t, kSaltBytes> salt;
  ESOCKETS_CHECK(RAND_bytes(salt.data(), static_cast<int>(salt.size())) == 1);
  std::string text(argon2_encodedlen(cost.passes, cost.memory_kib, cost.lanes, kSaltBytes,
                                     kHashBytes, Argon2_id),
                   '\0');
  ESOCKETS_CHECK(argon2id_hash_encoded(cost.passes, cost.memory_kib, cost.lanes, password.data(),
                                       password.size(), salt.data(), salt.size(), kHashBytes,
                                       text.data(), text.size()) == ARGON2_OK);
  text.resize(text.find('\0'));
  return PasswordHash(std::move(text));
}

bool PasswordHash::Matches(std::string_view password) const {
  return argon2id_verify(text_.c_str(), password.data(), password.size()) == ARGON2_OK;
}

}  // namespace esockets::base

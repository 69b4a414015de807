// Passwords as what is kept of them: argon2id (RFC 9106), in the text form of its reference
// implementation: "$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH".
#ifndef BASE_PASSWORD_HASH_H_
#define BASE_PASSWORD_HASH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace esockets::base {

// --- what is taken of a text, which an operator may have copied from anywhere
inline constexpr size_t kPasswordHashBytesMax = 512;
// Less is too cheap to guess.
inline constexpr uint32_t kPasswordMemoryKibMin = 8 << 10;
// More is too dear for a broker: each check takes as much, and some milliseconds for each MiB.
inline constexpr uint32_t kPasswordMemoryKibMax = 256 << 10;
inline constexpr uint32_t kPasswordPassesMax = 16;
inline constexpr uint32_t kPasswordLanesMax = 8;

// What a guess costs, and each login. The default is the least that OWASP's password storage cheat
// sheet advises.
struct PasswordCost {
  uint32_t memory_kib = 19 << 10;
  uint32_t passes = 2;
  uint32_t lanes = 1;
};

// Thread: any.
class PasswordHash {
 public:
  // Errors: kInvalidArgument with what is wrong, and nothing of the text: not argon2id, version 19,
  // or a cost below or above the limits.
  static absl::StatusOr<PasswordHash> Parse(std::string_view text);
  // With a salt of its own.
  static PasswordHash Of(std::string_view password, const PasswordCost& cost = {});

  // Takes as long as the cost says: not for a loop.
  bool Matches(std::string_view password) const;

  const std::string& text() const { return text_; }

 private:
  explicit PasswordHash(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace esockets::base

#endif  // BASE_PASSWORD_HASH_H_

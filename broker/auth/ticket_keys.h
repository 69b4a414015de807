// The keys that sign tickets: HMAC with SHA-256 (RFC 2104), 32 bytes each.
#ifndef BROKER_AUTH_TICKET_KEYS_H_
#define BROKER_AUTH_TICKET_KEYS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace esockets::broker {

// Thread: any.
class TicketKeys {
 public:
  static constexpr size_t kKeyBytes = 32;
  static constexpr size_t kSignatureBytes = 32;
  static constexpr size_t kKeysMax = 4;

  // One that nobody else has; it is gone with the process.
  static TicketKeys Random();
  // Of a file: a key in each line, 64 hexadecimal digits. The first one signs, all are taken.
  // Errors: kInvalidArgument, without a byte of it.
  static absl::StatusOr<TicketKeys> Parse(std::string_view text);
  // Such a line, of a new key.
  static std::string NewLine();

  std::string Sign(std::string_view text) const;
  // Which of them has signed it, the first one being 0; nothing: none has. In the same time
  // whatever is wrong.
  std::optional<size_t> SignerOf(std::string_view text, std::string_view signature) const;
  // XOR with 64 bits that only who has the key can tell: the same call shows what one has hidden.
  // REQUIRES: nothing else is hidden with this nonce.
  uint64_t Hide(uint64_t number, uint64_t nonce, size_t key = 0) const;

 private:
  using Key = std::array<uint8_t, kKeyBytes>;
  explicit TicketKeys(std::vector<Key> keys) : keys_(std::move(keys)) {}

  static std::string SignWith(const Key& key, std::string_view text);

  std::vector<Key> keys_;
};

}  // namespace esockets::broker

#endif  // BROKER_AUTH_TICKET_KEYS_H_

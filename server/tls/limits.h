// Every limit of TLS: name, unit, default, reason.
#ifndef SERVER_TLS_LIMITS_H_
#define SERVER_TLS_LIMITS_H_

#include <cstddef>

#include "base/clock.h"

namespace esockets::tls {

// Of a record, in the clear (RFC 8446, section 5.1).
inline constexpr size_t kRecordBytesMax = 16 << 10;

// Encrypted before the kernel is asked whether it takes it: what it does not take waits as
// ciphertext, in memory of the connection's own.
inline constexpr size_t kEncryptBytesMax = 64 << 10;

// Ciphertext that waits: what was encrypted last, and answers that a peer makes us give, to updates
// of keys for example (27 bytes each). One that asks on and reads none of them is given up.
inline constexpr size_t kCiphertextBytesMax = 256 << 10;

// Of what a peer sends before the handshake is done, and of its certificates in it. Chains are a
// few KiB.
inline constexpr size_t kHandshakeBytesMax = 64 << 10;

// Of a file with certificates, keys or revocations.
inline constexpr size_t kFileBytesMax = 16 << 20;

// Session tickets are made with one key for so long, and taken for as long again.
inline constexpr base::Duration kTicketKeyLifetime = std::chrono::hours(12);

// Of a name in a certificate that becomes a user's.
inline constexpr size_t kPeerNameBytesMax = 256;

}  // namespace esockets::tls

#endif  // SERVER_TLS_LIMITS_H_

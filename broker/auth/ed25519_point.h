// Which 32 bytes are a public key of Ed25519: OpenSSL takes any, and looks when it verifies.
#ifndef BROKER_AUTH_ED25519_POINT_H_
#define BROKER_AUTH_ED25519_POINT_H_

#include <cstddef>
#include <string_view>

namespace esockets::broker {

inline constexpr size_t kEd25519KeyBytes = 32;

// A point of the curve (RFC 8032 section 5.1.3) whose order is not small: for the eight points
// of small order signatures can be made without a private key.
bool IsEd25519PublicKey(std::string_view bytes);

}  // namespace esockets::broker

#endif  // BROKER_AUTH_ED25519_POINT_H_

// What a certificate says of who shows it.
#ifndef SERVER_TLS_PEER_CERTIFICATE_H_
#define SERVER_TLS_PEER_CERTIFICATE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "server/tls/openssl.h"

namespace esockets::tls {

// Where in a certificate the name of its owner stands: in the subject, or the first of that kind
// among the alternative names (RFC 5280, sections 4.1.2.6 and 4.2.1.6).
enum class PeerNameSource : uint8_t { kCommonName, kDnsName, kEmail, kUri };

// Errors: kInvalidArgument: it has none there, or one with a NUL, another control character, bytes
// that are no UTF-8, or more than kPeerNameBytesMax.
absl::StatusOr<std::string> PeerName(const X509* certificate, PeerNameSource source);

// Seconds since 1970.
int64_t ExpiresAtSeconds(const X509* certificate);

}  // namespace esockets::tls

#endif  // SERVER_TLS_PEER_CERTIFICATE_H_

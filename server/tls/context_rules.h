// What both ends of TLS keep to: versions, ciphers, memory.
#ifndef SERVER_TLS_CONTEXT_RULES_H_
#define SERVER_TLS_CONTEXT_RULES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/tls/openssl.h"

namespace esockets::tls {

// Older ones are not spoken.
enum class MinVersion : int { kTls12 = TLS1_2_VERSION, kTls13 = TLS1_3_VERSION };

// A chain in PEM, the own certificate first, and its private key.
struct CertificateFiles {
  std::string chain_file;
  std::string key_file;
};

// Forward secrecy and authenticated encryption alone; no renegotiation, no compression (RFC 9325).
SslContextPtr MakeContext(const SSL_METHOD* method, MinVersion min_version);

// Errors: kInvalidArgument, with the file and why; also when key and certificate do not fit.
absl::Status UseCertificate(const CertificateFiles& files, SSL_CTX* context);

// Names of application protocols as ALPN writes them (RFC 7301, section 3.1).
std::string AlpnList(const std::vector<std::string>& protocols);

}  // namespace esockets::tls

#endif  // SERVER_TLS_CONTEXT_RULES_H_

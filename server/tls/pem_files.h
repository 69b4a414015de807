// What stands in files in PEM (RFC 7468).
#ifndef SERVER_TLS_PEM_FILES_H_
#define SERVER_TLS_PEM_FILES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/tls/openssl.h"

namespace esockets::tls {

// Errors of all: kInvalidArgument, with the file and why.
absl::Status InFile(const std::string& path, std::string_view why);

struct PemFile {
  std::string path;
  std::string text;
};

// A whole file. Errors: it cannot be read, or is larger than kFileBytesMax.
absl::StatusOr<PemFile> ReadPemFile(const std::string& path);

// All of them, in their order. Errors: there is none, or one is damaged.
absl::StatusOr<std::vector<X509Ptr>> CertificatesIn(const PemFile& file);
absl::StatusOr<std::vector<X509CrlPtr>> RevocationsIn(const PemFile& file);
// The first. Errors: there is none, or it is encrypted: a broker has no terminal to ask at.
absl::StatusOr<EvpPkeyPtr> PrivateKeyIn(const PemFile& file);

// Both steps.
absl::StatusOr<std::vector<X509Ptr>> ReadCertificates(const std::string& path);

}  // namespace esockets::tls

#endif  // SERVER_TLS_PEM_FILES_H_

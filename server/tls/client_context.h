// What the connections of a client over TLS have in common: whom it trusts, whom it means, and the
// session of last time.
#ifndef SERVER_TLS_CLIENT_CONTEXT_H_
#define SERVER_TLS_CLIENT_CONTEXT_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/tls/context_rules.h"
#include "server/tls/openssl.h"

namespace esockets::tls {

struct ClientSettings {
  // Who it means: a DNS name or an IP address. REQUIRED.
  std::string server_name;
  // False: whoever answers is believed. For tests alone.
  bool verify = true;
  // Authorities that it trusts, in PEM; empty: those of the system.
  std::string ca_file;
  // Its own, for servers that ask for one; empty: it has none.
  CertificateFiles certificate;
  MinVersion min_version = MinVersion::kTls12;
  std::vector<std::string> application_protocols;  // by preference; empty: it does not say
};

// Thread: any.
class ClientContext {
 public:
  // Reads the files. Errors: kInvalidArgument, with the file and why.
  static absl::StatusOr<std::shared_ptr<ClientContext>> Load(const ClientSettings& settings);

  ClientContext(const ClientContext&) = delete;
  ClientContext& operator=(const ClientContext&) = delete;

  // Of a new connection; it offers the session of last time. REQUIRES: it goes before the context.
  SslPtr NewSsl();

 private:
  ClientContext(const ClientSettings& settings, SslContextPtr context);
  absl::Status LoadFiles(const ClientSettings& settings);
  static int OnNewSession(SSL* ssl, SSL_SESSION* session);

  const SslContextPtr context_;
  const std::string server_name_;
  const bool is_address_;
  std::mutex mutex_;
  SslSessionPtr session_;  // guarded by mutex_; of last time
};

}  // namespace esockets::tls

#endif  // SERVER_TLS_CLIENT_CONTEXT_H_

// What the TLS of a listener's connections has in common: certificates, and what is asked of
// clients. Loaded as a whole, and replaced as a whole.
#ifndef SERVER_TLS_SERVER_CONTEXT_H_
#define SERVER_TLS_SERVER_CONTEXT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/tls/context_rules.h"
#include "server/tls/openssl.h"
#include "server/tls/peer_certificate.h"
#include "server/tls/ticket_keys.h"

namespace esockets::tls {

// Whether clients are asked for a certificate, and who shows none is turned away.
enum class ClientCertificates : uint8_t { kNone, kOptional, kRequired };

struct ServerSettings {
  // By the name that a client asks for (SNI, RFC 6066, section 3); the first for all others.
  std::vector<CertificateFiles> certificates;
  MinVersion min_version = MinVersion::kTls12;
  ClientCertificates client_certificates = ClientCertificates::kNone;
  std::string client_ca_file;  // REQUIRED where clients are asked
  // Revocations of every authority in the chains of clients; empty: none are known. One that has
  // expired turns its clients away.
  std::string client_crl_file;
  PeerNameSource peer_name = PeerNameSource::kCommonName;
  // By preference. A client that offers ALPN, and none of them, is turned away (RFC 7301).
  std::vector<std::string> application_protocols;
};

// Thread: any.
class ServerContext {
 public:
  // Reads the files. Errors: kInvalidArgument, with the file and why. REQUIRES: a certificate.
  static absl::StatusOr<std::shared_ptr<const ServerContext>> Load(
      ServerSettings settings, std::shared_ptr<TicketKeys> ticket_keys);

  ServerContext(const ServerContext&) = delete;
  ServerContext& operator=(const ServerContext&) = delete;

  // Of a new connection. REQUIRES: it goes before the context.
  SslPtr NewSsl() const;
  PeerNameSource peer_name() const { return settings_.peer_name; }
  // Nobody comes in without a name.
  bool names_clients() const {
    return settings_.client_certificates == ClientCertificates::kRequired;
  }

 private:
  // What clients' certificates are judged by.
  struct ClientRules {
    std::vector<X509Ptr> authorities{};
    std::vector<X509CrlPtr> revocations{};
    std::string scope{};  // differs where a client may be judged otherwise
  };

  ServerContext(ServerSettings settings, std::shared_ptr<TicketKeys> ticket_keys);
  absl::Status LoadAll();
  absl::StatusOr<ClientRules> LoadClientRules() const;
  void AskClients(const ClientRules& rules, SSL_CTX* context) const;
  void SetCallbacks(SSL_CTX* context);

  static int OnServerName(SSL* ssl, int* alert, void* self);
  static int OnAlpn(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void* self);
  static int OnTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                      EVP_MAC_CTX* mac, int make);
  static int OnVerify(int so_far, X509_STORE_CTX* verification);

  const ServerSettings settings_;
  const std::string alpn_;
  const std::shared_ptr<TicketKeys> ticket_keys_;
  std::vector<SslContextPtr> served_;  // one for each certificate
};

}  // namespace esockets::tls

#endif  // SERVER_TLS_SERVER_CONTEXT_H_

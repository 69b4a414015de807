#include "server/tls/server_context.h"

#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cstring>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "server/tls/pem_files.h"

namespace esockets::tls {
namespace {

const ServerContext* ContextOf(const SSL_CTX* context) {
  return static_cast<const ServerContext*>(SSL_CTX_get_app_data(context));
}

// A session of before is taken where clients are judged alike: what a certificate was good for
// under other authorities or revocations, it may be good for no more.
void SetSessionScope(const std::string& scope, SSL_CTX* context) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  ESOCKETS_CHECK(EVP_Digest(scope.data(), scope.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  ESOCKETS_CHECK(SSL_CTX_set_session_id_context(context, digest, size) == 1);
}

}  // namespace

ServerContext::ServerContext(ServerSettings settings, std::shared_ptr<TicketKeys> ticket_keys)
    : settings_(std::move(settings)),
      alpn_(AlpnList(settings_.application_protocols)),
      ticket_keys_(std::move(ticket_keys)) {}

absl::StatusOr<std::shared_ptr<const ServerContext>> ServerContext::Load(
    ServerSettings settings, std::shared_ptr<TicketKeys> ticket_keys) {
  ESOCKETS_CHECK(!settings.certificates.empty());
  std::shared_ptr<ServerContext> loaded(
      new ServerContext(std::move(settings), std::move(ticket_keys)));
  if (absl::Status status = loaded->LoadAll(); !status.ok()) return status;
  return loaded;
}

absl::Status ServerContext::LoadAll() {
  const absl::StatusOr<ClientRules> rules = LoadClientRules();
  if (!rules.ok()) return rules.status();
  for (const CertificateFiles& files : settings_.certificates) {
    SslContextPtr context = MakeContext(TLS_server_method(), settings_.min_version);
    if (absl::Status status = UseCertificate(files, context.get()); !status.ok()) return status;
    SetCallbacks(context.get());
    SetSessionScope(rules->scope, context.get());
    if (settings_.client_certificates != ClientCertificates::kNone) {
      AskClients(*rules, context.get());
    }
    served_.push_back(std::move(context));
  }
  return absl::OkStatus();
}

void ServerContext::SetCallbacks(SSL_CTX* context) {
  SSL_CTX_set_app_data(context, this);
  // The macro for it has a cast that the compiler warns of.
  SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                        reinterpret_cast<void (*)()>(&OnServerName));
  SSL_CTX_set_tlsext_servername_arg(context, this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, &OnTicket);
  if (!alpn_.empty()) SSL_CTX_set_alpn_select_cb(context, &OnAlpn, this);
  // A session is with its client, as a ticket: nothing is kept here.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
}

absl::StatusOr<ServerContext::ClientRules> ServerContext::LoadClientRules() const {
  ClientRules rules;
  if (settings_.client_certificates == ClientCertificates::kNone) return rules;
  const absl::StatusOr<PemFile> file = ReadPemFile(settings_.client_ca_file);
  if (!file.ok()) return file.status();
  absl::StatusOr<std::vector<X509Ptr>> authorities = CertificatesIn(*file);
  if (!authorities.ok()) return authorities.status();
  rules.authorities = *std::move(authorities);
  rules.scope = base::StrCat(file->text, static_cast<int>(settings_.peer_name),
                             static_cast<int>(settings_.client_certificates));
  if (settings_.client_crl_file.empty()) return rules;
  const absl::StatusOr<PemFile> revoked = ReadPemFile(settings_.client_crl_file);
  if (!revoked.ok()) return revoked.status();
  absl::StatusOr<std::vector<X509CrlPtr>> revocations = RevocationsIn(*revoked);
  if (!revocations.ok()) return revocations.status();
  rules.revocations = *std::move(revocations);
  rules.scope += revoked->text;
  return rules;
}

void ServerContext::AskClients(const ClientRules& rules, SSL_CTX* context) const {
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  for (const X509Ptr& authority : rules.authorities) {
    ESOCKETS_CHECK(X509_STORE_add_cert(store, authority.get()) == 1);
    ESOCKETS_CHECK(SSL_CTX_add_client_CA(context, authority.get()) == 1);
  }
  for (const X509CrlPtr& list : rules.revocations) {
    ESOCKETS_CHECK(X509_STORE_add_crl(store, list.get()) == 1);
  }
  if (!rules.revocations.empty()) {
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  }
  const bool required = settings_.client_certificates == ClientCertificates::kRequired;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     &OnVerify);
}

SslPtr ServerContext::NewSsl() const {
  SslPtr ssl(SSL_new(served_.front().get()));
  ESOCKETS_CHECK(ssl != nullptr);
  SSL_set_accept_state(ssl.get());
  return ssl;
}

// --- during a handshake -------------------------------------------------------------------------

int ServerContext::OnServerName(SSL* ssl, int*, void* self) {
  const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  for (const SslContextPtr& served : static_cast<const ServerContext*>(self)->served_) {
    X509* const certificate = SSL_CTX_get0_certificate(served.get());
    if (X509_check_host(certificate, name, std::strlen(name), 0, nullptr) != 1) continue;
    SSL_set_SSL_CTX(ssl, served.get());
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;  // it gets the first certificate, and may judge
}

int ServerContext::OnAlpn(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                          const unsigned char* offered, unsigned offered_size, void* self) {
  const std::string& ours = static_cast<const ServerContext*>(self)->alpn_;
  unsigned char* selected = nullptr;
  const int result = SSL_select_next_proto(
      &selected, chosen_size, reinterpret_cast<const unsigned char*>(ours.data()),
      static_cast<unsigned>(ours.size()), offered, offered_size);
  *chosen = selected;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A ticket of TLS 1.3 is used once: with each comes the next, as if its key were old.
int ServerContext::OnTicket(SSL* ssl, unsigned char* name, unsigned char* iv,
                            EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int make) {
  constexpr int kGood = 1, kRenew = 2;
  TicketKeys& keys = *ContextOf(SSL_get_SSL_CTX(ssl))->ticket_keys_;
  const int used = keys.Use(name, iv, cipher, mac, make == 1);
  return make == 0 && used == kGood && SSL_version(ssl) == TLS1_3_VERSION ? kRenew : used;
}

// A certificate without a usable name would make a client without a name.
int ServerContext::OnVerify(int so_far, X509_STORE_CTX* verification) {
  if (so_far != 1 || X509_STORE_CTX_get_error_depth(verification) > 0) return so_far;
  const auto* const ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const PeerNameSource source = ContextOf(SSL_get_SSL_CTX(ssl))->settings_.peer_name;
  if (PeerName(X509_STORE_CTX_get_current_cert(verification), source).ok()) return 1;
  X509_STORE_CTX_set_error(verification, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

}  // namespace esockets::tls

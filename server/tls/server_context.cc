#include "server/tls/server_context.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cstring>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/strings.h"

namespace esockets::tls {
namespace {

const ServerContext* ContextOf(const SSL_CTX* context) {
  return static_cast<const ServerContext*>(SSL_CTX_get_app_data(context));
}

// A session of before is taken where clients are judged alike: what a certificate was good for
// under other authorities or revocations, it may be good for no more.
absl::Status SetSessionScope(const std::string& rules, SSL_CTX* context) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  ESOCKETS_CHECK(EVP_Digest(rules.data(), rules.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  ESOCKETS_CHECK(SSL_CTX_set_session_id_context(context, digest, size) == 1);
  return absl::OkStatus();
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
  for (const CertificateFiles& files : settings_.certificates) {
    Served served{.context = MakeContext(TLS_server_method(), settings_.min_version),
                  .certificate = nullptr};
    SSL_CTX* const context = served.context.get();
    if (absl::Status status = UseCertificate(files, context); !status.ok()) return status;
    X509* const own = SSL_CTX_get0_certificate(context);
    X509_up_ref(own);
    served.certificate.reset(own);
    SetCallbacks(context);
    if (absl::Status status = AskClients(context); !status.ok()) return status;
    served_.push_back(std::move(served));
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

absl::Status ServerContext::AskClients(SSL_CTX* context) {
  if (settings_.client_certificates == ClientCertificates::kNone) {
    return SetSessionScope("", context);
  }
  absl::StatusOr<std::string> rules = ReadPemFile(settings_.client_ca_file);
  absl::StatusOr<std::vector<X509Ptr>> authorities = ReadCertificates(settings_.client_ca_file);
  if (!rules.ok()) return rules.status();
  if (!authorities.ok()) return authorities.status();
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  for (const X509Ptr& authority : *authorities) {
    ESOCKETS_CHECK(X509_STORE_add_cert(store, authority.get()) == 1);
    ESOCKETS_CHECK(SSL_CTX_add_client_CA(context, authority.get()) == 1);
  }
  const bool required = settings_.client_certificates == ClientCertificates::kRequired;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     &OnVerify);
  base::StrAppend(&*rules, static_cast<int>(settings_.peer_name), required ? "required" : "");
  if (settings_.client_crl_file.empty()) return SetSessionScope(*rules, context);
  absl::StatusOr<std::string> revocations = ReadPemFile(settings_.client_crl_file);
  if (!revocations.ok()) return revocations.status();
  *rules += *revocations;
  if (absl::Status status = AddRevocations(store); !status.ok()) return status;
  return SetSessionScope(*rules, context);
}

absl::Status ServerContext::AddRevocations(X509_STORE* store) const {
  const auto mistake = [&](std::string_view why) {
    return base::Error(absl::StatusCode::kInvalidArgument, settings_.client_crl_file, ": ", why);
  };
  const absl::StatusOr<std::string> text = ReadPemFile(settings_.client_crl_file);
  if (!text.ok()) return text.status();
  const BioPtr bio(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
  size_t count = 0;
  while (const X509CrlPtr crl{PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)}) {
    ESOCKETS_CHECK(X509_STORE_add_crl(store, crl.get()) == 1);
    ++count;
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ForgetErrors();
  if (count == 0) return mistake("there is no list of revocations in PEM");
  if (!at_end) return mistake(base::StrCat("list ", count + 1, " is damaged"));
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  return absl::OkStatus();
}

SslPtr ServerContext::NewSsl() const {
  SslPtr ssl(SSL_new(served_.front().context.get()));
  ESOCKETS_CHECK(ssl != nullptr);
  SSL_set_accept_state(ssl.get());
  return ssl;
}

// --- during a handshake -------------------------------------------------------------------------

int ServerContext::OnServerName(SSL* ssl, int*, void* self) {
  const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  for (const Served& served : static_cast<const ServerContext*>(self)->served_) {
    if (X509_check_host(served.certificate.get(), name, std::strlen(name), 0, nullptr) != 1) {
      continue;
    }
    SSL_set_SSL_CTX(ssl, served.context.get());
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

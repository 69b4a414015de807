#include "server/tls/client_context.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "server/socket_address.h"
#include "server/tls/pem_files.h"

namespace esockets::tls {
namespace {

bool IsAddress(const std::string& name) {
  using Family = server::SocketAddress::Family;
  return server::SocketAddress::FromIpText(Family::kIpv4, name, 0).has_value() ||
         server::SocketAddress::FromIpText(Family::kIpv6, name, 0).has_value();
}

}  // namespace

ClientContext::ClientContext(const ClientSettings& settings, SslContextPtr context)
    : context_(std::move(context)),
      server_name_(settings.server_name),
      is_address_(IsAddress(settings.server_name)) {
  SSL_CTX* const raw = context_.get();
  SSL_CTX_set_app_data(raw, this);
  SSL_CTX_set_verify(raw, settings.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(raw, &OnNewSession);
  const std::string alpn = AlpnList(settings.application_protocols);
  const auto* bytes = reinterpret_cast<const unsigned char*>(alpn.data());
  ESOCKETS_CHECK(SSL_CTX_set_alpn_protos(raw, bytes, static_cast<unsigned>(alpn.size())) == 0);
}

absl::StatusOr<std::shared_ptr<ClientContext>> ClientContext::Load(const ClientSettings& settings) {
  std::shared_ptr<ClientContext> loaded(
      new ClientContext(settings, MakeContext(TLS_client_method(), settings.min_version)));
  if (absl::Status status = loaded->LoadFiles(settings); !status.ok()) return status;
  return loaded;
}

absl::Status ClientContext::LoadFiles(const ClientSettings& settings) {
  if (!settings.certificate.chain_file.empty()) {
    absl::Status status = UseCertificate(settings.certificate, context_.get());
    if (!status.ok()) return status;
  }
  if (!settings.verify) return absl::OkStatus();
  if (settings.ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context_.get()) == 1) return absl::OkStatus();
    return base::Error(absl::StatusCode::kInvalidArgument,
                       "the system's authorities: ", TakeError());
  }
  absl::StatusOr<std::vector<X509Ptr>> authorities = ReadCertificates(settings.ca_file);
  if (!authorities.ok()) return authorities.status();
  X509_STORE* const store = SSL_CTX_get_cert_store(context_.get());
  for (const X509Ptr& authority : *authorities) {
    ESOCKETS_CHECK(X509_STORE_add_cert(store, authority.get()) == 1);
  }
  return absl::OkStatus();
}

SslPtr ClientContext::NewSsl() {
  SslPtr ssl(SSL_new(context_.get()));
  ESOCKETS_CHECK(ssl != nullptr);
  SSL_set_connect_state(ssl.get());
  if (is_address_) {
    X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl.get());
    ESOCKETS_CHECK(X509_VERIFY_PARAM_set1_ip_asc(rules, server_name_.c_str()) == 1);
  } else {
    // A name stands among the alternative ones (RFC 9525, section 6.1).
    SSL_set_hostflags(ssl.get(),
                      X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    ESOCKETS_CHECK(SSL_set1_host(ssl.get(), server_name_.c_str()) == 1);
    // The macro for it has a cast that the compiler warns of.
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(server_name_.c_str()));
  }
  const std::lock_guard lock(mutex_);
  if (session_ == nullptr) return ssl;
  SSL_set_session(ssl.get(), session_.get());
  // From TLS 1.3 on each is offered once, and brings the next (RFC 8446, appendix C.4).
  if (SSL_SESSION_get_protocol_version(session_.get()) >= TLS1_3_VERSION) session_.reset();
  return ssl;
}

// Returns 1: the session is ours from here on.
int ClientContext::OnNewSession(SSL* ssl, SSL_SESSION* session) {
  auto* const self = static_cast<ClientContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const std::lock_guard lock(self->mutex_);
  self->session_.reset(session);
  return 1;
}

}  // namespace esockets::tls

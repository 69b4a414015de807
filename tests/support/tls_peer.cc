#include "tests/support/tls_peer.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>

#include "base/check.h"
#include "server/tls/context_rules.h"
#include "server/tls/peer_certificate.h"

namespace esockets::tests {
namespace {

tls::SslContextPtr MakeContext(const TlsPeerOptions& options) {
  tls::SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (options.version_min != 0) SSL_CTX_set_min_proto_version(context.get(), options.version_min);
  if (options.version_max != 0) SSL_CTX_set_max_proto_version(context.get(), options.version_max);
  if (options.version_max != 0 && options.version_max < TLS1_2_VERSION) {
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_cipher_list(context.get(), "ALL");
  }
  if (!options.ca_file.empty()) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    ESOCKETS_CHECK(SSL_CTX_load_verify_locations(context.get(), options.ca_file.c_str(), nullptr) ==
                   1);
  }
  if (!options.chain_file.empty()) {
    ESOCKETS_CHECK(tls::UseCertificate({options.chain_file, options.key_file}, context.get()).ok());
  }
  return context;
}

}  // namespace

TlsPeer::TlsPeer(const server::SocketAddress& address, const TlsPeerOptions& options)
    : socket_(address), context_(MakeContext(options)), ssl_(SSL_new(context_.get())) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to a socket as to a file
  socket_.Send(options.prologue);
  SSL* const ssl = ssl_.get();
  SSL_set_fd(ssl, socket_.fd());
  SSL_set_connect_state(ssl);
  SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(options.server_name.c_str()));
  if (!options.ca_file.empty()) SSL_set1_host(ssl, options.server_name.c_str());
  if (!options.alpn.empty()) {
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(options.alpn.data()),
                        static_cast<unsigned>(options.alpn.size()));
  }
  if (options.resume != nullptr) SSL_set_session(ssl, options.resume);
  for (int result = 0; result != 1;) {
    tls::ForgetErrors();
    result = SSL_do_handshake(ssl);
    if (result != 1 && !Retry(result)) return;
  }
}

// The socket does not block: waits for it. False: it is over, and error() tells why.
bool TlsPeer::Retry(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      if (socket_.WaitReadable()) return true;
      error_ = "no answer in time";
      return false;
    case SSL_ERROR_WANT_WRITE:
      if (socket_.WaitWritable()) return true;
      error_ = "nothing is read in time";
      return false;
    case SSL_ERROR_ZERO_RETURN:
      closed_well_ = true;
      error_ = "closed";
      return false;
    default:
      error_ = ERR_peek_error() == 0 ? "the connection broke" : tls::TakeError();
      return false;
  }
}

bool TlsPeer::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    size_t written = 0;
    tls::ForgetErrors();
    const int result =
        SSL_write_ex(ssl_.get(), bytes.data(), std::min<size_t>(bytes.size(), 16384), &written);
    if (result != 1 && !Retry(result)) return false;
    bytes.remove_prefix(written);
  }
  return true;
}

std::string TlsPeer::Receive(size_t bytes) {
  std::string received(bytes, '\0');
  size_t size = 0;
  while (size < bytes) {
    size_t read = 0;
    tls::ForgetErrors();
    const int result = SSL_read_ex(ssl_.get(), received.data() + size, bytes - size, &read);
    if (result != 1 && !Retry(result)) break;
    size += read;
  }
  received.resize(size);
  return received;
}

std::string TlsPeer::ReceiveAll() {
  std::string all;
  while (ok()) all += Receive(1);
  return all;
}

void TlsPeer::Close() {
  tls::ForgetErrors();
  SSL_shutdown(ssl_.get());
}

std::string TlsPeer::chosen_alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string TlsPeer::server_common_name() const {
  const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  return certificate == nullptr
             ? ""
             : tls::PeerName(certificate, tls::PeerNameSource::kCommonName).value_or("");
}

}  // namespace esockets::tests

// A blocking client over TLS for tests, by OpenSSL's own socket layer: nothing of ours lies between
// it and the wire.
#ifndef TESTS_SUPPORT_TLS_PEER_H_
#define TESTS_SUPPORT_TLS_PEER_H_

#include <string>
#include <string_view>

#include "server/socket_address.h"
#include "server/tls/openssl.h"
#include "tests/support/test_client.h"

namespace esockets::tests {

struct TlsPeerOptions {
  std::string prologue{};  // sent in the clear, before anything else
  std::string ca_file{};   // empty: whoever answers is believed
  std::string server_name = "localhost";
  std::string chain_file{};  // its own certificate; empty: none
  std::string key_file{};
  std::string alpn{};  // as ALPN writes it
  int version_min = 0;
  int version_max = 0;
  SSL_SESSION* resume = nullptr;
};

class TlsPeer {
 public:
  // Connects, and shakes hands: ok() says whether that went well.
  TlsPeer(const server::SocketAddress& address, const TlsPeerOptions& options);

  bool ok() const { return error_.empty(); }
  const std::string& error() const { return error_; }  // "tlsv1 alert unknown ca"

  bool Send(std::string_view bytes);
  // Exactly so many bytes; fewer when the stream ends, breaks, or a deadline passes: then error().
  std::string Receive(size_t bytes);
  // Until the end.
  std::string ReceiveAll();
  // The last Receive met close_notify.
  bool closed_well() const { return closed_well_; }
  void Close();  // close_notify

  SSL* ssl() const { return ssl_.get(); }
  TestClient& socket() { return socket_; }
  std::string chosen_alpn() const;
  std::string server_common_name() const;
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

 private:
  bool Retry(int result);

  TestClient socket_;
  tls::SslContextPtr context_;
  tls::SslPtr ssl_;
  std::string error_;
  bool closed_well_ = false;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_TLS_PEER_H_

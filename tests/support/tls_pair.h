// Both ends of TLS in one thread, and the wire between them in the test's hand.
#ifndef TESTS_SUPPORT_TLS_PAIR_H_
#define TESTS_SUPPORT_TLS_PAIR_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "server/tls/openssl.h"
#include "server/tls/session.h"

namespace esockets::tests {

class TlsEnd {
 public:
  using Outcome = tls::Session::Outcome;

  explicit TlsEnd(tls::SslPtr ssl) : session_(std::move(ssl)) {}

  // Bytes of the wire: they carry on the handshake, and then are decrypted. kDone: of the
  // peer's last word. The memory that they get is theirs alone: what is touched outside of it is
  // found.
  Outcome Take(std::string_view wire);
  bool Send(std::string_view plain) { return session_.Encrypt(plain, &to_send_); }
  void Close() { session_.Close(&to_send_); }

  // What is to be sent since the last call.
  std::string TakeWire();
  // What was received in the clear since the last call.
  std::string TakePlain();

  bool is_open() const { return is_open_; }
  Outcome outcome() const { return outcome_; }  // of the last Take
  const std::string& mistake() const { return session_.mistake(); }
  tls::Session& session() { return session_; }
  SSL* ssl() const { return session_.ssl(); }
  bool resumed() const { return SSL_session_reused(ssl()) == 1; }

 private:
  tls::Session session_;
  std::string to_send_;
  std::string plain_;
  bool is_open_ = false;
  Outcome outcome_ = Outcome::kMore;
};

struct TlsPair {
  TlsPair(tls::SslPtr client_ssl, tls::SslPtr server_ssl)
      : client(std::move(client_ssl)), server(std::move(server_ssl)) {}

  // Carries the wire to and fro, in pieces of `piece_bytes`, until nobody has anything to say; the
  // session ticket is with the client then. True: both ends are open.
  bool Shake(size_t piece_bytes = std::string::npos);

  // What arrives when the one end sends `plain` to the other.
  std::string ToServer(std::string_view plain) { return Cross(client, server, plain); }
  std::string ToClient(std::string_view plain) { return Cross(server, client, plain); }

  TlsEnd client;
  TlsEnd server;

 private:
  static std::string Cross(TlsEnd& from, TlsEnd& to, std::string_view plain);
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_TLS_PAIR_H_

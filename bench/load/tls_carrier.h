// Carries the bytes of a link over TLS.
#ifndef BENCH_LOAD_TLS_CARRIER_H_
#define BENCH_LOAD_TLS_CARRIER_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/load/carrier.h"
#include "server/tls/client_context.h"
#include "server/tls/openssl.h"
#include "server/tls/session.h"

namespace esockets::load {

// What the links over TLS have in common. They believe whoever answers. Thread: any, but for
// KeepSession.
class TlsDialer {
 public:
  static absl::StatusOr<std::unique_ptr<TlsDialer>> Make();

  // Of this version alone. Its handshake is a full one, unless a session is kept.
  tls::SslPtr NewSsl(Transport version) const;

  // From now on all links offer the session that the last one got: their handshakes are short.
  // REQUIRES: no other thread has links yet. Errors: kNotFound, it got none.
  absl::Status KeepSession();

 private:
  explicit TlsDialer(std::shared_ptr<tls::ClientContext> context) : context_(std::move(context)) {}

  const std::shared_ptr<tls::ClientContext> context_;
  tls::SslSessionPtr session_;
};

class TlsCarrier final : public Carrier {
 public:
  explicit TlsCarrier(tls::SslPtr ssl) : session_(std::move(ssl)) {}

  void Wrap(std::string* bytes) override;
  bool Take(std::span<char> received, std::string_view* inside, std::string* answer) override;
  bool is_open() const override { return is_open_; }
  bool is_resumed() const override { return SSL_session_reused(session_.ssl()) == 1; }

 private:
  bool Shake(std::string_view* input, std::string* answer);

  tls::Session session_;
  std::string waiting_;  // to send, until the handshake is done
  bool has_begun_ = false;
  bool is_open_ = false;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_TLS_CARRIER_H_

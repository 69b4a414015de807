#include "bench/load/tls_carrier.h"

#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "server/tls/limits.h"
#include "server/tls/scratch.h"

namespace esockets::load {

using tls::Session;

absl::StatusOr<std::unique_ptr<TlsDialer>> TlsDialer::Make() {
  tls::ClientSettings settings;
  settings.server_name = "localhost";
  settings.verify = false;
  auto context = tls::ClientContext::Load(settings);
  if (!context.ok()) return context.status();
  return std::unique_ptr<TlsDialer>(new TlsDialer(*std::move(context)));
}

tls::SslPtr TlsDialer::NewSsl(Transport version) const {
  const int number = version == Transport::kTls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
  tls::SslPtr ssl = context_->NewSsl();
  ESOCKETS_CHECK(SSL_set_min_proto_version(ssl.get(), number) == 1);
  ESOCKETS_CHECK(SSL_set_max_proto_version(ssl.get(), number) == 1);
  // Not the session of last time, which the context offers; and a copy, because OpenSSL takes one
  // of TLS 1.3 for used up when it was resumed.
  const tls::SslSessionPtr offered(session_ ? SSL_SESSION_dup(session_.get()) : nullptr);
  ESOCKETS_CHECK(SSL_set_session(ssl.get(), offered.get()) == 1);
  return ssl;
}

absl::Status TlsDialer::KeepSession() {
  session_.reset(SSL_get1_session(context_->NewSsl().get()));
  if (session_ != nullptr) return absl::OkStatus();
  return base::Error(absl::StatusCode::kNotFound, "the broker gave no session to resume");
}

void TlsCarrier::Wrap(std::string* bytes) {
  std::string plain = std::exchange(*bytes, {});
  if (is_open_) {
    session_.Encrypt(plain, bytes);
    return;
  }
  waiting_ += plain;
  if (std::exchange(has_begun_, true)) return;
  std::string_view nothing;
  session_.Handshake(&nothing, bytes);
}

bool TlsCarrier::Shake(std::string_view* input, std::string* answer) {
  const Session::Outcome outcome = session_.Handshake(input, answer);
  is_open_ = outcome == Session::Outcome::kDone;
  if (is_open_) session_.Encrypt(std::exchange(waiting_, {}), answer);
  return outcome != Session::Outcome::kFailed;
}

bool TlsCarrier::Take(std::span<char> received, std::string_view* inside, std::string* answer) {
  std::string_view input(received.data(), received.size());
  *inside = {};
  if (!is_open_ && !Shake(&input, answer)) return false;
  if (!is_open_ || input.empty()) return true;
  const std::span<char> plain =
      tls::Scratch::OfThisThread().Plain(input.size() + tls::kRecordBytesMax);
  size_t plain_bytes = 0;
  const Session::Outcome outcome = session_.Decrypt(input, plain, &plain_bytes, answer);
  *inside = {plain.data(), plain_bytes};
  return outcome != Session::Outcome::kFailed;
}

}  // namespace esockets::load

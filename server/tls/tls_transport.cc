#include "server/tls/tls_transport.h"

#include <cerrno>
#include <utility>

#include "server/tls/limits.h"
#include "server/tls/peer_certificate.h"
#include "server/tls/record_cutter.h"
#include "server/tls/scratch.h"

namespace esockets::tls {
namespace {

using server::FlushResult;

constexpr int64_t kMicrosPerSecond = 1'000'000;

std::string AgreedProtocol(const SSL* ssl) {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace

TlsTransport::TlsTransport(const std::shared_ptr<const ServerContext>& context)
    : context_(context), session_(context->NewSsl()), peer_name_(context->peer_name()) {}

TlsTransport::TlsTransport(const std::shared_ptr<ClientContext>& context)
    : context_(context), session_(context->NewSsl()), peer_name_(PeerNameSource::kCommonName) {}

std::string_view TlsTransport::mistake() const {
  if (!mistake_.empty()) return mistake_;
  return inner_ ? inner_->mistake() : std::string_view();
}

// --- receiving ----------------------------------------------------------------------------------

void TlsTransport::OnStart(server::Connection& connection) {
  if (!accepts()) Shake(connection);
}

void TlsTransport::OnReceived(server::Connection& connection, std::span<char> bytes) {
  const std::string_view input(bytes.data(), bytes.size());
  if (state_ == State::kFailed) return;
  if (state_ == State::kOpen && waiting_.empty()) return Open(connection, input);
  waiting_ += input;
  if (state_ == State::kOpen) return OpenWaiting(connection);
  accepts() ? WaitForTurn(connection) : Shake(connection);
}

// What a pause has left lying, behind the handshake.
void TlsTransport::OpenWaiting(server::Connection& connection) {
  if (state_ == State::kOpen && !waiting_.empty() && !connection.reading_paused()) {
    Open(connection, std::exchange(waiting_, std::string()));
  }
}

void TlsTransport::OnReadResumed(server::Connection& connection) {
  OpenWaiting(connection);
  if (inner_) inner_->OnReadResumed(connection);
}

// Who comes waits until those who are there were served.
void TlsTransport::WaitForTurn(server::Connection& connection) {
  connection.PauseRead();
  connection.loop().low_priority().Add([this, self = connection.Self()] {
    self->loop().AssertOnLoop();
    if (self->closed()) return;
    self->ResumeRead();
    if (self->open()) Shake(*self);
  });
}

void TlsTransport::Shake(server::Connection& connection) {
  const std::string input = std::move(waiting_);
  std::string_view rest = input;
  std::string output;
  const Session::Outcome outcome = session_.Handshake(&rest, &output);
  SendLater(connection, output);
  std::string().swap(waiting_);  // which keeps its memory otherwise
  waiting_.append(rest);
  if (outcome == Session::Outcome::kFailed) return Fail(connection, session_.mistake());
  if (outcome == Session::Outcome::kMore) {
    handshake_bytes_ += input.size();
    if (handshake_bytes_ > kHandshakeBytesMax) Fail(connection, "the handshake is too long");
    return;
  }
  state_ = State::kOpen;
  connection.FlushSoon();
  NotePeer(connection);
  if (connection.open()) OpenWaiting(connection);
}

// A session of before brings the certificate of before.
void TlsTransport::NotePeer(server::Connection& connection) {
  SSL* const ssl = session_.ssl();
  security_ = {.protocol = SSL_get_version(ssl),
               .application_protocol = AgreedProtocol(ssl),
               .peer_name = {},
               .peer_expires_at_s = 0,
               .resumed = SSL_session_reused(ssl) == 1};
  server::EventLoopMetrics& metrics = connection.loop().metrics();
  metrics.tls_handshakes_total.Add();
  if (security_.resumed) metrics.tls_resumptions_total.Add();
  const X509* const certificate = accepts() ? SSL_get0_peer_certificate(ssl) : nullptr;
  if (certificate == nullptr) return;
  security_.peer_expires_at_s = ExpiresAtSeconds(certificate);
  absl::StatusOr<std::string> name = PeerName(certificate, peer_name_);
  if (name.ok()) security_.peer_name = *std::move(name);
  const int64_t now_s = connection.loop().clock().WallMicros() / kMicrosPerSecond;
  if (now_s < security_.peer_expires_at_s) return;
  security_.peer_name.clear();
  mistake_ = "TLS: certificate: certificate has expired";
  connection.EndAgainstRules();
}

void TlsTransport::Open(server::Connection& connection, std::string_view bytes) {
  const std::span<char> plain = Scratch::OfThisThread().Plain(bytes.size() + kRecordBytesMax);
  size_t plain_bytes = 0;
  std::string output;
  const Session::Outcome outcome = session_.Decrypt(bytes, plain, &plain_bytes, &output);
  SendLater(connection, output);
  if (plain_bytes > 0) {
    inner_ ? inner_->OnReceived(connection, plain.first(plain_bytes))
           : connection.Give(plain.first(plain_bytes));
  }
  if (!connection.open()) return;
  if (outcome == Session::Outcome::kDone) connection.EndOfMessages();
  if (outcome == Session::Outcome::kFailed) return Fail(connection, session_.mistake());
  if (ciphertext_.bytes() > kCiphertextBytesMax) Fail(connection, "it reads none of its answers");
}

void TlsTransport::Fail(server::Connection& connection, std::string_view why) {
  state_ = State::kFailed;
  mistake_ = "TLS: ";
  mistake_ += why;
  connection.loop().metrics().tls_failures_total.Add();
  connection.EndAgainstRules();
}

// --- sending ------------------------------------------------------------------------------------

void TlsTransport::SendLater(server::Connection& connection, std::string_view ciphertext) {
  if (ciphertext.empty()) return;
  ciphertext_.Append(ciphertext);
  connection.FlushSoon();
}

FlushResult TlsTransport::Flush(server::SendQueue& queue, int fd, server::SocketApi& api,
                                server::SendPool& pool, size_t* wire_bytes, int* error) {
  api_ = &api;
  wire_bytes_ = 0;
  FlushResult result = FlushResult::kEmpty;
  if (SendCiphertext({}, fd, error)) result = FlushPlain(queue, fd, pool, error);
  *wire_bytes = wire_bytes_;
  if (*error != 0) return FlushResult::kFailed;
  return ciphertext_.empty() ? result : FlushResult::kRefused;
}

FlushResult TlsTransport::FlushPlain(server::SendQueue& queue, int fd, server::SendPool& pool,
                                     int* error) {
  if (state_ != State::kOpen) {
    // Nobody is there to be told.
    if (state_ == State::kFailed || ending_) queue.Clear(pool);
    return FlushResult::kEmpty;
  }
  size_t plain_bytes = 0;
  const FlushResult result = inner_ ? inner_->Flush(queue, fd, *this, pool, &plain_bytes, error)
                                    : queue.Flush(fd, *this, pool, error);
  if (result == FlushResult::kEmpty && ending_ && !std::exchange(said_last_word_, true)) {
    std::string last_word;
    session_.Close(&last_word);
    ciphertext_.Append(last_word);
    SendCiphertext({}, fd, error);
  }
  return result;
}

// False: something waits, or the connection is broken.
bool TlsTransport::SendCiphertext(std::string_view ciphertext, int fd, int* error) {
  const int result = ciphertext_.Send(ciphertext, fd, *api_, &wire_bytes_);
  if (result < 0) *error = -result;
  return result == 0 && ciphertext_.empty();
}

ssize_t TlsTransport::Send(int fd, const void* data, size_t size) {
  iovec piece{const_cast<void*>(data), size};
  return SendVector(fd, &piece, 1);
}

// All of it, while the kernel takes it: less would say that the kernel has refused the rest.
ssize_t TlsTransport::SendVector(int fd, iovec* pieces, size_t count) {
  if (!ciphertext_.empty()) return -EAGAIN;
  Scratch& scratch = Scratch::OfThisThread();
  RecordCutter cutter({pieces, count}, scratch.record);
  size_t taken_bytes = 0;
  int error = 0;
  do {
    scratch.ciphertext.clear();
    for (size_t batch = 0; batch < kEncryptBytesMax && !cutter.done();) {
      const std::string_view record = cutter.Next();
      if (!session_.Encrypt(record, &scratch.ciphertext)) return -EPROTO;
      batch += record.size();
      taken_bytes += record.size();
    }
  } while (SendCiphertext(scratch.ciphertext, fd, &error) && !cutter.done());
  return error != 0 ? -error : static_cast<ssize_t>(taken_bytes);
}

// --- ending -------------------------------------------------------------------------------------

bool TlsTransport::sent_all() const {
  if (!ciphertext_.empty()) return false;
  if (state_ != State::kOpen) return true;
  return (inner_ == nullptr || inner_->sent_all()) && (!ending_ || said_last_word_);
}

void TlsTransport::OnEnding() {
  if (inner_) inner_->OnEnding();
  ending_ = true;
}

}  // namespace esockets::tls

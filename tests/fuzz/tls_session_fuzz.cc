// The accepting side of TLS takes any bytes, however they are cut: it waits for more or fails with
// a reason, and neither says nor gives out more than it has reason to.
//
// Of a client that is told nothing no key is known, so what comes behind a hello is never valid:
// that path is the fuzzer's other half, where a client of ours shakes hands, and the bytes come
// behind that, as the records of the wire or as what a client says inside them.
#include <openssl/x509.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/tls/context_rules.h"
#include "server/tls/limits.h"
#include "server/tls/openssl.h"
#include "server/tls/session.h"
#include "tests/fuzz/expect.h"

namespace {

using esockets::tests::Expect;
using esockets::tls::Session;
using Outcome = Session::Outcome;
namespace tls = esockets::tls;

// A flight of the server, with its certificate, and then a ticket; of more input only alerts and
// answers to updates of keys come.
constexpr size_t kFlightBytesMax = 4096;

tls::SslContextPtr MakeServer() {
  tls::SslContextPtr context = tls::MakeContext(TLS_server_method(), tls::MinVersion::kTls12);
  const tls::EvpPkeyPtr key(EVP_EC_gen("P-256"));
  const tls::X509Ptr certificate(X509_new());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86400);
  X509_set_pubkey(certificate.get(), key.get());
  Expect(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "no certificate");
  Expect(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1, "not used");
  Expect(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1, "no key");
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  // Certificates of clients are read too.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_alpn_select_cb(
      context.get(),
      [](SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
         unsigned offered_size, void*) {
        unsigned char* selected = nullptr;
        const int result = SSL_select_next_proto(
            &selected, size, reinterpret_cast<const unsigned char*>("\x08http/1.1"), 9, offered,
            offered_size);
        *chosen = selected;
        return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
      },
      nullptr);
  return context;
}

tls::SslPtr NewSsl(SSL_CTX* context, bool accepts) {
  tls::SslPtr ssl(SSL_new(context));
  accepts ? SSL_set_accept_state(ssl.get()) : SSL_set_connect_state(ssl.get());
  return ssl;
}

tls::SslPtr NewServer() {
  static SSL_CTX* const context = MakeServer().release();
  return NewSsl(context, true);
}

tls::SslPtr NewClient(int version) {
  static SSL_CTX* const context =
      tls::MakeContext(TLS_client_method(), tls::MinVersion::kTls12).release();
  tls::SslPtr ssl = NewSsl(context, false);
  SSL_set_max_proto_version(ssl.get(), version);
  return ssl;
}

// A server, and what becomes of it.
class Server {
 public:
  bool is_open() const { return is_open_; }
  bool is_over() const { return is_over_; }
  const std::string& mistake() const { return session_.mistake(); }
  std::string& output() { return output_; }
  const std::string& plain() const { return plain_; }

  // In memory of its own: what is touched outside of it is found.
  void Take(std::string_view bytes) {
    const std::vector<char> memory(bytes.begin(), bytes.end());
    std::string_view input(memory.data(), memory.size());
    const size_t said = output_.size();
    Outcome outcome = Outcome::kMore;
    if (!is_open_) {
      outcome = session_.Handshake(&input, &output_);
      is_open_ = outcome == Outcome::kDone;
      Expect(outcome != Outcome::kMore || input.empty(), "bytes are left lying");
    }
    if (is_open_) {
      std::vector<char> plain(input.size() + tls::kRecordBytesMax);
      size_t plain_bytes = 0;
      outcome = session_.Decrypt(input, plain, &plain_bytes, &output_);
      Expect(plain_bytes < plain.size(), "more is given out than there can be");
      plain_.append(plain.data(), plain_bytes);
      is_over_ = outcome == Outcome::kDone;
    }
    Expect(output_.size() - said <= kFlightBytesMax + 16 * bytes.size(), "too much is said");
    Expect((outcome == Outcome::kFailed) == !mistake().empty(), "a mistake without a name");
    is_over_ = is_over_ || outcome == Outcome::kFailed;
  }
  void TakeInPieces(std::string_view bytes, size_t piece) {
    for (; !bytes.empty() && !is_over_; bytes.remove_prefix(std::min(piece, bytes.size()))) {
      Take(bytes.substr(0, piece));
    }
  }

 private:
  Session session_{NewServer()};
  std::string output_;
  std::string plain_;
  bool is_open_ = false;
  bool is_over_ = false;
};

// Both ends, until they are open.
void Shake(Session* client, Server* server) {
  std::string input, to_server;
  while (!server->is_open()) {
    std::string_view rest = input;
    Expect(client->Handshake(&rest, &to_server) != Outcome::kFailed, "no handshake");
    server->Take(std::exchange(to_server, {}));
    input = std::exchange(server->output(), {});
  }
  // TLS 1.2: the server has the last word.
  std::string_view rest = input;
  if (SSL_is_init_finished(client->ssl()) != 1) client->Handshake(&rest, &to_server);
}

// Nothing was agreed on: the bytes are all that a stranger can send.
void AsAStranger(std::string_view bytes) {
  std::string mistake;
  for (const size_t piece : {bytes.size(), size_t{1}, size_t{7}}) {
    Server server;
    server.TakeInPieces(bytes, std::max<size_t>(piece, 1));
    Expect(!server.is_open(), "a handshake without a key");
    Expect(server.plain().empty(), "bytes of nobody");
    if (piece == bytes.size()) mistake = server.mistake();
    Expect(server.mistake() == mistake, "what is wrong depends on how it is cut");
  }
}

// Records of the wire that no key has made.
void BehindAHandshake(std::string_view bytes, int version) {
  Server server;
  Session client(NewClient(version));
  Shake(&client, &server);
  server.TakeInPieces(bytes, 5);
  Expect(server.plain().empty(), "bytes of nobody");
}

// What a client says comes out as it was.
void Inside(std::string_view bytes, int version) {
  Server server;
  Session client(NewClient(version));
  Shake(&client, &server);
  std::string wire;
  Expect(client.Encrypt(bytes, &wire), "not encrypted");
  server.TakeInPieces(wire, 1 + bytes.size() % 100);
  Expect(server.plain() == bytes && !server.is_over(), "something else comes out");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const int version = data[0] % 2 == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
  switch (data[0] % 16 / 2) {
    case 0:
      BehindAHandshake(bytes, version);
      break;
    case 1:
      Inside(bytes, version);
      break;
    default:
      AsAStranger(bytes);
  }
  return 0;
}

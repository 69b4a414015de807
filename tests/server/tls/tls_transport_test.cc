#include "server/tls/tls_transport.h"

#include <openssl/x509_vfy.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/socket_server.h"
#include "server/tls/limits.h"
#include "server/tls/live_context.h"
#include "server/tls/tls_door.h"
#include "tests/support/fake_socket_api.h"
#include "tests/support/test_authority.h"
#include "tests/support/tls_peer.h"
#include "tests/support/told.h"

namespace esockets::tls {
namespace {

using server::ClientPtr;
using tests::FakeSocketApi;
using tests::LoopbackServer;
using tests::TestAuthority;
using tests::TlsPeer;
using tests::TlsPeerOptions;

// Answers with what it got, and remembers whom it has met.
struct Echo final : server::ServerHandler {
  void OnMessageRecv(const ClientPtr& client, std::string_view message) override {
    client->loop().AssertOnLoop();
    const server::TransportSecurity* security = client->transport()->security();
    if (security != nullptr) told.Tell(base::StrCat("peer:", security->peer_name));
    client->Send(message);
    if (message == "bye") client->Close(server::CloseMode::kAfterFlush);
  }
  void OnClientDisconnect(const ClientPtr& client) override {
    client->loop().AssertOnLoop();
    told.Tell(base::StrCat("mistake:", client->transport()->mistake()));
    told.Tell(base::StrCat("end:", server::ConnectionEndText(client->end())));
  }

  tests::Told told;
};

class TlsTransportTest : public testing::Test {
 protected:
  static ServerSettings Settings() {
    const auto issued = authority().Issue(LoopbackServer());
    return {.certificates = {{issued.chain_file, issued.key_file}}};
  }
  static ServerSettings AskingClients(ClientCertificates ask) {
    ServerSettings settings = Settings();
    settings.client_certificates = ask;
    settings.client_ca_file = authority().ca_file();
    return settings;
  }
  static TestAuthority& authority() {
    static TestAuthority authority;
    return authority;
  }

  std::shared_ptr<const ServerContext> Load(ServerSettings settings) {
    auto loaded = ServerContext::Load(std::move(settings), keys_);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return *loaded;
  }
  void Start(ServerSettings settings, server::SocketServerOptions options = {}) {
    live_ = std::make_shared<LiveContext>(Load(std::move(settings)));
    options.port = 0;
    options.door = MakeTlsDoor(live_);
    server_ = std::make_unique<server::SocketServer>(options, &echo_);
    ASSERT_TRUE(server_->Start().ok());
  }
  server::SocketAddress address() const { return server_->addresses().front(); }
  static TlsPeerOptions Trusting() { return {.ca_file = authority().ca_file()}; }
  TlsPeer Peer(TlsPeerOptions options = Trusting()) { return TlsPeer(address(), options); }

  // When the turn is over that sent what was received.
  static uint64_t BytesOut(server::Connection& connection) {
    std::promise<uint64_t> bytes;
    connection.loop().Post([&] { bytes.set_value(connection.bytes_out_total()); });
    return bytes.get_future().get();
  }

  // The error of a peer that shows a certificate with this text; empty: it was let in.
  std::string Shown(const tests::IssuedCertificate& issued) {
    TlsPeerOptions options = Trusting();
    options.chain_file = issued.chain_file;
    options.key_file = issued.key_file;
    TlsPeer peer = Peer(options);
    // In TLS 1.3 the server judges after the client's handshake is done.
    peer.Send("hello");
    return peer.Receive(5) == "hello" ? "" : peer.error();
  }

  FakeSocketApi api_;
  base::SystemClock clock_;
  std::shared_ptr<TicketKeys> keys_ = std::make_shared<TicketKeys>(&clock_);
  std::shared_ptr<LiveContext> live_;
  Echo echo_;
  std::unique_ptr<server::SocketServer> server_;
};

TEST_F(TlsTransportTest, EchoesInBothVersions) {
  Start(Settings());
  for (const auto& [version, name] :
       {std::pair{TLS1_2_VERSION, "TLSv1.2"}, std::pair{TLS1_3_VERSION, "TLSv1.3"}}) {
    TlsPeerOptions options = Trusting();
    options.version_max = version;
    TlsPeer peer = Peer(options);
    ASSERT_TRUE(peer.ok()) << peer.error();
    EXPECT_STREQ(SSL_get_version(peer.ssl()), name);
    EXPECT_TRUE(peer.Send("hello"));
    EXPECT_EQ(peer.Receive(5), "hello");
  }
}

TEST_F(TlsTransportTest, OlderVersionsAreTurnedAway) {
  Start(Settings());
  TlsPeerOptions options = Trusting();
  options.version_min = options.version_max = TLS1_1_VERSION;
  EXPECT_EQ(Peer(options).error(), "tlsv1 alert protocol version");

  ServerSettings only_newest = Settings();
  only_newest.min_version = MinVersion::kTls13;
  live_->Replace(Load(only_newest));
  options = Trusting();
  options.version_max = TLS1_2_VERSION;
  EXPECT_EQ(Peer(options).error(), "tlsv1 alert protocol version");
}

TEST_F(TlsTransportTest, MegabytesCrossHoweverTheKernelTakesThem) {
  api_.set_send_script(tests::RandomSends(1));
  Start(Settings(), {.socket_api = &api_});
  TlsPeer peer = Peer();
  std::string sent(3 << 20, '\0');
  for (size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 7 / 5);
  std::string received;
  for (size_t i = 0; i < sent.size(); i += 64 << 10) {
    ASSERT_TRUE(peer.Send(sent.substr(i, 64 << 10)));
    received += peer.Receive(64 << 10);
  }
  EXPECT_TRUE(received == sent);
}

TEST_F(TlsTransportTest, ManySmallMessagesAreOneRecord) {
  Start(Settings());
  TlsPeer peer = Peer();
  peer.Send("x");
  peer.Receive(1);
  const ClientPtr client = server_->clients().begin()->second;
  const uint64_t before = BytesOut(*client);
  client->loop().Post([&] {
    for (int i = 0; i < 100; ++i) client->Send("0123456789");
  });
  EXPECT_EQ(peer.Receive(1000).size(), 1000u);
  // 5 of header, 16 of tag, 1 of type (RFC 8446, section 5.2).
  EXPECT_EQ(BytesOut(*client) - before, 1000u + 22);
}

TEST_F(TlsTransportTest, SaysItsLastWordAndHearsThePeers) {
  Start(Settings());
  TlsPeer peer = Peer();
  peer.Send("bye");
  EXPECT_EQ(peer.ReceiveAll(), "bye");
  EXPECT_TRUE(peer.closed_well());

  TlsPeer other = Peer();
  other.Close();
  echo_.told.WaitFor("end:closed by the peer");
}

// --- whom the client asks for -------------------------------------------------------------------

TEST_F(TlsTransportTest, TheNameThatIsAskedForChoosesTheCertificate) {
  ServerSettings settings = Settings();
  const auto other = authority().Issue({.common_name = "other", .dns_names = {"*.example.org"}});
  settings.certificates.push_back({other.chain_file, other.key_file});
  Start(settings);
  const auto shown = [&](const std::string& name) {
    return Peer({.server_name = name}).server_common_name();
  };
  EXPECT_EQ(shown("localhost"), "server");
  EXPECT_EQ(shown("chat.example.org"), "other");
  EXPECT_EQ(shown("elsewhere.example.com"), "server");
}

TEST_F(TlsTransportTest, ApplicationProtocolsAreAgreedOn) {
  ServerSettings settings = Settings();
  settings.application_protocols = {"esockets.v1", "http/1.1"};
  Start(settings);
  const auto chosen = [&](std::vector<std::string> offered) {
    TlsPeerOptions options = Trusting();
    options.alpn = AlpnList(offered);
    TlsPeer peer = Peer(options);
    return peer.ok() ? peer.chosen_alpn() : peer.error();
  };
  EXPECT_EQ(chosen({}), "");
  EXPECT_EQ(chosen({"h2", "http/1.1"}), "http/1.1");
  EXPECT_EQ(chosen({"http/1.1", "esockets.v1"}), "esockets.v1");
  EXPECT_EQ(chosen({"h2"}), "tlsv1 alert no application protocol");
}

// --- certificates of clients --------------------------------------------------------------------

TEST_F(TlsTransportTest, ACertificateNamesItsClient) {
  Start(AskingClients(ClientCertificates::kRequired));
  EXPECT_EQ(Shown(authority().Issue({.common_name = "fleet-7"})), "");
  echo_.told.WaitFor("peer:fleet-7");
}

TEST_F(TlsTransportTest, CertificatesThatAreNoGoodAreTurnedAway) {
  ServerSettings settings = AskingClients(ClientCertificates::kRequired);
  const auto revoked = authority().Issue({.common_name = "lost"});
  settings.client_crl_file = authority().Revoke({revoked.serial});
  Start(settings);
  TestAuthority stranger("Stranger");
  EXPECT_EQ(Shown(authority().Issue({.common_name = "good"})), "");
  EXPECT_EQ(Shown(revoked), "sslv3 alert certificate revoked");
  EXPECT_EQ(Shown(stranger.Issue({.common_name = "good"})), "tlsv1 alert unknown ca");
  EXPECT_EQ(Shown(authority().Issue({.common_name = "old", .ends_s = -60})),
            "sslv3 alert certificate expired");
  EXPECT_EQ(Shown(authority().Issue({.common_name = "early", .begins_s = 600})),
            "sslv3 alert bad certificate");
  using std::string_literals::operator""s;
  EXPECT_NE(Shown(authority().Issue({.common_name = "admin\0.evil"s})), "");
  EXPECT_NE(Shown(authority().Issue({.common_name = "two\nlines"})), "");
  EXPECT_EQ(Peer().Receive(1), "");
}

// As of a session that is resumed: OpenSSL has looked at its certificate before.
TEST_F(TlsTransportTest, ACertificateThatHasExpiredSinceIsTurnedAway) {
  Start(AskingClients(ClientCertificates::kRequired));
  SSL_CTX* const context = SSL_get_SSL_CTX(live_->Get()->NewSsl().get());
  X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context), std::time(nullptr) - 1800);
  EXPECT_NE(Shown(authority().Issue({.common_name = "old", .ends_s = -60})), "");
  echo_.told.WaitFor("mistake:TLS: certificate: certificate has expired");
  EXPECT_EQ(Shown(authority().Issue({.common_name = "good"})), "");
}

TEST_F(TlsTransportTest, ARevocationListThatHasExpiredTurnsAllAway) {
  ServerSettings settings = AskingClients(ClientCertificates::kRequired);
  settings.client_crl_file = authority().Revoke({}, -60);
  Start(settings);
  EXPECT_NE(Shown(authority().Issue({.common_name = "good"})), "");
}

TEST_F(TlsTransportTest, WhereItIsOptionalABadOneIsTurnedAwayAndNoneIsLetIn) {
  Start(AskingClients(ClientCertificates::kOptional));
  TestAuthority stranger("Stranger");
  EXPECT_EQ(Shown(stranger.Issue({.common_name = "x"})), "tlsv1 alert unknown ca");
  TlsPeer peer = Peer();
  peer.Send("hello");
  EXPECT_EQ(peer.Receive(5), "hello");
  echo_.told.WaitFor("peer:");
}

// --- coming back --------------------------------------------------------------------------------

TEST_F(TlsTransportTest, ASessionIsResumedWhileClientsAreJudgedAlike) {
  const ServerSettings settings = AskingClients(ClientCertificates::kRequired);
  Start(settings);
  TlsPeerOptions options = Trusting();
  const auto issued = authority().Issue({.common_name = "fleet-7"});
  options.chain_file = issued.chain_file;
  options.key_file = issued.key_file;
  options.version_max = TLS1_2_VERSION;
  SslSessionPtr session;
  {
    TlsPeer peer = Peer(options);
    peer.Send("hello");
    ASSERT_EQ(peer.Receive(5), "hello");
    session.reset(SSL_get1_session(peer.ssl()));
    peer.Close();
  }
  options.resume = session.get();
  live_->Replace(Load(settings));
  {
    TlsPeer peer = Peer(options);
    EXPECT_TRUE(peer.resumed());
    peer.Send("again");
    EXPECT_EQ(peer.Receive(5), "again");
    peer.Close();
  }
  ServerSettings revoking = settings;
  revoking.client_crl_file = authority().Revoke({issued.serial});
  live_->Replace(Load(revoking));
  TlsPeer peer = Peer(options);
  EXPECT_FALSE(peer.resumed());
  peer.Send("again");
  EXPECT_EQ(peer.Receive(5), "");
}

TEST_F(TlsTransportTest, AnotherCertificateTakesThePlaceWithoutALostConnection) {
  Start(Settings());
  TlsPeer before = Peer();
  EXPECT_EQ(before.server_common_name(), "server");
  const auto renewed = authority().Issue({.common_name = "renewed", .dns_names = {"localhost"}});
  live_->Replace(Load({.certificates = {{renewed.chain_file, renewed.key_file}}}));
  EXPECT_EQ(Peer().server_common_name(), "renewed");
  before.Send("hello");
  EXPECT_EQ(before.Receive(5), "hello");
}

// --- bad input ----------------------------------------------------------------------------------

TEST_F(TlsTransportTest, RenegotiationIsRefused) {
  Start(Settings());
  TlsPeerOptions options = Trusting();
  options.version_max = TLS1_2_VERSION;
  TlsPeer peer = Peer(options);
  SSL_renegotiate(peer.ssl());
  EXPECT_FALSE(peer.Send("hello"));
  EXPECT_EQ(peer.error(), "no renegotiation");
  TlsPeer other = Peer();
  other.Send("hello");
  EXPECT_EQ(other.Receive(5), "hello");
}

// Each update of keys makes us answer (RFC 8446, section 4.6.3).
TEST_F(TlsTransportTest, WhoAsksOnAndReadsNothingIsGivenUp) {
  std::atomic<bool> refuses = false;
  api_.set_send_script([&refuses](size_t offered) -> ssize_t {
    return refuses ? 0 : static_cast<ssize_t>(offered);
  });
  Start(Settings(), {.close_linger = std::chrono::milliseconds(1), .socket_api = &api_});
  TlsPeer peer = Peer();
  peer.Send("hello");
  ASSERT_EQ(peer.Receive(5), "hello");
  refuses = true;
  const auto ask = [&] {
    ForgetErrors();
    SSL_key_update(peer.ssl(), SSL_KEY_UPDATE_REQUESTED);
    return SSL_do_handshake(peer.ssl()) == 1 || SSL_want_write(peer.ssl());
  };
  for (size_t i = 0; i < 2 * kCiphertextBytesMax / 27 && ask(); ++i) continue;
  echo_.told.WaitFor("mistake:TLS: it reads none of its answers");
}

// A hello that is announced with 90,000 bytes, in records of 16 KiB (RFC 8446, section 4).
TEST_F(TlsTransportTest, AHandshakeWithoutEndIsGivenUp) {
  Start(Settings());
  tests::TestClient client(address());
  std::string record("\x16\x03\x01\x40\x00", 5);
  record += std::string("\x01\x01\x5F\x90", 4) + std::string((16 << 10) - 4, 'x');
  for (int i = 0; i < 5; ++i) client.Send(record);
  echo_.told.WaitFor("mistake:TLS: the handshake is too long");
}

TEST_F(TlsTransportTest, WhatIsNoTlsEndsThatConnectionAlone) {
  Start(Settings());
  TlsPeer good = Peer();
  for (const std::string_view bytes :
       {std::string_view("GET / HTTP/1.1\r\n\r\n"), std::string_view("\x16\x03\x01\xFF\xFF", 5),
        std::string_view("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", 10),
        std::string_view("\x80\x2E\x01\x03\x01", 5),
        std::string_view("\x15\x03\x01\x00\x02\x02\x28", 7)}) {
    tests::TestClient client(address());
    client.Send(bytes);
    client.ShutDown();
    client.ReceiveAll();
  }
  good.Send("hello");
  EXPECT_EQ(good.Receive(5), "hello");
}

TEST_F(TlsTransportTest, ARecordThatWasChangedOnTheWayEndsTheConnection) {
  Start(Settings());
  TlsPeer peer = Peer();
  peer.Send("hello");
  peer.Receive(5);
  peer.socket().Send(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
  EXPECT_EQ(peer.Receive(1), "");
  EXPECT_EQ(peer.error(), "sslv3 alert bad record mac");
  echo_.told.WaitFor("end:the peer broke the rules of its transport");
}

// A client whose bytes are in the test's hand.
class HandClient {
 public:
  explicit HandClient(const server::SocketAddress& address)
      : context_(SSL_CTX_new(TLS_client_method())), session_(NewSsl()), socket_(address) {}

  // Shakes hands with what `send` does; what comes last waits in output().
  void Shake(const std::function<void(const std::string&)>& send) {
    std::string input;
    std::string_view rest;
    while (session_.Handshake(&rest, &output_) == Session::Outcome::kMore) {
      send(std::exchange(output_, {}));
      input = socket_.Receive(1);
      rest = input;
    }
  }
  void Encrypt(std::string_view plain) { session_.Encrypt(plain, &output_); }
  std::string TakeOutput() { return std::exchange(output_, {}); }
  std::string Receive(size_t bytes) {
    std::vector<char> plain(kRecordBytesMax + 1);
    std::string all;
    while (all.size() < bytes) {
      size_t size = 0;
      EXPECT_EQ(session_.Decrypt(socket_.Receive(1), plain, &size, &output_),
                Session::Outcome::kMore);
      all.append(plain.data(), size);
    }
    return all;
  }
  tests::TestClient& socket() { return socket_; }

 private:
  SslPtr NewSsl() const {
    SslPtr ssl(SSL_new(context_.get()));
    SSL_set_connect_state(ssl.get());
    return ssl;
  }

  const SslContextPtr context_;
  Session session_;
  tests::TestClient socket_;
  std::string output_;
};

TEST_F(TlsTransportTest, AHandshakeInSingleBytesIsOne) {
  Start(Settings());
  HandClient client(address());
  const auto send = [&](const std::string& bytes) {
    for (const char byte : bytes) ASSERT_TRUE(client.socket().Send({&byte, 1}));
  };
  client.Shake(send);
  client.Encrypt("hello");
  send(client.TakeOutput());
  EXPECT_EQ(client.Receive(5), "hello");
}

// The second recv of the connection brings the end of the handshake, and what comes behind it.
TEST_F(TlsTransportTest, WhatComesBehindTheHandshakeWaitsWhileReadingIsPaused) {
  struct PausingApi final : FakeSocketApi {
    ssize_t Recv(int fd, void* buffer, size_t size) override {
      if (++recvs == 2) pause();
      return FakeSocketApi::Recv(fd, buffer, size);
    }
    std::function<void()> pause;
    int recvs = 0;
  };
  const auto api = std::make_unique<PausingApi>();
  std::atomic<bool> paused = false;
  api->pause = [&] {
    server_->clients().begin()->second->PauseRead();
    paused = true;
  };
  Start(Settings(), {.socket_api = api.get()});
  HandClient peer(address());
  peer.Shake([&](const std::string& bytes) { ASSERT_TRUE(peer.socket().Send(bytes)); });
  peer.Encrypt("hello");
  ASSERT_TRUE(peer.socket().Send(peer.TakeOutput()));
  const ClientPtr client = server_->clients().begin()->second;
  while (!paused || client->loop().metrics().tls_handshakes_total.value() == 0) {
    BytesOut(*client);  // another turn
  }
  const uint64_t before = BytesOut(*client);
  EXPECT_EQ(BytesOut(*client), before) << "nothing was answered";
  EXPECT_TRUE(echo_.told.all().empty());
  client->ResumeRead();
  EXPECT_EQ(peer.Receive(5), "hello");
  server_->Stop();
}

}  // namespace
}  // namespace esockets::tls

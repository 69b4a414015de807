// The broker over TLS, with real sockets: beside what comes in the clear, with clients that have
// certificates, and everything that a peer may do wrong before it is known.
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "broker/errors.h"
#include "clients/cpp/client.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "server/tls/context_rules.h"
#include "server/tls/server_context.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"
#include "tests/support/test_authority.h"
#include "tests/support/test_client.h"
#include "tests/support/tls_peer.h"

namespace esockets::tests {
namespace {

using broker::CloseCode;
using tls::ClientCertificates;

class Tls : public BrokerFixture {
 protected:
  static TestAuthority& authority() {
    static TestAuthority authority;
    return authority;
  }

  static gateways::Protocols Encrypted(ClientCertificates ask = ClientCertificates::kNone) {
    const IssuedCertificate issued = authority().Issue(LoopbackServer());
    auto context = tls::ServerContext::Load({.certificates = {{issued.chain_file, issued.key_file}},
                                             .client_certificates = ask,
                                             .client_ca_file = authority().ca_file(),
                                             .application_protocols = {"esockets.v1", "http/1.1"}},
                                            tls::TicketKeys::OfProcess());
    EXPECT_TRUE(context.ok()) << context.status();
    return {.tls = std::make_shared<tls::LiveContext>(*context)};
  }

  // The first address encrypts, the second does not.
  void StartEncrypted(gateways::Protocols first = Encrypted(),
                      app::BrokerOptions options = DefaultOptions()) {
    options.server.listen = {"127.0.0.1:0", "127.0.0.1:0"};
    options.protocols = {std::move(first), {}};
    Start(std::move(options));
  }
  server::SocketAddress plain() { return broker().server().addresses()[1]; }

  client::ClientOptions Trusting(std::string_view host = "127.0.0.1") {
    client::ClientOptions options{.address = base::StrCat("tls://", host, ":", address().port()),
                                  .tls = {.ca_file = authority().ca_file()}};
    return options;
  }
  TlsPeer Raw(TlsPeerOptions options = {}) {
    if (options.ca_file.empty()) options.ca_file = authority().ca_file();
    return TlsPeer(address(), options);
  }
  admin::Client Look(std::string_view client_id) {
    NativePeer administrator(plain());
    administrator.Connect();
    return BrokerFixture::Look(administrator, client_id);
  }
};

TEST_F(Tls, TheClientVerifiesTheBroker) {
  StartEncrypted();
  for (const std::string_view host : {"127.0.0.1", "localhost"}) {
    client::ClientOptions options = Trusting(host);
    options.client_id = "me";
    auto client = client::Client::Connect(options);
    ASSERT_TRUE(client.ok()) << client.status();
    auto messages = (*client)->Subscribe("room/#");
    ASSERT_TRUE(messages.ok()) << messages.status();
    const std::string payload(300'000, 'x');
    for (int i = 0; i < 10; ++i) ASSERT_TRUE((*client)->Publish("room/1", payload).ok());
    for (int i = 0; i < 10; ++i) {
      const auto message = (*messages)->Receive(kPatience);
      ASSERT_TRUE(message.ok()) << message.status();
      EXPECT_EQ(message->payload.size(), payload.size());
    }
    EXPECT_EQ(Look("me").transport(), "tls");
    ASSERT_TRUE((*client)->Close(kPatience).ok());
  }
}

TEST_F(Tls, WhoIsNotTheOneMeantIsNotSpokenTo) {
  StartEncrypted();
  const TestAuthority stranger("Stranger");
  client::ClientOptions wrong_authority = Trusting();
  wrong_authority.tls.ca_file = stranger.ca_file();
  client::ClientOptions wrong_name = Trusting();
  wrong_name.tls.server_name = "another.example.org";
  for (client::ClientOptions& options : {std::ref(wrong_authority), std::ref(wrong_name)}) {
    options.reconnect = false;
    options.token = "a secret";
    const auto client = client::Client::Connect(options);
    ASSERT_FALSE(client.ok());
    EXPECT_NE(client.status().message().find("failed: TLS: certificate: "), std::string::npos)
        << client.status();
  }
  EXPECT_TRUE(WaitUntil([&] { return Count(CloseCode::kTlsFailed) == 2; }));
  EXPECT_EQ(broker().metrics().clients.value(), 0U);
}

TEST_F(Tls, AClientResumesItsSession) {
  StartEncrypted();
  std::mutex mutex;
  std::condition_variable changed;
  int connects = 0;
  client::ClientEvents events;
  events.on_state_change = [&](client::State state, const absl::Status&) {
    const std::lock_guard lock(mutex);
    connects += state == client::State::kConnected;
    changed.notify_all();
  };
  auto client = client::Client::Connect(Trusting(), std::move(events));
  ASSERT_TRUE(client.ok()) << client.status();
  for (const auto& [id, connection] : broker().server().clients()) {
    connection->Close(server::CloseMode::kNow);
  }
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, kPatience, [&] { return connects == 2; }));
  EXPECT_EQ(broker().server().loop(0).metrics().tls_handshakes_total.value(), 2U);
  EXPECT_EQ(broker().server().loop(0).metrics().tls_resumptions_total.value(), 1U);
}

// --- what is not encrypted, or not as agreed ----------------------------------------------------

TEST_F(Tls, NothingIsTakenInTheClear) {
  StartEncrypted();
  NativePeer native(address());
  ASSERT_TRUE(native.Send(ConnectFrame()));
  ExpectClose(native, CloseCode::kTlsRequired);
  TestClient http(address());
  http.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(http.ReceiveAll().starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(Count(CloseCode::kTlsRequired), 2U);
}

TEST_F(Tls, BothProtocolsAreSpokenInside) {
  StartEncrypted();
  TlsPeer native = Raw();
  native.Send(Framed(ConnectFrame("inside")));
  EXPECT_NE(native.Receive(1), "");
  TlsPeer http = Raw();
  http.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(http.Receive(12), "HTTP/1.1 426");
  TlsPeer websocket = Raw();
  websocket.Send(
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Protocol: esockets.v1\r\n\r\n");
  EXPECT_EQ(websocket.Receive(12), "HTTP/1.1 101");
}

TEST_F(Tls, WhatWasAgreedOnIsSpoken) {
  StartEncrypted();
  TlsPeer web = Raw({.alpn = tls::AlpnList({"http/1.1"})});
  web.Send(Framed(ConnectFrame()));
  web.ReceiveAll();
  TlsPeer native = Raw({.alpn = tls::AlpnList({"esockets.v1"})});
  native.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(native.ReceiveAll().starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(Count(CloseCode::kUnknownProtocol), 2U);
}

TEST_F(Tls, AStalledHandshakeEndsWithTheTimeToConnect) {
  app::BrokerOptions options = DefaultOptions();
  options.settings.limits.connect_timeout = std::chrono::milliseconds(20);
  StartEncrypted(Encrypted(), std::move(options));
  TestClient stalled(address());
  stalled.Send(std::string_view("\x16\x03\x01\x02\x00\x01\x00", 7));
  EXPECT_EQ(stalled.ReceiveAll(), "");
  TlsPeer silent = Raw();
  ASSERT_TRUE(silent.ok()) << silent.error();
  EXPECT_NE(silent.ReceiveAll(), "") << "inside of TLS it can be told";
  EXPECT_EQ(Count(CloseCode::kConnectTimeout), 2U);
}

// --- certificates of clients --------------------------------------------------------------------

TEST_F(Tls, ACertificateIsAnIdentity) {
  app::BrokerOptions options = DefaultOptions();
  auto users = std::make_shared<broker::LocalAuthenticator>();
  users->AddCertificate("ops", true);
  users->AddToken("plain", "a secret", true);
  options.settings.authenticator = users;
  StartEncrypted(Encrypted(ClientCertificates::kRequired), std::move(options));
  NativePeer administrator(plain());
  ClientFrame connect = ConnectFrame();
  connect.mutable_connect()->set_token("a secret");
  ASSERT_TRUE(administrator.Send(connect));
  ASSERT_TRUE(administrator.Receive().has_value());
  for (const std::string name : {"fleet-7", "ops"}) {
    const IssuedCertificate issued = authority().Issue({.common_name = name});
    client::ClientOptions as = Trusting();
    as.client_id = name;
    as.tls.chain_file = issued.chain_file;
    as.tls.key_file = issued.key_file;
    auto client = client::Client::Connect(as);
    ASSERT_TRUE(client.ok()) << client.status();
    EXPECT_EQ(BrokerFixture::Look(administrator, name).user(), name);
    const auto asked = (*client)->Request("$SYS/clients", "");
    EXPECT_EQ(asked.ok(), name == "ops") << asked.status();
  }
}

// --- through proxies ----------------------------------------------------------------------------

class Proxies : public Tls {
 protected:
  static gateways::Protocols Through(const std::string& proxy, gateways::Protocols protocols = {}) {
    auto proxies = std::make_shared<server::TrustedAddresses>();
    EXPECT_TRUE(proxies->Add(proxy).ok());
    protocols.proxies = std::move(proxies);
    return protocols;
  }
};

constexpr std::string_view kVersion1 = "PROXY TCP4 203.0.113.9 192.0.2.1 5000 1234\r\n";
constexpr std::string_view kVersion2(
    "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C\xCB\0\x71\x09\xC0\0\x02\x01\x13\x88\x04\xD2", 28);

TEST_F(Proxies, TheClientIsWhoTheProxySays) {
  StartEncrypted(Through("127.0.0.0/8"));
  for (const std::string_view header : {kVersion1, kVersion2}) {
    NativePeer peer(address());
    // In two pieces, the second with what the client says.
    ASSERT_TRUE(peer.SendToSocket(header.substr(0, 15)));
    ASSERT_TRUE(peer.SendToSocket(std::string(header.substr(15)) + Framed(ConnectFrame("far"))));
    ASSERT_TRUE(peer.Receive().has_value());
    EXPECT_EQ(Look("far").address(), "203.0.113.9:5000");
  }
}

TEST_F(Proxies, TlsIsInside) {
  StartEncrypted(Through("127.0.0.1", Encrypted()));
  TlsPeer peer = Raw({.prologue = std::string(kVersion1)});
  ASSERT_TRUE(peer.ok()) << peer.error();
  peer.Send(Framed(ConnectFrame("far")));
  EXPECT_NE(peer.Receive(1), "");
  EXPECT_EQ(Look("far").address(), "203.0.113.9:5000");
}

TEST_F(Proxies, WhoHasNoHeaderOrABadOneIsTurnedAway) {
  StartEncrypted(Through("127.0.0.1"));
  const std::string connect = Framed(ConnectFrame());
  const std::string kBad[] = {connect,
                              "GET / HTTP/1.1\r\n\r\n",
                              "PROXY TCP4 203.0.113.9 192.0.2.1 5000 99999\r\n" + connect,
                              "PROXY  TCP4 1.1.1.1 2.2.2.2 1 2\r\n" + connect,
                              "PROXY TCP4 " + std::string(200, '1') + connect,
                              connect + std::string(kVersion1)};
  uint64_t count = 0;
  for (const std::string& bytes : kBad) {
    TestClient client(address());
    client.Send(bytes);
    EXPECT_EQ(client.ReceiveAll(), "") << bytes;
    EXPECT_EQ(Count(CloseCode::kProxyRefused), ++count) << bytes;
  }
}

TEST_F(Proxies, OthersAreNotBelieved) {
  StartEncrypted(Through("192.0.2.0/24"));
  TestClient client(address());
  client.Send(std::string(kVersion1) + Framed(ConnectFrame()));
  EXPECT_EQ(client.ReceiveAll(), "");
  EXPECT_EQ(Count(CloseCode::kProxyRefused), 1U);
}

}  // namespace
}  // namespace esockets::tests

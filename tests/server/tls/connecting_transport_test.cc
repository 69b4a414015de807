// The connecting side of TlsTransport, whose peer is a Session in the test's hand.
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "gtest/gtest.h"
#include "server/connection.h"
#include "server/tls/client_context.h"
#include "server/tls/server_context.h"
#include "server/tls/tls_transport.h"
#include "tests/support/connection_pair.h"
#include "tests/support/fake_socket_api.h"
#include "tests/support/test_authority.h"
#include "tests/support/tls_pair.h"

namespace esockets::tls {
namespace {

using server::CloseMode;
using server::ConnectionEnd;
using tests::ConnectionPair;
using tests::HandlerLog;
using tests::LoopRunner;
using tests::SocketKind;
using tests::TestAuthority;
using tests::TlsEnd;
using Outcome = Session::Outcome;

class ConnectingTransportTest : public testing::Test {
 protected:
  static TestAuthority& authority() {
    static TestAuthority authority;
    return authority;
  }
  std::shared_ptr<const ServerContext> Serve(TestAuthority& by) {
    const auto issued = by.Issue(tests::LoopbackServer());
    auto loaded = ServerContext::Load(
        {.certificates = {{issued.chain_file, issued.key_file}}, .application_protocols = {"one"}},
        std::make_shared<TicketKeys>(&clock));
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return *loaded;
  }
  // A connection that has begun to shake hands.
  std::unique_ptr<ConnectionPair> Connect() {
    return std::make_unique<ConnectionPair>(
        runner, settings, SocketKind::kTcp, false, [this](HandlerLog& log) {
          log.in_front = [this](std::unique_ptr<server::ConnectionHandler> handler) {
            handler->set_transport(std::make_unique<TlsTransport>(client));
            return handler;
          };
        });
  }
  TlsEnd NewEnd(int version = TLS1_3_VERSION) {
    SslPtr ssl = server->NewSsl();
    SSL_set_max_proto_version(ssl.get(), version);
    return TlsEnd(std::move(ssl));
  }
  // Until the handshake is over, well or not.
  static void Shake(TlsEnd& end, ConnectionPair& pair) {
    while (!end.is_open() && end.outcome() != Outcome::kFailed) {
      const std::string wire = pair.client.Receive(1);
      if (wire.empty()) return;
      end.Take(wire);
      ASSERT_TRUE(pair.client.Send(end.TakeWire()));
    }
  }
  static std::string Receive(TlsEnd& end, ConnectionPair& pair, size_t bytes) {
    std::string plain = end.TakePlain();
    while (plain.size() < bytes && end.outcome() == Outcome::kMore) {
      const std::string wire = pair.client.Receive(1);
      if (wire.empty()) break;
      end.Take(wire);
      plain += end.TakePlain();
    }
    return plain;
  }

  // What the loop says of the transport.
  template <typename Read>
  void Look(ConnectionPair& pair, const Read& read) {
    runner.Do([&] {
      runner.loop().AssertOnLoop();
      ASSERT_NE(pair.connection->transport(), nullptr);
      read(*pair.connection->transport());
    });
  }

  base::SystemClock clock;
  std::shared_ptr<const ServerContext> server = Serve(authority());
  std::shared_ptr<ClientContext> client = *ClientContext::Load({.server_name = "localhost",
                                                                .ca_file = authority().ca_file(),
                                                                .application_protocols = {"one"}});
  server::ConnectionSettings settings;
  tests::FakeSocketApi api;
  LoopRunner runner{{.socket_api = &api}};
};

TEST_F(ConnectingTransportTest, WhatIsQueuedMeanwhileIsSentWhenTheHandshakeIsDone) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto pair = Connect();
    pair->connection->Send("early ");
    pair->connection->Send("birds");
    TlsEnd end = NewEnd(version);
    Shake(end, *pair);
    EXPECT_EQ(Receive(end, *pair, 11), "early birds");
    end.Send("hello");
    ASSERT_TRUE(pair->client.Send(end.TakeWire()));
    pair->log.WaitUntilReceived(5);
    EXPECT_EQ(pair->log.received(), "hello");
  }
}

TEST_F(ConnectingTransportTest, HoweverTheKernelTakesIt) {
  api.set_send_script(tests::RandomSends(7));
  const auto pair = Connect();
  TlsEnd end = NewEnd();
  Shake(end, *pair);
  const std::string message(300'000, 'x');
  pair->connection->Send(message);
  EXPECT_TRUE(Receive(end, *pair, message.size()) == message);
}

TEST_F(ConnectingTransportTest, WhatIsKnownOfTheServer) {
  for (const bool resumed : {false, true}) {
    const auto pair = Connect();
    Look(*pair, [](const server::Transport& transport) {
      EXPECT_EQ(transport.security(), nullptr);
      EXPECT_EQ(transport.name(), "tls");
    });
    TlsEnd end = NewEnd();
    Shake(end, *pair);
    end.Send("hello");
    ASSERT_TRUE(pair->client.Send(end.TakeWire()));
    pair->log.WaitUntilReceived(5);
    Look(*pair, [&](const server::Transport& transport) {
      ASSERT_NE(transport.security(), nullptr);
      EXPECT_EQ(transport.security()->protocol, "TLSv1.3");
      EXPECT_EQ(transport.security()->application_protocol, "one");
      EXPECT_EQ(transport.security()->peer_name, "");  // it is whom we asked for
      EXPECT_EQ(transport.security()->resumed, resumed);
      EXPECT_EQ(transport.mistake(), "");
    });
  }
}

TEST_F(ConnectingTransportTest, AServerThatIsNotTrustedGetsNothing) {
  TestAuthority stranger("Stranger");
  server = Serve(stranger);
  const auto pair = Connect();
  pair->connection->Send("a secret");
  TlsEnd end = NewEnd();
  Shake(end, *pair);
  EXPECT_EQ(end.outcome(), Outcome::kFailed);
  EXPECT_EQ(end.mistake(), "tlsv1 alert unknown ca");
  EXPECT_EQ(pair->client.ReceiveAll(), "");
  EXPECT_TRUE(pair->client.ended());
  Look(*pair, [](const server::Transport& transport) {
    EXPECT_EQ(transport.mistake(), "TLS: certificate: unable to get local issuer certificate");
  });
  pair->client.Close();
  pair->log.WaitUntilClosed();
  EXPECT_EQ(pair->connection->end(), ConnectionEnd::kAgainstRules);
}

TEST_F(ConnectingTransportTest, AServerThatSpeaksSomethingElse) {
  const auto pair = Connect();
  ASSERT_TRUE(pair->client.Send("220 smtp.example.org ready\r\n"));
  pair->client.ReceiveAll();
  Look(*pair, [](const server::Transport& transport) {
    EXPECT_EQ(transport.mistake(), "TLS: wrong version number");
  });
  pair->client.Close();
  pair->log.WaitUntilClosed();
  EXPECT_EQ(pair->connection->end(), ConnectionEnd::kAgainstRules);
  EXPECT_EQ(pair->log.received(), "");
}

TEST_F(ConnectingTransportTest, ItsLastWord) {
  const auto pair = Connect();
  pair->connection->Send("bye");
  TlsEnd end = NewEnd();
  Shake(end, *pair);
  EXPECT_EQ(Receive(end, *pair, 3), "bye");
  pair->connection->Close(CloseMode::kAfterFlush, "!");
  EXPECT_EQ(Receive(end, *pair, 2), "!");
  EXPECT_EQ(end.outcome(), Outcome::kDone);
  EXPECT_EQ(pair->client.ReceiveAll(), "");
  pair->client.Close();
  pair->log.WaitUntilClosed();
}

// Nobody is there to be told.
TEST_F(ConnectingTransportTest, ClosedBeforeTheHandshakeIsDone) {
  const auto pair = Connect();
  pair->connection->Send("never sent");
  pair->connection->Close(CloseMode::kAfterFlush);
  const std::string hello = pair->client.ReceiveAll();
  EXPECT_TRUE(pair->client.ended());
  EXPECT_EQ(hello.substr(0, 1), "\x16");
  EXPECT_EQ(hello.find("never sent"), std::string::npos);
  pair->client.Close();
  pair->log.WaitUntilClosed();
}

TEST_F(ConnectingTransportTest, TheServerGoesDuringTheHandshake) {
  const auto pair = Connect();
  ASSERT_NE(pair->client.Receive(1), "");
  pair->client.Close();
  pair->log.WaitUntilClosed();
  EXPECT_NE(pair->connection->end(), ConnectionEnd::kNone);
  EXPECT_EQ(pair->log.received(), "");
}

}  // namespace
}  // namespace esockets::tls

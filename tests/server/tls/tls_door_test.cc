#include "server/tls/tls_door.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/socket_server.h"
#include "server/websocket/websocket_door.h"
#include "tests/support/test_authority.h"
#include "tests/support/tls_peer.h"
#include "tests/support/told.h"
#include "tests/support/websocket_wire.h"

namespace esockets::tls {
namespace {

using server::ClientPtr;
using tests::ClientFrame;
using tests::kBinaryFrame;
using tests::kCloseFrame;
using tests::kPingFrame;
using tests::kPongFrame;
using tests::kTextFrame;
using tests::ServerFrames;
using tests::TlsPeer;
using tests::WireFrame;

// Answers with what it got, and notes what its clients are.
struct Echo final : server::ServerHandler {
  void OnClientConnect(const ClientPtr& client) override {
    client->loop().AssertOnLoop();
    const server::Transport* const transport = client->transport();
    told.Tell(
        base::StrCat("connect ", transport->name(), " ",
                     transport->security() == nullptr ? "" : transport->security()->protocol));
  }
  void OnMessageRecv(const ClientPtr& client, std::string_view message) override {
    client->loop().AssertOnLoop();
    const server::TransportSecurity* const security = client->transport()->security();
    told.Tell(base::StrCat(client->transport()->name(), " ",
                           security == nullptr ? "" : security->protocol, " ", message));
    client->Send(message);
    if (message == "bye") client->Close(server::CloseMode::kAfterFlush);
  }
  void OnTextRecv(const ClientPtr& client, std::string_view text) override {
    client->Send(text, server::MessageKind::kText);
  }
  void OnClientDisconnect(const ClientPtr& client) override {
    const std::string mistake(client->transport() == nullptr ? "" : client->transport()->mistake());
    told.Tell(base::StrCat("end ", server::ConnectionEndText(client->end()), " ", mistake));
  }

  tests::Told told;
};

class TlsDoorTest : public testing::Test {
 protected:
  void Start(server::Door next) {
    options.port = 0;
    options.door = MakeTlsDoor(live, std::move(next));
    server = std::make_unique<server::SocketServer>(options, &echo);
    ASSERT_TRUE(server->Start().ok());
  }
  TlsPeer Peer(int version = 0) {
    return TlsPeer(server->addresses().front(),
                   {.ca_file = authority.ca_file(), .version_max = version});
  }
  // One whose WebSocket is open.
  TlsPeer WebSocketPeer(int version = 0) {
    TlsPeer peer = Peer(version);
    EXPECT_TRUE(peer.Send(tests::UpgradeRequest()));
    std::string answer;
    while (peer.ok() && !answer.ends_with("\r\n\r\n")) answer += peer.Receive(1);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
    return peer;
  }
  static WireFrame OneFrame(TlsPeer& peer) {
    std::string bytes = peer.Receive(2);
    if (bytes.size() < 2) return {};
    bytes += peer.Receive(static_cast<uint8_t>(bytes[1]));  // short ones alone
    const std::vector<WireFrame> frames = ServerFrames(bytes);
    return frames.empty() ? WireFrame() : frames.front();
  }
  std::shared_ptr<const ServerContext> Load() {
    const auto issued = authority.Issue(tests::LoopbackServer());
    auto loaded = ServerContext::Load({.certificates = {{issued.chain_file, issued.key_file}}},
                                      std::make_shared<TicketKeys>(&clock));
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return *loaded;
  }

  tests::TestAuthority authority;
  base::SystemClock clock;
  std::shared_ptr<LiveContext> live = std::make_shared<LiveContext>(Load());
  Echo echo;
  server::SocketServerOptions options;
  std::unique_ptr<server::SocketServer> server;
};

TEST_F(TlsDoorTest, TheHandlersOfTheServerStandBehindIt) {
  Start({});
  for (const auto& [version, name] :
       {std::pair{TLS1_2_VERSION, "TLSv1.2"}, std::pair{TLS1_3_VERSION, "TLSv1.3"}}) {
    TlsPeer peer = Peer(version);
    ASSERT_TRUE(peer.Send("hello")) << peer.error();
    EXPECT_EQ(peer.Receive(5), "hello");
    echo.told.WaitFor("connect tls ");  // before the handshake
    echo.told.WaitFor(base::StrCat("tls ", name, " hello"));
  }
}

TEST_F(TlsDoorTest, AWebSocketBehindIt) {
  Start(websocket::MakeWebSocketDoor({}));
  for (const auto& [version, name] :
       {std::pair{TLS1_2_VERSION, "TLSv1.2"}, std::pair{TLS1_3_VERSION, "TLSv1.3"}}) {
    TlsPeer peer = WebSocketPeer(version);
    ASSERT_TRUE(peer.Send(ClientFrame(kBinaryFrame, "hello") + ClientFrame(kTextFrame, "text")));
    EXPECT_EQ(OneFrame(peer), (WireFrame{kBinaryFrame, "hello"}));
    EXPECT_EQ(OneFrame(peer), (WireFrame{kTextFrame, "text"}));
    echo.told.WaitFor(base::StrCat("connect websocket+tls ", name));
    echo.told.WaitFor(base::StrCat("websocket+tls ", name, " hello"));
    ASSERT_TRUE(peer.Send(ClientFrame(kPingFrame, "?")));
    EXPECT_EQ(OneFrame(peer), (WireFrame{kPongFrame, "?"}));
  }
}

TEST_F(TlsDoorTest, MessagesRightBehindTheUpgrade) {
  Start(websocket::MakeWebSocketDoor({}));
  TlsPeer peer = Peer();
  ASSERT_TRUE(peer.Send(tests::UpgradeRequest() + ClientFrame(kBinaryFrame, "early") +
                        ClientFrame(kBinaryFrame, "birds")));
  std::string answer;
  while (peer.ok() && !answer.ends_with("\r\n\r\n")) answer += peer.Receive(1);
  EXPECT_EQ(OneFrame(peer).payload, "early");
  EXPECT_EQ(OneFrame(peer).payload, "birds");
}

TEST_F(TlsDoorTest, AMegabyteOverBoth) {
  Start(websocket::MakeWebSocketDoor({}));
  TlsPeer peer = WebSocketPeer();
  std::string message(1 << 20, '\0');
  for (size_t i = 0; i < message.size(); ++i) message[i] = static_cast<char>(i * 7 / 5);
  ASSERT_TRUE(peer.Send(ClientFrame(kBinaryFrame, message)));
  const std::string bytes = peer.Receive(10 + message.size());
  const std::vector<WireFrame> frames = ServerFrames(bytes);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_TRUE(frames[0].payload == message);
}

TEST_F(TlsDoorTest, BothSayTheirLastWord) {
  Start(websocket::MakeWebSocketDoor({}));
  TlsPeer peer = WebSocketPeer();
  ASSERT_TRUE(peer.Send(ClientFrame(kBinaryFrame, "bye")));
  const std::vector<WireFrame> frames = ServerFrames(peer.ReceiveAll());
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].payload, "bye");
  EXPECT_EQ(frames[1], (WireFrame{kCloseFrame, tests::CloseWith(1000)}));
  EXPECT_TRUE(peer.closed_well());
}

TEST_F(TlsDoorTest, APeersCloseIsAnswered) {
  Start(websocket::MakeWebSocketDoor({}));
  TlsPeer peer = WebSocketPeer();
  ASSERT_TRUE(peer.Send(ClientFrame(kCloseFrame, tests::CloseWith(4321, "enough"))));
  const std::vector<WireFrame> frames = ServerFrames(peer.ReceiveAll());
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0], (WireFrame{kCloseFrame, tests::CloseWith(4321)}));
  EXPECT_TRUE(peer.closed_well());
}

TEST_F(TlsDoorTest, WhoseRulesWereBroken) {
  Start(websocket::MakeWebSocketDoor({}));
  const std::string broken = "end the peer broke the rules of its transport ";
  TlsPeer inner = WebSocketPeer();
  ASSERT_TRUE(inner.Send("\xFF\xFF"));
  const std::vector<WireFrame> frames = ServerFrames(inner.ReceiveAll());
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].payload.substr(0, 2), tests::CloseWith(1002));
  EXPECT_TRUE(inner.closed_well());
  inner.socket().Close();
  echo.told.WaitFor(broken + "WebSocket: a reserved bit is set");

  TlsPeer outer = WebSocketPeer();
  outer.socket().Send(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
  EXPECT_EQ(outer.ReceiveAll(), "");
  EXPECT_EQ(outer.error(), "sslv3 alert bad record mac");
  outer.socket().Close();
  echo.told.WaitFor(broken + "TLS: decryption failed or bad record mac");
}

TEST_F(TlsDoorTest, WhoAsksForNoWebSocketIsToldSoInSecret) {
  Start(websocket::MakeWebSocketDoor({}));
  TlsPeer peer = Peer();
  ASSERT_TRUE(peer.Send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(peer.ReceiveAll().starts_with("HTTP/1.1 426 "));
  EXPECT_TRUE(peer.closed_well());
}

TEST_F(TlsDoorTest, EachConnectionGetsTheContextOfItsTime) {
  Start({});
  TlsPeer before = Peer();
  ASSERT_TRUE(before.ok()) << before.error();
  const auto renewed = authority.Issue({.common_name = "renewed", .dns_names = {"localhost"}});
  live->Replace(*ServerContext::Load({.certificates = {{renewed.chain_file, renewed.key_file}}},
                                     std::make_shared<TicketKeys>(&clock)));
  EXPECT_EQ(Peer().server_common_name(), "renewed");
  EXPECT_EQ(before.server_common_name(), "server");
  ASSERT_TRUE(before.Send("hello"));
  EXPECT_EQ(before.Receive(5), "hello");
}

}  // namespace
}  // namespace esockets::tls

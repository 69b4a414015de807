// What a connection becomes by its first bytes, over real sockets.
#include "gateways/front_bridge.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "broker/errors.h"
#include "gtest/gtest.h"
#include "server/trusted_addresses.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"
#include "tests/support/test_client.h"
#include "tests/support/websocket_stream.h"

namespace esockets::gateways {
namespace {

using broker::CloseCode;
using tests::NativePeer;
using tests::TestClient;

class FrontBridgeTest : public tests::BrokerFixture {};

TEST_F(FrontBridgeTest, WhoSaysNothingIsToldSoInTheNativeProtocol) {
  app::BrokerOptions options = DefaultOptions();
  options.settings.limits.connect_timeout = std::chrono::milliseconds(20);
  Start(options);
  NativePeer silent = Peer();
  ExpectClose(silent, CloseCode::kConnectTimeout);
  NativePeer undecided = Peer();
  ASSERT_TRUE(undecided.SendRaw("G"));
  ExpectClose(undecided, CloseCode::kConnectTimeout);
}

TEST_F(FrontBridgeTest, WhoTricklesHttpIsCutOff) {
  app::BrokerOptions options = DefaultOptions();
  options.http.request_timeout = std::chrono::milliseconds(20);
  Start(options);
  TestClient client(address());
  ASSERT_TRUE(client.Send("GET / HT"));
  EXPECT_TRUE(client.ReceiveAll().starts_with("HTTP/1.1 408 "));
}

TEST_F(FrontBridgeTest, AWebSocketThatNeverConnectsIsClosed) {
  app::BrokerOptions options = DefaultOptions();
  options.settings.limits.connect_timeout = std::chrono::milliseconds(20);
  Start(options);
  NativePeer peer = Peer({.transport = tests::PeerTransport::kWebSocket});
  ExpectClose(peer, CloseCode::kConnectTimeout);
  EXPECT_EQ(peer.websocket().close_status(), 4220);
}

TEST_F(FrontBridgeTest, WhoAsksForAPageIsNoClient) {
  Start();
  TestClient client(address());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(client.Receive(12), "HTTP/1.1 426");
  EXPECT_EQ(broker().metrics().clients.value(), 0U);
  EXPECT_EQ(Count(CloseCode::kUnknownProtocol), 0U);
}

TEST_F(FrontBridgeTest, WebSocketAndConnectInOnePacket) {
  Start();
  TestClient client(address());
  ASSERT_TRUE(client.Send(tests::WebSocketRequest() +
                          tests::ClientWebSocketFrame(websocket::Opcode::kBinary,
                                                      tests::Framed(tests::ConnectFrame("x")))));
  EXPECT_TRUE(WaitUntil([this] { return broker().metrics().clients.value() == 1; }));
}

// Behind proxies the address is the client's own, and counts when it is told.
TEST_F(FrontBridgeTest, QuotasAreForWhomAProxyNames) {
  auto proxies = std::make_shared<server::TrustedAddresses>();
  ASSERT_TRUE(proxies->Add("127.0.0.0/8").ok());
  app::BrokerOptions options = DefaultOptions();
  options.protocols = {{.proxies = std::move(proxies)}};
  options.admission.of_listeners = {{.connections_per_address_max = 1}};
  Start(options);
  const auto connect = [this](NativePeer& peer, std::string_view header, std::string_view id) {
    EXPECT_TRUE(peer.SendToSocket(header));
    EXPECT_TRUE(peer.Send(tests::ConnectFrame(id)));
  };
  NativePeer first = Peer(), second = Peer(), other = Peer(), of_proxy = Peer();
  connect(first, "PROXY TCP4 192.0.2.1 192.0.2.9 1 2\r\n", "first");
  EXPECT_TRUE(first.Receive()->has_connected());
  connect(second, "PROXY TCP4 192.0.2.1 192.0.2.9 3 2\r\n", "second");
  EXPECT_EQ(ExpectClose(second, CloseCode::kTooManyClients), "limit 1 from one address");
  connect(other, "PROXY TCP4 192.0.2.2 192.0.2.9 1 2\r\n", "other");
  EXPECT_TRUE(other.Receive()->has_connected());
  connect(of_proxy, "PROXY UNKNOWN\r\n", "of-proxy");
  EXPECT_TRUE(of_proxy.Receive()->has_connected());
  first.Disappear();
  EXPECT_TRUE(WaitUntil([this] { return broker().server().open_clients() == 2; }));
  NativePeer next = Peer();
  connect(next, "PROXY TCP4 192.0.2.1 192.0.2.9 5 2\r\n", "next");
  EXPECT_TRUE(next.Receive()->has_connected());
}

TEST_F(FrontBridgeTest, DrainingEndsWhoIsStillInTheDoor) {
  Start();
  TestClient asking(address());
  ASSERT_TRUE(asking.Send("GET / HTTP/1.1\r\n"));
  NativePeer silent = Peer();
  EXPECT_TRUE(WaitUntil([this] { return broker().server().open_clients() == 2; }));
  OnLoop([] {});
  broker().Drain(std::chrono::seconds(30));
  ExpectClose(silent, CloseCode::kShuttingDown);
  asking.ReceiveAll();
  EXPECT_TRUE(asking.ended());
}

}  // namespace
}  // namespace esockets::gateways

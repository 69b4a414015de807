// What a connection becomes by its first bytes, over real sockets.
#include "gateways/front_bridge.h"

#include <chrono>
#include <string>
#include <string_view>

#include "broker/errors.h"
#include "gtest/gtest.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"
#include "tests/support/test_client.h"
#include "tests/support/websocket_wire.h"

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

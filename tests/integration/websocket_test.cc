// The broker over WebSocket, with real sockets: beside native clients on one port, compressed or
// not, and everything that a peer may do wrong.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/strings.h"
#include "broker/errors.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "server/websocket/deflate.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"
#include "tests/support/test_client.h"
#include "tests/support/websocket_wire.h"

namespace esockets::tests {
namespace {

using broker::CloseCode;
using websocket::Opcode;

constexpr PeerTransport kTransports[] = {PeerTransport::kTcp, PeerTransport::kWebSocket,
                                         PeerTransport::kDeflatedWebSocket};

class WebSocket : public BrokerFixture {
 protected:
  NativePeer Connected(PeerTransport transport, std::string_view client_id = {}) {
    return ConnectedPeer(client_id, {.transport = transport});
  }
  // What the broker says to these bytes, until it closes.
  std::string AnswerTo(std::string_view bytes) {
    TestClient client(address());
    EXPECT_TRUE(client.Send(bytes));
    client.ShutDown();
    return client.ReceiveAll();
  }
};

TEST_F(WebSocket, EverybodyHearsEverybodyOnOnePort) {
  Start();
  std::vector<NativePeer> peers;
  for (const PeerTransport transport : kTransports) {
    peers.push_back(Connected(transport));
    ASSERT_TRUE(peers.back().Subscribe("room/+"));
  }
  int number = 0;
  for (NativePeer& publisher : peers) {
    const std::string payload = base::StrCat(++number, ": ", std::string(1000, 'x'));
    ASSERT_TRUE(publisher.Send(PublishFrame("room/1", payload)));
    for (NativePeer& peer : peers) {
      const std::optional<ServerFrame> frame = peer.Receive();
      ASSERT_TRUE(frame.has_value());
      EXPECT_EQ(frame->message().payload(), payload);
    }
  }
  EXPECT_EQ(peers[1].websocket().compressed(), 0);
  EXPECT_EQ(peers[2].websocket().compressed(), 3) << "each message goes out compressed";
}

TEST_F(WebSocket, AdministrationSeesTheTransport) {
  Start();
  NativePeer peer = Connected(PeerTransport::kWebSocket, "me");
  EXPECT_EQ(Look(peer, "me").transport(), "websocket");
}

TEST_F(WebSocket, FramesAreCutByNobody) {
  Start();
  NativePeer subscriber = Connected(PeerTransport::kWebSocket);
  ASSERT_TRUE(subscriber.Subscribe("#"));
  NativePeer publisher = Connected(PeerTransport::kWebSocket);
  // A frame in many messages, a message with many frames, and an empty one.
  const std::string large = Framed(PublishFrame("large", std::string(900'000, 'l')));
  for (size_t at = 0; at < large.size(); at += 100'001) {
    ASSERT_TRUE(publisher.SendRaw(std::string_view(large).substr(at, 100'001)));
  }
  ASSERT_TRUE(publisher.SendRaw(""));
  std::string small;
  for (int i = 0; i < 1000; ++i) small += Framed(PublishFrame("small", std::to_string(i)));
  ASSERT_TRUE(publisher.SendRaw(small));
  EXPECT_EQ(subscriber.Receive()->message().payload().size(), 900'000U);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(subscriber.Receive()->message().payload(), std::to_string(i));
  }
}

TEST_F(WebSocket, ARunIsOneMessageForEach) {
  constexpr int kMessages = 100;
  Start();
  NativePeer subscriber = Connected(PeerTransport::kWebSocket);
  ASSERT_TRUE(subscriber.Subscribe("a"));
  NativePeer publisher = Connected(PeerTransport::kTcp);
  const int before = subscriber.websocket().messages();
  std::string frames;
  for (int i = 0; i < kMessages; ++i) frames += Framed(PublishFrame("a", std::to_string(i)));
  ASSERT_TRUE(publisher.SendRaw(frames));
  for (int i = 0; i < kMessages; ++i) ASSERT_TRUE(subscriber.Receive()->has_message());
  EXPECT_LT(subscriber.websocket().messages() - before, kMessages / 4);
}

// The native Close, then the status of WebSocket: 4000 and its code.
TEST_F(WebSocket, TheEndIsToldInBothLanguages) {
  Start();
  for (const PeerTransport transport :
       {PeerTransport::kWebSocket, PeerTransport::kDeflatedWebSocket}) {
    NativePeer peer = Connected(transport);
    ClientFrame goodbye;
    goodbye.mutable_disconnect();
    ASSERT_TRUE(peer.Send(goodbye));
    ExpectClose(peer, CloseCode::kGoodbye);
    EXPECT_EQ(peer.websocket().close_status(), 4200);
    EXPECT_EQ(peer.websocket().close_reason(), broker::Info(CloseCode::kGoodbye).text);
  }
  NativePeer peer = Connected(PeerTransport::kWebSocket);
  ASSERT_TRUE(peer.Send(ConnectFrame()));
  ExpectClose(peer, CloseCode::kConnectedTwice);
  EXPECT_EQ(peer.websocket().close_status(), 4222);
}

TEST_F(WebSocket, ACloseOfTheClientIsAnsweredWithItsStatus) {
  Start();
  NativePeer watcher = Connected(PeerTransport::kTcp);
  NativePeer peer = Connected(PeerTransport::kWebSocket);
  ASSERT_TRUE(peer.Subscribe("a"));
  ASSERT_TRUE(peer.SendToSocket(ClientWebSocketFrame(Opcode::kClose, "\x03\xe9")));
  EXPECT_TRUE(peer.ReceiveEnd());
  EXPECT_EQ(peer.websocket().close_status(), 1001);
  EXPECT_TRUE(WaitUntil([this] { return broker().metrics().clients.value() == 1; }));
}

TEST_F(WebSocket, DrainingAsksThemToLeave) {
  Start();
  NativePeer peer = Connected(PeerTransport::kWebSocket);
  std::thread draining([this] { broker().Drain(std::chrono::seconds(30)); });
  EXPECT_TRUE(peer.Receive()->has_go_away());
  ExpectClose(peer, CloseCode::kShuttingDown);
  EXPECT_EQ(peer.websocket().close_status(), 4250);
  draining.join();
}

// The broker asks; a browser answers by itself, also in a tab that nobody looks at.
TEST_F(WebSocket, WhoAnswersPingsStaysAndWhoDoesNotGoes) {
  Start();
  NativePeer alive(address(), {.transport = PeerTransport::kWebSocket});
  NativePeer quiet(address(), {.transport = PeerTransport::kWebSocket, .answers_pings = false});
  ClientFrame connect = ConnectFrame();
  connect.mutable_connect()->set_keep_alive_ms(100);
  ASSERT_TRUE(alive.Send(connect));
  ASSERT_TRUE(alive.Receive()->has_connected());
  EXPECT_TRUE(alive.WaitForPings(4)) << "each is a keep-alive after the last sign of life";
  ASSERT_TRUE(quiet.Send(connect));
  ASSERT_TRUE(quiet.Receive()->has_connected());
  ExpectClose(quiet, CloseCode::kKeepAliveTimeout);
  EXPECT_EQ(quiet.websocket().pings(), 1);
}

TEST_F(WebSocket, TextsAreNotUnderstood) {
  StartWithBystanders();
  NativePeer peer = Connected(PeerTransport::kWebSocket);
  ASSERT_TRUE(peer.SendToSocket(ClientWebSocketFrame(Opcode::kText, "hello")));
  ExpectClose(peer, CloseCode::kProtocolError);
  EXPECT_EQ(peer.websocket().close_status(), 1003);
}

TEST_F(WebSocket, ABombIsDefused) {
  StartWithBystanders();
  for (const size_t megabytes : {3, 64}) {
    NativePeer peer = Connected(PeerTransport::kDeflatedWebSocket);
    websocket::Deflater deflater(websocket::kWindowBitsMax);
    const std::string bomb(megabytes << 20, '\0');
    ASSERT_TRUE(peer.SendToSocket(ClientWebSocketFrame(Opcode::kBinary, deflater.Deflate(bomb),
                                                       /*fin=*/true, /*compressed=*/true)));
    ExpectClose(peer, CloseCode::kProtocolError);
    EXPECT_EQ(peer.websocket().close_status(), 1009);
  }
}

TEST_F(WebSocket, FirstBytesMayComeOneByOne) {
  StartWithBystanders();
  NativePeer native = Peer();
  for (const char byte : Framed(ConnectFrame("slow"))) {
    ASSERT_TRUE(native.SendRaw({&byte, 1}));
    OnLoop([] {});  // the broker has seen it
  }
  EXPECT_TRUE(native.Receive()->has_connected());
  TestClient client(address());
  for (const char byte : WebSocketRequest()) {
    ASSERT_TRUE(client.Send({&byte, 1}));
    OnLoop([] {});
  }
  EXPECT_TRUE(client.Receive(12) == "HTTP/1.1 101");
}

TEST_F(WebSocket, WhatIsNotSpokenHereIsToldSo) {
  StartWithBystanders();
  EXPECT_TRUE(AnswerTo("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                  .starts_with("HTTP/1.1 426 Upgrade Required\r\n"));
  EXPECT_TRUE(AnswerTo("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                  .starts_with("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_EQ(AnswerTo("\x16\x03\x01\x02\x00\x01"), std::string("\x15\x03\x01\x00\x02\x02\x46", 7));
  EXPECT_EQ(AnswerTo("\x10\x0c\x00"), std::string("\x20\x02\x00\x01", 4));
  EXPECT_NE(AnswerTo("hello\r\n").find(broker::Info(CloseCode::kUnknownProtocol).text),
            std::string::npos);
  EXPECT_EQ(Count(CloseCode::kUnknownProtocol), 3U);
}

TEST_F(WebSocket, AListenerMayBeRestricted) {
  app::BrokerOptions options = DefaultOptions();
  options.server.listen = {"127.0.0.1:0", "127.0.0.1:0"};
  options.protocols = {{.native = true, .http = false}, {.native = false, .http = true}};
  Start(options);
  const auto addresses = broker().server().addresses();
  TestClient web_to_native(addresses[0]);
  ASSERT_TRUE(web_to_native.Send(WebSocketRequest()));
  EXPECT_TRUE(web_to_native.ReceiveAll().starts_with("HTTP/1.1 400 Bad Request\r\n"));
  NativePeer native_to_web(addresses[1]);
  ASSERT_TRUE(native_to_web.Send(ConnectFrame()));
  EXPECT_EQ(ExpectClose(native_to_web, CloseCode::kUnknownProtocol),
            "this port takes HTTP and WebSocket alone");
  NativePeer native(addresses[0]);
  EXPECT_TRUE(native.Connect()->has_connected());
  NativePeer web(addresses[1], {.transport = PeerTransport::kWebSocket});
  EXPECT_TRUE(web.Connect()->has_connected());
}

TEST_F(WebSocket, APageFromElsewhereIsRefused) {
  app::BrokerOptions options = DefaultOptions();
  options.websocket.origins = {"https://chat.example.org"};
  Start(options);
  const auto ask = [&](std::string_view origin) {
    return AnswerTo(WebSocketRequest(base::StrCat("Origin: ", origin, "\r\n"))).substr(9, 3);
  };
  EXPECT_EQ(ask("https://evil.example"), "403");
  EXPECT_EQ(ask("null"), "403");
  EXPECT_EQ(ask("https://chat.example.org"), "101");
  EXPECT_EQ(ask("http://127.0.0.1"), "101");
}

}  // namespace
}  // namespace esockets::tests

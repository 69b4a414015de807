#include "server/websocket/websocket_door.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/socket_server.h"
#include "server/websocket/deflate.h"
#include "tests/support/test_client.h"
#include "tests/support/websocket_wire.h"

namespace esockets::websocket {
namespace {

using server::ClientPtr;
using server::ConnectionEnd;
using tests::ClientFrame;
using tests::CloseWith;
using tests::kBinaryFrame;
using tests::kCloseFrame;
using tests::kTextFrame;
using tests::ServerFrames;
using tests::TestClient;
using tests::UpgradeRequest;
using tests::WireFrame;

// What a server's callbacks were told, in their order.
struct Callbacks final : server::ServerHandler {
  void OnClientConnect(const ClientPtr& client) override { Note("connect", client); }
  void OnMessageRecv(const ClientPtr& client, std::string_view message) override {
    Note(base::StrCat("binary:", message), client);
    if (echo) client->Send(message);
  }
  void OnTextRecv(const ClientPtr& client, std::string_view text) override {
    Note(base::StrCat("text:", text), client);
    if (echo) client->Send(text, server::MessageKind::kText);
  }
  void OnClientDisconnect(const ClientPtr& client) override {
    Note(base::StrCat("disconnect ", server::ConnectionEndText(client->end())), client);
  }

  void Note(std::string what, const ClientPtr& client) {
    const std::lock_guard lock(mutex);
    told.push_back(std::move(what));
    last = client;
    changed.notify_all();
  }
  void WaitUntilTold(size_t count) const {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return told.size() >= count; });
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex);
    return told;
  }
  ClientPtr client() const {
    const std::lock_guard lock(mutex);
    return last;
  }

  bool echo = true;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::vector<std::string> told;
  ClientPtr last;
};

class WebSocketDoorTest : public testing::Test {
 protected:
  void Start() {
    options.port = 0;
    options.door = MakeWebSocketDoor(door);
    server = std::make_unique<server::SocketServer>(options, &callbacks);
    ASSERT_TRUE(server->Start().ok());
  }
  TestClient Connect() { return TestClient(server->addresses()[0]); }
  // ... and completes the opening handshake.
  TestClient Enter(std::string_view more_fields = {}) {
    TestClient client = Connect();
    EXPECT_TRUE(client.Send(UpgradeRequest(more_fields)));
    EXPECT_TRUE(Head(client).starts_with("HTTP/1.1 101 "));
    return client;
  }
  static std::string Head(TestClient& client) {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      const std::string byte = client.Receive(1);
      if (byte.empty()) break;
      head += byte;
    }
    return head;
  }
  // What is answered to such bytes, until the server ends; the last three digits of its first line.
  std::string StatusOf(const std::string& bytes) {
    TestClient client = Connect();
    client.Send(bytes);
    client.ShutDown();
    const std::string answer = client.ReceiveAll();
    return answer.size() < 12 ? answer : answer.substr(9, 3);
  }

  DoorOptions door;
  server::SocketServerOptions options;
  Callbacks callbacks;
  std::unique_ptr<server::SocketServer> server;
};

// RFC 6455, section 1.3: the whole way.
TEST_F(WebSocketDoorTest, AClientIsWhoeverCompletesTheHandshake) {
  Start();
  TestClient client = Connect();
  const std::string request = UpgradeRequest();
  ASSERT_TRUE(client.Send(request.substr(0, 50)));
  ASSERT_TRUE(client.Send(request.substr(50)));
  EXPECT_EQ(Head(client),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  ASSERT_TRUE(client.Send(ClientFrame(kTextFrame, "Hello") + ClientFrame(kBinaryFrame, "\xFF")));
  EXPECT_EQ(ServerFrames(client.Receive(7 + 3)),
            std::vector<WireFrame>({{kTextFrame, "Hello"}, {kBinaryFrame, "\xFF"}}));
  ASSERT_TRUE(client.Send(ClientFrame(kCloseFrame, CloseWith(1000))));
  EXPECT_EQ(ServerFrames(client.ReceiveAll()),
            std::vector<WireFrame>({{kCloseFrame, CloseWith(1000)}}));
  client.Close();
  callbacks.WaitUntilTold(4);
  EXPECT_EQ(callbacks.all(),
            std::vector<std::string>(
                {"connect", "text:Hello", "binary:\xFF",
                 base::StrCat("disconnect ", server::ConnectionEndText(ConnectionEnd::kByPeer))}));
}

TEST_F(WebSocketDoorTest, MessagesRightBehindTheHandshake) {
  for (const int threads : {0, 2}) {
    options.callback_threads = threads;
    callbacks.told.clear();
    Start();
    TestClient client = Connect();
    ASSERT_TRUE(client.Send(UpgradeRequest() + ClientFrame(kTextFrame, "at once") +
                            ClientFrame(kCloseFrame, "")));
    EXPECT_TRUE(Head(client).starts_with("HTTP/1.1 101 "));
    EXPECT_EQ(ServerFrames(client.ReceiveAll()),
              std::vector<WireFrame>({{kTextFrame, "at once"}, {kCloseFrame, ""}}));
    client.Close();
    callbacks.WaitUntilTold(3);
    EXPECT_EQ(callbacks.all()[0], "connect");
    EXPECT_EQ(callbacks.all()[1], "text:at once");
    server->Stop();
  }
}

// A request that is answered with advice, and behind it, in the same packet, the handshake.
TEST_F(WebSocketDoorTest, AHandshakeBehindAnotherRequest) {
  Start();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + UpgradeRequest() +
                          ClientFrame(kTextFrame, "hello")));
  const std::string refusal = Head(client);
  EXPECT_TRUE(refusal.starts_with("HTTP/1.1 426 ")) << refusal;
  EXPECT_NE(refusal.find("\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"),
            std::string::npos);
  constexpr std::string_view kLength = "Content-Length: ";
  const size_t at = refusal.find(kLength) + kLength.size();
  EXPECT_NE(client.Receive(std::stoul(refusal.substr(at))).find(door.hint), std::string::npos);
  EXPECT_TRUE(Head(client).starts_with("HTTP/1.1 101 "));
  EXPECT_EQ(ServerFrames(client.Receive(7)), std::vector<WireFrame>({{kTextFrame, "hello"}}));
}

// Section 4.2.1, and RFC 9112 of the request: nobody of these becomes a client.
TEST_F(WebSocketDoorTest, WhoDoesNotCompleteTheHandshakeIsNoClient) {
  Start();
  const std::string good = UpgradeRequest();
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string request = good;
    const size_t at = request.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return request.replace(at, from.size(), to);
  };
  const struct {
    std::string_view what;
    std::string bytes;
    std::string_view status;
  } cases[] = {
      {"POST", with("GET", "POST"), "400"},
      {"HTTP/1.0", with("HTTP/1.1", "HTTP/1.0"), "400"},
      {"HTTP/2.0", with("HTTP/1.1", "HTTP/2.0"), "400"},
      {"no Host", with("Host: localhost\r\n", ""), "400"},
      {"two Host", with("Host: localhost\r\n", "Host: a\r\nHost: b\r\n"), "400"},
      {"no Upgrade", with("Upgrade: websocket\r\n", ""), "426"},
      {"another Upgrade", with("Upgrade: websocket", "Upgrade: h2c"), "426"},
      {"no Connection", with("Connection: Upgrade\r\n", ""), "400"},
      {"no key", with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""), "400"},
      {"a short key", with("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j"), "400"},
      {"two keys", UpgradeRequest("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), "400"},
      {"no version", with("Sec-WebSocket-Version: 13\r\n", ""), "426"},
      {"version 12", with("Version: 13", "Version: 12"), "426"},
      {"two versions", UpgradeRequest("Sec-WebSocket-Version: 12\r\n"), "426"},
      {"a page of elsewhere", UpgradeRequest("Origin: https://evil.example.org\r\n"), "403"},
      {"a page of a file", UpgradeRequest("Origin: null\r\n"), "403"},
      {"two origins", UpgradeRequest("Origin: http://localhost\r\nOrigin: http://localhost\r\n"),
       "400"},
      {"a body", UpgradeRequest("Content-Length: 1\r\n") + "x", "400"},
      {"a body in chunks", UpgradeRequest("Transfer-Encoding: chunked\r\n") + "1\r\nx\r\n0\r\n\r\n",
       "400"},
      {"two lengths of the body",
       UpgradeRequest("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), "400"},
      {"lines that end with LF alone", with("\r\nHost", "\nHost"), "400"},
      {"a folded line", with("Connection: Upgrade", "Connection: keep-alive,\r\n Upgrade"), "400"},
      {"a control character", with("/chat", "/ch\x01t"), "400"},
      {"a space before the colon", with("Upgrade:", "Upgrade :"), "400"},
      {"a long header", UpgradeRequest("X: " + std::string(9000, 'x') + "\r\n"), "431"},
      {"a header without end", good.substr(0, good.size() - 2) + "X: " + std::string(9000, 'x'),
       "431"},
      {"no HTTP", "\x16\x03\x01\x02", "400"},
      {"a WebSocket without handshake", ClientFrame(kTextFrame, "hello"), "400"},
      {"nothing", "", ""},
      {"half of it", good.substr(0, 100), ""},
  };
  for (const auto& c : cases) EXPECT_EQ(StatusOf(c.bytes), c.status) << c.what;
  EXPECT_EQ(StatusOf(good), "101") << "the test can fail";
  callbacks.WaitUntilTold(2);
  EXPECT_EQ(callbacks.all().size(), 2u);
}

TEST_F(WebSocketDoorTest, TheRightVersionIsTold) {
  Start();
  TestClient client = Connect();
  std::string request = UpgradeRequest();
  request.replace(request.find("Version: 13"), 11, "Version: 8");
  ASSERT_TRUE(client.Send(request));
  const std::string head = Head(client);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 426 "));
  EXPECT_NE(head.find("\r\nSec-WebSocket-Version: 13\r\n"), std::string::npos) << head;
}

// A byte now and then does not hold a connection; nor does silence.
TEST_F(WebSocketDoorTest, SlowHandshakesEnd) {
  door.http.request_timeout = std::chrono::milliseconds(30);
  Start();
  TestClient silent = Connect();
  TestClient slow = Connect();
  ASSERT_TRUE(slow.Send("GET /chat HTTP/1.1\r\nHost: "));
  EXPECT_TRUE(slow.ReceiveAll().starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(slow.ended());
  silent.ReceiveAll();
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(callbacks.all().empty());
}

// Those who have entered are not timed by the door.
TEST_F(WebSocketDoorTest, TheDoorLetsGoOfItsTimer) {
  door.http.request_timeout = std::chrono::milliseconds(20);
  Start();
  TestClient entered = Enter();
  TestClient silent = Connect();  // begins later
  silent.ReceiveAll();
  EXPECT_TRUE(silent.ended());
  ASSERT_TRUE(entered.Send(ClientFrame(kTextFrame, "still here")));
  EXPECT_EQ(ServerFrames(entered.Receive(12)),
            std::vector<WireFrame>({{kTextFrame, "still here"}}));
}

TEST_F(WebSocketDoorTest, ASubprotocolIsAskedForAndChosen) {
  door.rules.subprotocol = "esockets.v1";
  Start();
  EXPECT_EQ(StatusOf(UpgradeRequest()), "400");
  EXPECT_EQ(StatusOf(UpgradeRequest("Sec-WebSocket-Protocol: mqtt\r\n")), "400");
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(UpgradeRequest("Sec-WebSocket-Protocol: mqtt, esockets.v1\r\n")));
  EXPECT_NE(Head(client).find("\r\nSec-WebSocket-Protocol: esockets.v1\r\n"), std::string::npos);
}

// RFC 7692, through the whole server.
TEST_F(WebSocketDoorTest, CompressedMessages) {
  Start();
  TestClient client = Enter("Sec-WebSocket-Extensions: permessage-deflate\r\n");
  const std::string message(5000, 'x');
  Deflater deflater(kWindowBitsMax);
  const std::string payload(deflater.Deflate(message));
  ASSERT_TRUE(client.Send(ClientFrame(kTextFrame | tests::kRsv1, payload)));
  callbacks.WaitUntilTold(2);
  EXPECT_EQ(callbacks.all()[1], "text:" + message);
  const std::string echo = tests::ServerFrame(kTextFrame | tests::kRsv1, payload);
  EXPECT_EQ(client.Receive(echo.size()), echo);
}

TEST_F(WebSocketDoorTest, AStreamOverMessages) {
  options.framing = server::Framing::kLine;
  door.transport = {.messages = false, .texts = false};
  Start();
  for (const std::string_view extensions :
       {"", "Sec-WebSocket-Extensions: permessage-deflate\r\n"}) {
    TestClient client = Enter(extensions);
    ASSERT_TRUE(
        client.Send(ClientFrame(kBinaryFrame, "one\ntw") + ClientFrame(kBinaryFrame, "o\nthree")));
    std::string stream;
    std::string rest;
    while (stream.size() < 8) {
      rest += client.Receive(1);
      std::string unfinished;
      stream += tests::DataOf(ServerFrames(rest, &unfinished));
      rest = unfinished;
    }
    EXPECT_EQ(stream, "one\ntwo\n");
  }
}

TEST_F(WebSocketDoorTest, MessagesAreSavedInTheRecvQueue) {
  options.queue_recv_messages = true;
  options.recv_queue.messages_max = 2;
  callbacks.echo = false;
  Start();
  TestClient client = Enter();
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += ClientFrame(kTextFrame, std::to_string(i));
  ASSERT_TRUE(client.Send(bytes));
  callbacks.WaitUntilTold(1);
  const ClientPtr connected = callbacks.client();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(connected->recv_queue()->Pop(std::chrono::seconds(30)), std::to_string(i));
  }
}

// Messages of several threads are not interleaved, and each thread's stay in order.
TEST_F(WebSocketDoorTest, SendersOnManyThreads) {
  for (const std::string_view extensions :
       {"", "Sec-WebSocket-Extensions: permessage-deflate\r\n"}) {
    callbacks.echo = false;
    callbacks.told.clear();
    Start();
    TestClient client = Enter(extensions);
    callbacks.WaitUntilTold(1);
    const ClientPtr connected = callbacks.client();
    constexpr int kThreads = 4, kMessages = 500;
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&connected, t] {
        for (int i = 0; i < kMessages; ++i) {
          connected->Send(
              base::StrCat(t, ":", i, ":", std::string(static_cast<size_t>(i % 50), 'x')),
              server::MessageKind::kText);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    connected->Close(server::CloseMode::kAfterFlush);
    std::vector<WireFrame> frames = ServerFrames(client.ReceiveAll());
    ASSERT_EQ(frames.size(), size_t{kThreads} * kMessages + 1);
    EXPECT_EQ(frames.back().first, kCloseFrame);
    frames.pop_back();
    int next[kThreads] = {};
    for (const WireFrame& frame : frames) {
      ASSERT_EQ(frame.first, kTextFrame);
      const int t = frame.payload[0] - '0';
      ASSERT_TRUE(t >= 0 && t < kThreads);
      const int i = next[t]++;
      EXPECT_EQ(frame.payload,
                base::StrCat(t, ":", i, ":", std::string(static_cast<size_t>(i % 50), 'x')));
    }
    client.Close();
    server->Stop();
  }
}

// Section 7.4.1: 1001 when a server goes down; who is still in the door has nothing to be told in.
TEST_F(WebSocketDoorTest, DrainingSaysGoodbye) {
  options.loops = 2;
  Start();
  TestClient client = Enter();
  TestClient other = Enter();
  TestClient in_the_door = Connect();
  ASSERT_TRUE(in_the_door.Send("GET /chat HTTP/1.1\r\n"));
  callbacks.WaitUntilTold(2);
  std::thread drain([&] { server->Drain(std::chrono::seconds(30)); });
  for (TestClient* entered : {&client, &other}) {
    EXPECT_EQ(ServerFrames(entered->ReceiveAll()),
              std::vector<WireFrame>({{kCloseFrame, CloseWith(1001)}}));
    EXPECT_TRUE(entered->ended());
    entered->Close();
  }
  EXPECT_EQ(in_the_door.ReceiveAll(), "");
  in_the_door.Close();
  drain.join();
  EXPECT_TRUE(server->stopped());
  EXPECT_EQ(callbacks.all().size(), 4u);
}

}  // namespace
}  // namespace esockets::websocket

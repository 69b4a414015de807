#include "server/websocket/websocket_transport.h"

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/connection.h"
#include "server/websocket/close_status.h"
#include "server/websocket/deflate.h"
#include "server/websocket/limits.h"
#include "tests/support/connection_pair.h"
#include "tests/support/fake_socket_api.h"
#include "tests/support/websocket_wire.h"

namespace esockets::websocket {
namespace {

using server::Connection;
using server::ConnectionEnd;
using server::ConnectionHandler;
using server::MessageKind;
using tests::ClientFrame;
using tests::ClientHeader;
using tests::CloseWith;
using tests::ConnectionPair;
using tests::DataOf;
using tests::HandlerLog;
using tests::kBinaryFrame;
using tests::kCloseFrame;
using tests::kFirstBinary;
using tests::kFirstText;
using tests::kLast;
using tests::kMiddle;
using tests::kPingFrame;
using tests::kPongFrame;
using tests::kRsv1;
using tests::kTextFrame;
using tests::LoopRunner;
using tests::ServerFrames;
using tests::SocketKind;
using tests::WireFrame;

std::string Pattern(size_t bytes, size_t from = 0) {
  std::string pattern(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) {
    const size_t at = from + i;
    pattern[i] = static_cast<char>('a' + (at * 7 + at / 251) % 26);
  }
  return pattern;
}

std::string Noise(size_t bytes) {
  std::mt19937 random(17);
  std::string noise(bytes, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  return noise;
}

// As a client that agreed on permessage-deflate sends it.
std::string Compressed(uint8_t first, const std::string& message) {
  Deflater deflater(kWindowBitsMax);
  const std::string payload(deflater.Deflate(message));
  EXPECT_FALSE(payload.empty());
  return ClientFrame(static_cast<uint8_t>(first | kRsv1), payload);
}

std::string Inflated(std::string_view payload) {
  Inflater inflater;
  std::span<char> message;
  EXPECT_EQ(inflater.Inflate(payload, 10 << 20, &message), Inflater::Result::kMessage);
  return {message.data(), message.size()};
}

// Stands for the opening handshake: one byte, behind which the WebSocket begins.
class Beginner final : public ConnectionHandler {
 public:
  using Change = std::function<void(Connection&)>;
  Beginner(Change change, bool late) : change_(std::move(change)), late_(late) {}
  size_t OnBytes(Connection& connection, std::string_view) override {
    if (std::exchange(late_, false)) {
      connection.PauseRead();
      connection.ResumeRead();
      return 0;
    }
    change_(connection);
    return 1;
  }
  void OnClosed(Connection&) override { FAIL() << "another handler has taken its place"; }

 private:
  const Change change_;
  bool late_;  // everything lies in the connection's tail first
};

class WebSocketTransportTest : public testing::Test {
 protected:
  using Prepare = std::function<void(HandlerLog&)>;

  // A connection that has begun.
  std::unique_ptr<ConnectionPair> Begin(const Prepare& prepare = nullptr) {
    return std::make_unique<ConnectionPair>(
        runner, settings, SocketKind::kTcp, false, [this, &prepare](HandlerLog& log) {
          if (prepare) prepare(log);
          log.in_front = [this](std::unique_ptr<ConnectionHandler> next) {
            const auto kept = std::make_shared<std::unique_ptr<ConnectionHandler>>(std::move(next));
            return std::make_unique<Beginner>(
                [this, kept](Connection& connection) {
                  connection.loop().AssertOnLoop();
                  auto own = std::make_unique<WebSocketTransport>(&transport, window_bits,
                                                                  connection.send_queue_bytes());
                  connection.ChangeProtocol(std::move(own), std::move(*kept));
                },
                late);
          };
        });
  }
  // What it sends until it ends.
  std::vector<WireFrame> Rest(ConnectionPair& pair) {
    std::vector<WireFrame> frames = ServerFrames(pair.client.ReceiveAll());
    EXPECT_TRUE(pair.client.ended());
    // It lingers until we close, if we have not yet.
    runner.Do([&] {
      runner.loop().AssertOnLoop();
      const server::Transport* const its_transport = pair.connection->transport();
      mistake = its_transport == nullptr ? "gone" : its_transport->mistake();
    });
    pair.client.Close();
    pair.log.WaitUntilClosed();
    return frames;
  }
  // Sends `bytes`, after which the peer is told to go with this status; returns the Close.
  WireFrame Refusal(const std::string& bytes) {
    const auto pair = Begin();
    EXPECT_TRUE(pair->client.Send("!" + bytes));
    const std::vector<WireFrame> frames = Rest(*pair);
    end = pair->connection->end();
    received = pair->log.received();
    EXPECT_FALSE(frames.empty());
    return frames.empty() ? WireFrame() : frames.back();
  }
  static uint16_t StatusOf(const WireFrame& close) {
    EXPECT_EQ(close.first, kCloseFrame);
    if (close.payload.size() < 2) return kNoStatus;
    return static_cast<uint16_t>(static_cast<uint8_t>(close.payload[0]) << 8 |
                                 static_cast<uint8_t>(close.payload[1]));
  }

  void UseStream() { transport = {.messages = false, .texts = false}; }

  tests::FakeSocketApi api;
  server::ConnectionSettings settings;
  TransportSettings transport;
  int window_bits = 0;
  bool late = false;
  ConnectionEnd end = ConnectionEnd::kNone;
  std::string received;
  std::string mistake;
  LoopRunner runner{{.socket_api = &api}};
};

// --- messages

// RFC 6455, section 5.6 and 5.4.
TEST_F(WebSocketTransportTest, MessagesComeWholeAndWithTheirKind) {
  const std::string bytes =
      "!" + ClientFrame(kTextFrame, "Hello") + ClientFrame(kBinaryFrame, "\xFF") +
      ClientFrame(kTextFrame, "") + ClientFrame(kFirstText, "Hel") + ClientFrame(kPingFrame, "p") +
      ClientFrame(kMiddle, "") + ClientFrame(kLast, "lo") + ClientFrame(kFirstBinary, "a") +
      ClientFrame(kLast, Pattern(70'000)) + ClientFrame(kBinaryFrame, Pattern(100'000));
  const std::vector<std::string> expected = {"text:Hello",
                                             "binary:\xFF",
                                             "text:",
                                             "text:Hello",
                                             "binary:a" + Pattern(70'000),
                                             "binary:" + Pattern(100'000)};
  for (const size_t piece : {size_t{1000}, size_t{1} << 20}) {
    const auto pair = Begin();
    for (size_t at = 0; at < bytes.size(); at += piece) {
      ASSERT_TRUE(pair->client.Send(std::string_view(bytes).substr(at, piece)));
    }
    pair->log.WaitUntilMessages(expected.size());
    EXPECT_TRUE(pair->log.all_messages() == expected);
    EXPECT_EQ(pair->client.Receive(3), "\x8A\x01p");
  }
}

TEST_F(WebSocketTransportTest, ByteByByte) {
  for (const bool messages : {true, false}) {
    transport.messages = messages;
    const auto pair = Begin();
    const std::string bytes = "!" + ClientFrame(kTextFrame, "Hello") +
                              ClientFrame(kPingFrame, "p") + ClientFrame(kFirstBinary, "wor") +
                              ClientFrame(kLast, "ld");
    for (const char byte : bytes) {
      ASSERT_TRUE(pair->client.Send({&byte, 1}));
      runner.Turn();
    }
    pair->log.WaitUntilReceived(10);
    EXPECT_EQ(pair->log.received(), "Helloworld");
  }
}

TEST_F(WebSocketTransportTest, EachSendIsAMessage) {
  const auto pair = Begin();
  ASSERT_TRUE(pair->client.Send("!" + ClientFrame(kTextFrame, "hello")));
  pair->log.WaitUntilMessages(1);
  pair->connection->Send("text", MessageKind::kText);
  pair->connection->Send("");
  pair->connection->Send(Pattern(70'000));
  pair->connection->Close(server::CloseMode::kAfterFlush, "farewell");
  EXPECT_EQ(Rest(*pair), std::vector<WireFrame>({{kTextFrame, "text"},
                                                 {kBinaryFrame, ""},
                                                 {kBinaryFrame, Pattern(70'000)},
                                                 {kBinaryFrame, "farewell"},
                                                 {kCloseFrame, CloseWith(1000)}}));
  EXPECT_EQ(pair->connection->end(), ConnectionEnd::kByUs);
}

// Section 10.4, and 7.4.1 of the status. What is announced is refused before it comes.
TEST_F(WebSocketTransportTest, LongMessagesAreRefused) {
  transport.message_bytes_max = 1000;
  const std::string longest = Pattern(1000);
  const std::string good = ClientFrame(kBinaryFrame, longest) +
                           ClientFrame(kFirstText, Pattern(500)) + ClientFrame(kLast, Pattern(500));
  for (const std::string& bad :
       {ClientHeader(kBinaryFrame, 1001) + "x", ClientHeader(kTextFrame, uint64_t{1} << 62) + "x",
        ClientFrame(kFirstBinary, longest) + ClientFrame(kLast, "x")}) {
    EXPECT_EQ(StatusOf(Refusal(good + bad)), kMessageTooBig);
    EXPECT_EQ(end, ConnectionEnd::kAgainstRules);
    EXPECT_TRUE(received == longest + Pattern(500) + Pattern(500));
  }
}

// --- a stream

// Where messages end means nothing: records of 10 bytes come out whole, whatever carries them.
TEST_F(WebSocketTransportTest, AStreamIsTheSameHoweverItIsCut) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  UseStream();
  const std::string stream = Pattern(200'000);
  for (int round = 0; round < 12; ++round) {
    window_bits = round % 2 == 0 ? 0 : kWindowBitsMax;
    late = round % 3 == 0;
    std::string bytes = "!";
    bool inside = false;
    for (size_t at = 0; at < stream.size();) {
      const size_t size =
          std::min(random() % (random() % 4 == 0 ? 20'000 : 30), stream.size() - at);
      const std::string piece = stream.substr(at, size);
      const bool ends = at + size == stream.size() || random() % 3 != 0;
      if (window_bits > 0 && !inside && ends && size >= 200) {
        bytes += Compressed(kBinaryFrame, piece);
      } else {
        bytes += ClientFrame(static_cast<uint8_t>((ends ? 0x80 : 0) | (inside ? 0 : 2)), piece);
        inside = !ends;
      }
      if (random() % 10 == 0) bytes += ClientFrame(kPongFrame, "");
      at += size;
    }
    const bool pauses = round % 4 >= 2;
    const auto pair = Begin([pauses](HandlerLog& log) {
      log.on_bytes = [pauses](Connection& connection, std::string_view some) {
        if (pauses && some.size() >= 10) {
          connection.PauseRead();
          connection.ResumeRead();
        }
        return pauses ? std::min<size_t>(some.size() / 10, 500) * 10 : some.size() / 10 * 10;
      };
    });
    const size_t cut = 1 + random() % 5000;
    for (size_t at = 0; at < bytes.size(); at += cut) {
      ASSERT_TRUE(pair->client.Send(std::string_view(bytes).substr(at, cut)));
    }
    pair->log.WaitUntilReceived(stream.size());
    ASSERT_TRUE(pair->log.received() == stream) << round;
  }
}

TEST_F(WebSocketTransportTest, MessagesOfOnePacketAreOnePiece) {
  UseStream();
  std::vector<size_t> pieces;
  const auto pair = Begin([&](HandlerLog& log) {
    log.on_bytes = [&](Connection&, std::string_view bytes) {
      pieces.push_back(bytes.size());
      return bytes.size();
    };
  });
  std::string bytes = "!";
  for (size_t i = 0; i < 100; ++i) bytes += ClientFrame(kBinaryFrame, Pattern(i, i));
  ASSERT_TRUE(pair->client.Send(bytes));
  pair->log.WaitUntilReceived(4950);
  runner.Do([&] { EXPECT_EQ(pieces, std::vector<size_t>{4950}); });
}

// What a pause leaves lying, in front of bytes that the transport has left lying.
TEST_F(WebSocketTransportTest, APauseBetweenATailAndPlainMessages) {
  UseStream();
  window_bits = kWindowBitsMax;
  const std::string all = Pattern(5000) + "0123456789";
  const auto pair = Begin([&](HandlerLog& log) {
    log.on_bytes = [&, first = true](Connection& connection, std::string_view bytes) mutable {
      if (std::exchange(first, false)) connection.PauseRead();
      return bytes.size() == all.size() ? bytes.size() : 0;
    };
  });
  ASSERT_TRUE(pair->client.Send("!" + Compressed(kBinaryFrame, Pattern(5000)) +
                                ClientFrame(kBinaryFrame, "01234") +
                                ClientFrame(kBinaryFrame, "56789")));
  runner.Turn();
  pair->connection->ResumeRead();
  pair->log.WaitUntilReceived(all.size());
  EXPECT_EQ(pair->log.received(), all);
}

// Everything lay in the connection's tail, which has no room in front for another's.
TEST_F(WebSocketTransportTest, ATailOfATail) {
  UseStream();
  window_bits = kWindowBitsMax;
  late = true;
  const std::string all = Pattern(5000) + "0123456789";
  const auto pair = Begin([&](HandlerLog& log) {
    log.on_bytes = [&](Connection&, std::string_view bytes) {
      return bytes.size() == all.size() ? bytes.size() : 0;
    };
  });
  ASSERT_TRUE(pair->client.Send("!" + Compressed(kBinaryFrame, Pattern(5000)) +
                                ClientFrame(kBinaryFrame, "0123456789")));
  pair->log.WaitUntilReceived(all.size());
  EXPECT_EQ(pair->log.received(), all);
}

TEST_F(WebSocketTransportTest, AStreamIsSealedIntoMessages) {
  UseStream();
  const auto pair = Begin();
  ASSERT_TRUE(pair->client.Send("!" + ClientFrame(kBinaryFrame, "hello")));
  pair->log.WaitUntilReceived(5);
  runner.Do([&] {
    for (int i = 0; i < 100; ++i) pair->connection->Send("0123456789");
  });
  pair->connection->Send(Pattern(200'000));
  pair->connection->Close(server::CloseMode::kAfterFlush, "farewell");
  const std::vector<WireFrame> frames = Rest(*pair);
  std::string expected;
  for (int i = 0; i < 100; ++i) expected += "0123456789";
  EXPECT_EQ(frames.front(), WireFrame({kBinaryFrame, expected})) << "one turn, one message";
  EXPECT_TRUE(DataOf(frames) == expected + Pattern(200'000) + "farewell");
  EXPECT_EQ(frames.back(), WireFrame({kCloseFrame, CloseWith(1000)}));
}

TEST_F(WebSocketTransportTest, TextIsRefusedWhereNoneIsUnderstood) {
  UseStream();
  EXPECT_EQ(StatusOf(Refusal(ClientFrame(kBinaryFrame, "bytes before it") +
                             ClientFrame(kTextFrame, "text"))),
            kUnsupportedData);
  EXPECT_EQ(received, "bytes before it");
  EXPECT_EQ(end, ConnectionEnd::kAgainstRules);
}

// --- permessage-deflate (RFC 7692)

TEST_F(WebSocketTransportTest, CompressedBothWays) {
  window_bits = kWindowBitsMax;
  const auto pair = Begin();
  const std::string payload = Compressed(kTextFrame, Pattern(3000));
  ASSERT_TRUE(pair->client.Send("!" + payload + ClientFrame(kTextFrame, "plain") + payload));
  pair->log.WaitUntilMessages(3);
  EXPECT_EQ(
      pair->log.all_messages(),
      std::vector<std::string>({"text:" + Pattern(3000), "text:plain", "text:" + Pattern(3000)}));
  pair->connection->Send(Pattern(3000), MessageKind::kText);
  pair->connection->Send("short");
  pair->connection->Send(Noise(3000));
  pair->connection->Close(server::CloseMode::kAfterFlush);
  const std::vector<WireFrame> frames = Rest(*pair);
  ASSERT_EQ(frames.size(), 4u);
  EXPECT_EQ(frames[0].first, kTextFrame | kRsv1);
  EXPECT_LT(frames[0].payload.size(), 1000u);
  EXPECT_EQ(Inflated(frames[0].payload), Pattern(3000));
  EXPECT_EQ(frames[1], WireFrame({kBinaryFrame, "short"}));
  EXPECT_EQ(frames[2], WireFrame({kBinaryFrame, Noise(3000)})) << "it would not be shorter";
}

// Section 6.1: fragments are of the compressed message.
TEST_F(WebSocketTransportTest, ACompressedMessageInFragments) {
  window_bits = kWindowBitsMax;
  for (const bool messages : {true, false}) {
    transport.messages = messages;
    Deflater deflater(kWindowBitsMax);
    const std::string payload(deflater.Deflate(Pattern(3000)));
    std::string bytes = "!";
    for (size_t at = 0; at < payload.size(); at += 50) {
      const bool ends = at + 50 >= payload.size();
      const auto first =
          static_cast<uint8_t>((at == 0 ? kFirstBinary | kRsv1 : 0) | (ends ? kLast : 0));
      bytes += ClientFrame(first, payload.substr(at, 50)) + ClientFrame(kPongFrame, "");
    }
    const auto pair = Begin();
    ASSERT_TRUE(pair->client.Send(bytes));
    pair->log.WaitUntilReceived(3000);
    EXPECT_EQ(pair->log.received(), Pattern(3000));
  }
}

// A stream that is framed by whoever sends: also by Send, and a farewell.
TEST_F(WebSocketTransportTest, AStreamWithDeflateIsFramed) {
  UseStream();
  window_bits = kWindowBitsMax;
  settings.framing = server::Framing::kLine;
  const auto pair = Begin();
  ASSERT_TRUE(pair->client.Send("!" + ClientFrame(kBinaryFrame, "hello")));
  pair->log.WaitUntilReceived(5);
  pair->connection->Send("short");
  pair->connection->Send(Pattern(3000));
  pair->connection->Close(server::CloseMode::kAfterFlush, "farewell\n");
  const std::vector<WireFrame> frames = Rest(*pair);
  ASSERT_EQ(frames.size(), 4u);
  EXPECT_EQ(frames[0], WireFrame({kBinaryFrame, "short\n"}));
  EXPECT_EQ(Inflated(frames[1].payload), Pattern(3000) + "\n");
  EXPECT_EQ(frames[2], WireFrame({kBinaryFrame, "farewell\n"}));
}

// Section 7.2.2, and RFC 6455, section 7.4.1 and 8.1.
TEST_F(WebSocketTransportTest, BadCompressedMessages) {
  window_bits = kWindowBitsMax;
  const std::string bomb(64 << 20, '\0');
  const std::string corrupt = ClientFrame(kBinaryFrame | kRsv1, "\xFF\xFF\xFF");
  const std::string no_utf8 = Compressed(kTextFrame, std::string(100, '\xC0'));
  const std::pair<std::string, uint16_t> cases[] = {
      {corrupt, kInvalidPayload},
      {no_utf8, kInvalidPayload},
      {Compressed(kBinaryFrame, std::string((1 << 20) + 1, 'x')), kMessageTooBig},
      {Compressed(kBinaryFrame, bomb), kMessageTooBig},
      {ClientHeader(kBinaryFrame | kRsv1, 2 << 20) + "x", kMessageTooBig},
  };
  for (const bool messages : {true, false}) {
    transport.messages = messages;
    for (const auto& [bytes, status] : cases) {
      EXPECT_EQ(StatusOf(Refusal(bytes)), status);
      EXPECT_EQ(end, ConnectionEnd::kAgainstRules);
      EXPECT_EQ(received, "");
    }
  }
}

// Whoever compresses everything makes what cannot be compressed a little longer.
TEST_F(WebSocketTransportTest, TheLongestMessageMayBeLongerCompressed) {
  window_bits = kWindowBitsMax;
  transport.message_bytes_max = 100'000;
  std::string stored;
  const std::string noise = Noise(100'000);
  for (size_t at = 0; at < noise.size(); at += 10'000) {
    stored += std::string("\0\x10\x27\xEF\xD8", 5) + noise.substr(at, 10'000);
  }
  const auto pair = Begin();
  ASSERT_TRUE(pair->client.Send("!" + ClientFrame(kBinaryFrame | kRsv1, stored + '\0')));
  pair->log.WaitUntilReceived(noise.size());
  EXPECT_TRUE(pair->log.received() == noise);
}

// --- mistakes, pauses, signs of life

// Section 7.1.7: the Close says why, and nothing behind the mistake is looked at.
TEST_F(WebSocketTransportTest, BreakingTheRulesEndsTheConnection) {
  const std::string good = ClientFrame(kBinaryFrame, "good");
  const std::pair<std::string, uint16_t> cases[] = {
      {tests::ServerFrame(kBinaryFrame, "not masked"), kProtocolError},
      {ClientFrame(kBinaryFrame | kRsv1, "not agreed"), kProtocolError},
      {ClientFrame(kLast, "of nothing"), kProtocolError},
      {ClientHeader(kBinaryFrame, uint64_t{1} << 63), kProtocolError},
      {ClientFrame(kTextFrame, "\xFF"), kInvalidPayload},
      {ClientFrame(kCloseFrame, "x"), kProtocolError},
      {ClientFrame(kCloseFrame, CloseWith(1005)), kProtocolError},
      {ClientFrame(kCloseFrame, CloseWith(1000, "\xFF")), kInvalidPayload},
  };
  for (const bool messages : {true, false}) {
    transport = {.messages = messages};
    for (const auto& [bytes, status] : cases) {
      const WireFrame close = Refusal(good + bytes + good);
      EXPECT_EQ(StatusOf(close), status);
      EXPECT_GT(close.payload.size(), 2u) << "for people";
      EXPECT_EQ(end, ConnectionEnd::kAgainstRules);
      EXPECT_EQ(received, "good");
    }
  }
}

TEST_F(WebSocketTransportTest, WhatThePeerDidWrongIsNamed) {
  transport.message_bytes_max = 1000;
  const std::pair<std::string, std::string> cases[] = {
      {ClientFrame(kCloseFrame, CloseWith(1000)), ""},
      {tests::ServerFrame(kBinaryFrame, "not masked"), "a client's frame is not masked"},
      {ClientFrame(kLast, "of nothing"), "a continuation of nothing"},
      {ClientFrame(kTextFrame, "\xFF"), "a text is no valid UTF-8"},
      {ClientFrame(kCloseFrame, "x"), "a Close of one byte"},
      {ClientFrame(kCloseFrame, CloseWith(1000, "\xFF")),
       "the reason of a Close is no valid UTF-8"},
      {ClientFrame(kBinaryFrame, std::string(1001, 'x')), "the message is too long"},
      {ClientFrame(kBinaryFrame | kRsv1, "\xFF\xFF\xFF"), "a compressed message is corrupt"},
      {Compressed(kBinaryFrame, std::string(1001, 'x')), "a compressed message is too long"},
      {Compressed(kTextFrame, std::string(100, '\xC0')), "a text is no valid UTF-8"},
      // The first is the one.
      {ClientFrame(kLast, "of nothing") + ClientFrame(kTextFrame, "\xFF"),
       "a continuation of nothing"},
  };
  window_bits = kWindowBitsMax;
  for (const auto& [bytes, why] : cases) {
    const WireFrame close = Refusal(bytes);
    EXPECT_EQ(mistake, why.empty() ? "" : "WebSocket: " + why);
    // The peer is told the same.
    EXPECT_EQ(close.payload.substr(2), why);
  }
}

TEST_F(WebSocketTransportTest, WhoDoesNothingWrongHasMadeNoMistake) {
  const auto pair = Begin();
  ASSERT_TRUE(pair->client.Send("!" + ClientFrame(kTextFrame, "good")));
  pair->log.WaitUntilReceived(4);
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    EXPECT_EQ(pair->connection->transport()->mistake(), "");
    EXPECT_EQ(pair->connection->transport()->security(), nullptr);
    EXPECT_EQ(pair->connection->transport()->carried(), nullptr);
  });
}

TEST_F(WebSocketTransportTest, APauseHoldsWholeMessages) {
  for (const int bits : {0, kWindowBitsMax}) {
    window_bits = bits;
    const auto pair = Begin([](HandlerLog& log) {
      log.on_bytes = [](Connection& connection, std::string_view bytes) {
        connection.PauseRead();
        return bytes.size();
      };
    });
    std::string bytes = "!";
    std::vector<std::string> expected;
    for (int i = 0; i < 20; ++i) {
      bytes += ClientFrame(kTextFrame, std::to_string(i));
      expected.push_back("text:" + std::to_string(i));
    }
    ASSERT_TRUE(pair->client.Send(bytes));
    pair->client.Close();
    for (size_t i = 1; i <= expected.size(); ++i) {
      pair->log.WaitUntilMessages(i);
      runner.Turn();
      EXPECT_EQ(pair->log.all_messages().size(), i);
      EXPECT_FALSE(pair->connection->closed()) << "the end waits as well";
      pair->connection->ResumeRead();
    }
    pair->log.WaitUntilClosed();
    EXPECT_EQ(pair->log.all_messages(), expected);
    EXPECT_EQ(pair->connection->end(), ConnectionEnd::kByPeer);
  }
}

// Section 5.5.2 and 5.5.3.
TEST_F(WebSocketTransportTest, PingsAndPongs) {
  const auto pair = Begin();
  const std::string longest(125, 'p');
  ASSERT_TRUE(
      pair->client.Send("!" + ClientFrame(kPingFrame, "") + ClientFrame(kPingFrame, longest)));
  EXPECT_EQ(ServerFrames(pair->client.Receive(2 + 127)),
            std::vector<WireFrame>({{kPongFrame, ""}, {kPongFrame, longest}}));
  bool asked = false;
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    asked = pair->connection->Probe();
  });
  EXPECT_TRUE(asked);
  EXPECT_EQ(ServerFrames(pair->client.Receive(2)), std::vector<WireFrame>({{kPingFrame, ""}}));
  EXPECT_EQ(pair->log.alives(), 0);
  ASSERT_TRUE(pair->client.Send(ClientFrame(kPongFrame, "")));
  pair->log.WaitUntilAlive();
  EXPECT_EQ(pair->log.received(), "");
}

// Section 5.5.3 and 10.4: what nobody reads is dropped, the newest last.
TEST_F(WebSocketTransportTest, AFloodOfPingsThatReadsNothing) {
  const auto pair = Begin();
  api.set_send_script([](size_t) -> ssize_t { return 0; });
  std::string bytes = "!";
  for (int i = 0; i < 100'000; ++i) bytes += ClientFrame(kPingFrame, std::to_string(100'000 + i));
  ASSERT_TRUE(pair->client.Send(bytes + ClientFrame(kBinaryFrame, "behind them")));
  pair->log.WaitUntilMessages(1);
  EXPECT_EQ(pair->connection->send_queue_bytes(), 0u);
  runner.Do([&] { api.set_send_script(nullptr); });
  pair->connection->Close(server::CloseMode::kAfterFlush);
  const std::vector<WireFrame> frames = Rest(*pair);
  ASSERT_GE(frames.size(), 2u);
  EXPECT_LE(frames.size(), kControlQueueBytesMax / 8 + 1);
  EXPECT_EQ(frames[frames.size() - 2], WireFrame({kPongFrame, "199999"}));
}

// --- ending

// Section 5.5.1: the same status comes back, behind what is queued; and what follows the Close is
// not looked at.
TEST_F(WebSocketTransportTest, TheClosingHandshake) {
  const std::string after = ClientFrame(kBinaryFrame, "late") + "no frame at all \xFF\xFF\xFF";
  for (const std::string& payload :
       {std::string(), CloseWith(1000), CloseWith(1001), CloseWith(3000), CloseWith(4999)}) {
    const auto pair = Begin([](HandlerLog& log) {
      log.on_bytes = [](Connection& connection, std::string_view bytes) {
        connection.Send("answer");
        return bytes.size();
      };
    });
    ASSERT_TRUE(pair->client.Send("!" + ClientFrame(kBinaryFrame, "question") +
                                  ClientFrame(kCloseFrame, payload) + after));
    EXPECT_EQ(Rest(*pair),
              std::vector<WireFrame>({{kBinaryFrame, "answer"}, {kCloseFrame, payload}}));
    EXPECT_EQ(pair->connection->end(), ConnectionEnd::kByPeer);
    EXPECT_EQ(pair->log.received(), "question");
    EXPECT_EQ(pair->log.ends(), 1);
    EXPECT_FALSE(pair->log.unfinished());
  }
}

TEST_F(WebSocketTransportTest, AReasonOfThePeerIsNotRepeated) {
  const auto pair = Begin();
  ASSERT_TRUE(pair->client.Send("!" + ClientFrame(kCloseFrame, CloseWith(4001, "because"))));
  EXPECT_EQ(Rest(*pair), std::vector<WireFrame>({{kCloseFrame, CloseWith(4001)}}));
}

TEST_F(WebSocketTransportTest, ACloseInsideAMessage) {
  for (const bool messages : {true, false}) {
    transport = {.messages = messages};
    const auto pair = Begin();
    ASSERT_TRUE(pair->client.Send("!" + ClientFrame(kFirstBinary, "half") +
                                  ClientFrame(kCloseFrame, CloseWith(1000))));
    EXPECT_EQ(Rest(*pair), std::vector<WireFrame>({{kCloseFrame, CloseWith(1000)}}));
    EXPECT_EQ(pair->connection->end(), ConnectionEnd::kByPeerInside);
  }
}

// The handler's end comes first, although the peer's is in the same packet.
TEST_F(WebSocketTransportTest, WhoeverEndsFirstHasEndedIt) {
  for (const bool messages : {true, false}) {
    for (const auto mode : {server::CloseMode::kAfterFlush, server::CloseMode::kNow}) {
      transport = {.messages = messages};
      const auto pair = Begin([mode](HandlerLog& log) {
        log.on_bytes = [mode](Connection& connection, std::string_view bytes) {
          connection.Close(mode);
          return bytes.size();
        };
      });
      ASSERT_TRUE(pair->client.Send("!" + ClientFrame(kBinaryFrame, "go") +
                                    ClientFrame(kCloseFrame, CloseWith(1001))));
      pair->client.ReceiveAll();
      pair->client.Close();
      pair->log.WaitUntilClosed();
      EXPECT_EQ(pair->connection->end(), ConnectionEnd::kByUs);
      EXPECT_EQ(pair->log.ends(), 0);
    }
  }
}

// A handler that does not end at once hears once of the end, although the socket's follows.
TEST_F(WebSocketTransportTest, TheEndIsToldOnce) {
  struct Patient final : ConnectionHandler {
    explicit Patient(std::unique_ptr<ConnectionHandler> behind) : next(std::move(behind)) {}
    size_t OnBytes(Connection&, std::string_view bytes) override { return bytes.size(); }
    void OnEndOfInput(Connection&, bool) override { ++ends; }
    void OnClosed(Connection& connection) override {
      connection.loop().AssertOnLoop();
      EXPECT_EQ(ends, 1);
      next->OnClosed(connection);
    }
    const std::unique_ptr<ConnectionHandler> next;
    int ends = 0;
  };
  ConnectionPair pair(runner, settings, SocketKind::kTcp, false, [this](HandlerLog& log) {
    log.in_front = [this](std::unique_ptr<ConnectionHandler> next) {
      const auto kept = std::make_shared<std::unique_ptr<ConnectionHandler>>(std::move(next));
      return std::make_unique<Beginner>(
          [this, kept](Connection& connection) {
            connection.loop().AssertOnLoop();
            connection.ChangeProtocol(std::make_unique<WebSocketTransport>(&transport, 0, 0),
                                      std::make_unique<Patient>(std::move(*kept)));
          },
          false);
    };
  });
  ASSERT_TRUE(pair.client.Send("!" + ClientFrame(kCloseFrame, "")));
  pair.client.Close();
  while (runner.loop().metrics().connections.value() > 0 && pair.connection->bytes_in_total() < 7) {
    runner.Turn();
  }
  runner.Turn();
  runner.Turn();
  pair.connection->Close(server::CloseMode::kNow);
  pair.log.WaitUntilClosed();
}

// Gone without a Close: the end of input is all that is heard of it.
TEST_F(WebSocketTransportTest, APeerThatIsGone) {
  const std::string cut[] = {ClientFrame(kBinaryFrame, "whole"),
                             ClientFrame(kBinaryFrame, "whole") + "\x82",
                             ClientFrame(kBinaryFrame, "whole") + ClientHeader(kBinaryFrame, 9),
                             ClientFrame(kBinaryFrame, "whole") + ClientFrame(kFirstBinary, "")};
  for (const std::string& bytes : cut) {
    const auto pair = Begin();
    ASSERT_TRUE(pair->client.Send("!" + bytes));
    pair->client.ShutDown();
    EXPECT_EQ(Rest(*pair), std::vector<WireFrame>({{kCloseFrame, CloseWith(1000)}}));
    EXPECT_EQ(pair->connection->end(),
              &bytes == cut ? ConnectionEnd::kByPeer : ConnectionEnd::kByPeerInside);
    EXPECT_EQ(pair->log.received(), "whole");
  }
  const auto pair = Begin();
  ASSERT_TRUE(pair->client.Send("!"));
  runner.Turn();
  pair->client.Reset();
  pair->log.WaitUntilClosed();
  EXPECT_EQ(pair->connection->end(), ConnectionEnd::kBroken);
}

// Section 7.4.2: 4000 to 4999 are for applications.
TEST_F(WebSocketTransportTest, EndCodes) {
  for (const int code : {0, 1, 999}) {
    const auto pair = Begin();
    ASSERT_TRUE(pair->client.Send("!" + ClientFrame(kBinaryFrame, "x")));
    pair->log.WaitUntilReceived(1);
    runner.Do([&] {
      runner.loop().AssertOnLoop();
      pair->connection->transport()->SetEndCode(static_cast<uint16_t>(code), "too slow");
      pair->connection->transport()->SetEndCode(7, "the first counts");
      pair->connection->Close(server::CloseMode::kAfterCurrentFrame);
    });
    EXPECT_EQ(Rest(*pair),
              std::vector<WireFrame>(
                  {{kCloseFrame, CloseWith(static_cast<uint16_t>(4000 + code), "too slow")}}));
  }
}

// Nothing is said behind the Close, and a closed connection keeps nothing of its messages.
TEST_F(WebSocketTransportTest, AfterTheEnd) {
  const auto pair = Begin();
  ASSERT_TRUE(pair->client.Send("!" + ClientFrame(kFirstBinary, Pattern(100'000)) +
                                ClientFrame(kPingFrame, "")));
  EXPECT_EQ(pair->client.Receive(2), std::string("\x8A\0", 2));
  pair->connection->Close(server::CloseMode::kAfterFlush);
  runner.Turn();
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    pair->connection->Probe();
  });
  runner.Turn();
  EXPECT_FALSE(pair->connection->closed()) << "it lingers";
  EXPECT_EQ(Rest(*pair), std::vector<WireFrame>({{kCloseFrame, CloseWith(1000)}}));
  runner.Turn();
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    EXPECT_EQ(pair->connection->transport(), nullptr);
  });
  EXPECT_EQ(pair->connection->end(), ConnectionEnd::kByUs);
}

}  // namespace
}  // namespace esockets::websocket

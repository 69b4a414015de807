#include "server/websocket/frame_decoder.h"

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "server/websocket/close_status.h"
#include "tests/support/allocations.h"
#include "tests/support/websocket_wire.h"

namespace esockets::websocket {
namespace {

using tests::ClientFrame;
using tests::ClientHeader;
using tests::kBinaryFrame;
using tests::kCloseFrame;
using tests::kFirstBinary;
using tests::kFirstText;
using tests::kLast;
using tests::kMiddle;
using tests::kPingFrame;
using tests::kPongFrame;
using tests::kTextFrame;
using Kind = FrameDecoder::Kind;
using Peer = FrameDecoder::Peer;

// What a decoder tells: "text:payload", "binary~:payload" (compressed), "9:payload" of a control
// frame, "!1002" of a mistake; "…" at the end of a message that has not ended.
struct Decoded {
  std::vector<std::string> events;
  std::string mistake;
  bool unfinished = false;
  size_t left_bytes = 0;
};

void Note(const FrameDecoder::Event& event, std::string* message, std::vector<std::string>* out) {
  if (event.kind == Kind::kControl) {
    out->push_back(std::to_string(static_cast<int>(event.opcode)) + ":" +
                   std::string(event.payload.data(), event.payload.size()));
    return;
  }
  EXPECT_EQ(event.begins, message->empty());
  if (event.begins) {
    *message = event.opcode == Opcode::kText ? "text" : "binary";
    *message += event.compressed ? "~:" : ":";
  }
  message->append(event.payload.data(), event.payload.size());
  if (event.ends) out->push_back(std::exchange(*message, std::string()));
}

// In pieces of so many bytes, each in memory of its own: what is touched outside of it is found.
Decoded Decode(std::string_view bytes, size_t piece, bool may_compress = false,
               Peer peer = Peer::kClient) {
  Decoded decoded;
  FrameDecoder decoder(peer, may_compress);
  std::string message;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const std::string_view some = bytes.substr(at, piece);
    std::vector<char> memory(some.begin(), some.end());
    std::span<char> input(memory);
    for (;;) {
      const FrameDecoder::Event event = decoder.Next(&input);
      if (event.kind == Kind::kNothing) break;
      if (event.kind == Kind::kMistake) {
        decoded.events.push_back("!" + std::to_string(event.status));
        decoded.mistake = event.mistake;
        decoded.left_bytes = bytes.size() - at - some.size() + input.size();
        return decoded;
      }
      Note(event, &message, &decoded.events);
    }
    EXPECT_TRUE(input.empty());
  }
  if (!message.empty()) decoded.events.push_back(message + "…");
  decoded.unfinished = decoder.unfinished();
  return decoded;
}

struct DecoderCase {
  std::string what;  // with the section of RFC 6455
  std::string bytes;
  std::vector<std::string> events;
  bool may_compress = false;
};

void ExpectAlways(const DecoderCase& c) {
  SCOPED_TRACE(c.what);
  for (size_t piece = 1; piece <= c.bytes.size() + 1; ++piece) {
    ASSERT_EQ(Decode(c.bytes, piece, c.may_compress).events, c.events) << "in pieces of " << piece;
  }
}

TEST(FrameDecoder, MessagesHoweverTheyAreCut) {
  const DecoderCase cases[] = {
      {"5.7: a single masked text", ClientFrame(kTextFrame, "Hello"), {"text:Hello"}},
      {"5.7: a fragmented text",
       ClientFrame(kFirstText, "Hel") + ClientFrame(kLast, "lo"),
       {"text:Hello"}},
      {"5.2: an empty message", ClientFrame(kBinaryFrame, ""), {"binary:"}},
      {"5.2: three in a row",
       ClientFrame(kBinaryFrame, "a") + ClientFrame(kBinaryFrame, "") +
           ClientFrame(kTextFrame, "b"),
       {"binary:a", "binary:", "text:b"}},
      {"5.2: a length of two bytes",
       ClientFrame(kBinaryFrame, std::string(126, 'x')),
       {"binary:" + std::string(126, 'x')}},
      {"5.4: control frames between fragments",
       ClientFrame(kFirstBinary, "a") + ClientFrame(kPingFrame, "p") + ClientFrame(kMiddle, "b") +
           ClientFrame(kPongFrame, "") + ClientFrame(kLast, "c"),
       {"9:p", "10:", "binary:abc"}},
      {"5.4: empty fragments",
       ClientFrame(kFirstText, "") + ClientFrame(kMiddle, "") + ClientFrame(kLast, ""),
       {"text:"}},
      {"5.5: the longest control frame",
       ClientFrame(kPingFrame, std::string(125, 'p')) + ClientFrame(kBinaryFrame, "a"),
       {"9:" + std::string(125, 'p'), "binary:a"}},
      {"5.5.1: Close inside a message",
       ClientFrame(kFirstBinary, "a") + ClientFrame(kCloseFrame, tests::CloseWith(1000)),
       {"8:\x03\xE8", "binary:a…"}},
      {"8.1: a character across fragments",
       ClientFrame(kFirstText, "\xE2") + ClientFrame(kMiddle, "\x82") + ClientFrame(kLast, "\xAC"),
       {"text:\u20ac"}},
      {"8.1: a binary may hold anything",
       ClientFrame(kBinaryFrame, "\xFF\xC0"),
       {"binary:\xFF\xC0"}},
      {"RFC 7692, 6.1: compressed, in fragments",
       ClientFrame(kFirstText | tests::kRsv1, "\xFF") + ClientFrame(kLast, "\xFE"),
       {"text~:\xFF\xFE"},
       true},
  };
  for (const DecoderCase& c : cases) ExpectAlways(c);
}

TEST(FrameDecoder, MistakesHoweverTheyAreCut) {
  const std::string good = ClientFrame(kBinaryFrame, "ok");
  const DecoderCase cases[] = {
      {"5.1: not masked", good + tests::ServerFrame(kBinaryFrame, "a"), {"binary:ok", "!1002"}},
      {"5.1: a ping that is not masked", tests::ServerFrame(kPingFrame, ""), {"!1002"}},
      {"5.2: RSV1 without an extension",
       good + ClientFrame(kBinaryFrame | 0x40, "a"),
       {"binary:ok", "!1002"}},
      {"5.2: RSV2", ClientFrame(kBinaryFrame | 0x20, "a"), {"!1002"}},
      {"5.2: RSV3", ClientFrame(kBinaryFrame | 0x10, "a"), {"!1002"}},
      {"5.2: a reserved opcode", ClientFrame(0x83, "a"), {"!1002"}},
      {"5.2: a reserved control opcode", ClientFrame(0x8B, ""), {"!1002"}},
      {"5.2: a length in two bytes",
       ClientFrame(kBinaryFrame, "a", tests::kSomeMask, 2),
       {"!1002"}},
      {"5.2: a length in eight", ClientFrame(kBinaryFrame, "a", tests::kSomeMask, 8), {"!1002"}},
      {"5.2: 2^63", ClientHeader(kBinaryFrame, uint64_t{1} << 63), {"!1002"}},
      {"5.4: a continuation of nothing", ClientFrame(kLast, "a"), {"!1002"}},
      {"5.4: a continuation after the end",
       good + ClientFrame(kMiddle, "a"),
       {"binary:ok", "!1002"}},
      {"5.4: a message inside another",
       ClientFrame(kFirstBinary, "a") + ClientFrame(kBinaryFrame, "b"),
       {"!1002"}},
      {"5.5: a fragmented control frame", ClientFrame(0x09, ""), {"!1002"}},
      {"5.5: a long control frame", ClientFrame(kPingFrame, std::string(126, 'p')), {"!1002"}},
      {"RFC 7692, 6.1: RSV1 on a continuation",
       ClientFrame(kFirstText | 0x40, "a") + ClientFrame(kLast | 0x40, "b"),
       {"!1002"},
       true},
      {"RFC 7692, 6: RSV1 on a control frame", ClientFrame(kPingFrame | 0x40, ""), {"!1002"}, true},
      {"8.1: invalid UTF-8", ClientFrame(kTextFrame, "a\xC0\xAF"), {"!1007"}},
      {"8.1: a text that ends inside a character",
       good + ClientFrame(kTextFrame, "\xE2\x82"),
       {"binary:ok", "!1007"}},
      {"8.1: ... in an empty last fragment",
       ClientFrame(kFirstText, "\xE2\x82") + ClientFrame(kLast, ""),
       {"!1007"}},
      {"8.1: a character that goes wrong in the next fragment",
       ClientFrame(kFirstText, "\xE2\x82") + ClientFrame(kMiddle, "(more"),
       {"!1007"}},
  };
  for (const DecoderCase& c : cases) {
    ExpectAlways(c);
    EXPECT_NE(Decode(c.bytes, c.bytes.size(), c.may_compress).mistake, "") << c.what;
  }
}

// Section 8.1: a mistake in a text is told with the byte that makes it, not at the message's end.
TEST(FrameDecoder, InvalidTextFailsFast) {
  const std::string bytes = ClientHeader(kFirstText, uint64_t{1} << 40).substr(0, 10) +
                            std::string(4, '\0') + "good \xF4\x90" + "never looked at";
  const Decoded decoded = Decode(bytes, 1);
  EXPECT_EQ(decoded.events, std::vector<std::string>{"!1007"});
  EXPECT_EQ(decoded.left_bytes, std::string_view("never looked at").size());
}

// A text begins anew: what the last one has left does not spoil the next.
TEST(FrameDecoder, MessagesDoNotKnowOfEachOther) {
  FrameDecoder decoder(Peer::kClient, true);
  std::string bytes = ClientFrame(kTextFrame | tests::kRsv1, "\xE2\x82") +
                      ClientFrame(kTextFrame, "a") + ClientFrame(kFirstBinary, "\xE2") +
                      ClientFrame(kLast, "") + ClientFrame(kTextFrame, "b");
  std::span<char> input(bytes);
  int messages = 0;
  for (;;) {
    const FrameDecoder::Event event = decoder.Next(&input);
    if (event.kind == Kind::kNothing) break;
    ASSERT_EQ(event.kind, Kind::kData) << event.mistake;
    messages += event.ends ? 1 : 0;
  }
  EXPECT_EQ(messages, 4);
}

// Section 5.1, the other way round.
TEST(FrameDecoder, OfAServer) {
  const std::string frames = tests::ServerFrame(kTextFrame, "Hello") +
                             tests::ServerFrame(kPingFrame, "Hello") +
                             tests::ServerFrame(kBinaryFrame, std::string(300, '\xFF'));
  const std::vector<std::string> expected = {"text:Hello", "9:Hello",
                                             "binary:" + std::string(300, '\xFF')};
  for (const size_t piece : {size_t{1}, size_t{7}, frames.size()}) {
    EXPECT_EQ(Decode(frames, piece, false, Peer::kServer).events, expected);
  }
  EXPECT_EQ(Decode(ClientFrame(kTextFrame, "a"), 1, false, Peer::kServer).events,
            std::vector<std::string>{"!1002"});
}

TEST(FrameDecoder, WhatIsUnfinished) {
  const std::string message =
      ClientFrame(kFirstBinary, "a") + ClientFrame(kPingFrame, "ping") + ClientFrame(kLast, "b");
  for (size_t n = 1; n < message.size(); ++n) {
    EXPECT_TRUE(Decode(message.substr(0, n), 3).unfinished) << n;
  }
  EXPECT_FALSE(Decode(message, 3).unfinished);
  EXPECT_TRUE(Decode(message + message.substr(0, 1), 3).unfinished);
}

// As far as its frames have announced it, however long that is.
TEST(FrameDecoder, TheLengthOfAMessage) {
  FrameDecoder decoder(Peer::kClient, false);
  const auto next = [&](std::string bytes) {
    std::span<char> input(bytes);
    return decoder.Next(&input).kind;
  };
  EXPECT_EQ(decoder.message_bytes(), 0u);
  EXPECT_EQ(next(ClientFrame(kFirstBinary, "abc")), Kind::kData);
  EXPECT_EQ(decoder.message_bytes(), 3u);
  EXPECT_EQ(next(ClientFrame(kMiddle, "")), Kind::kData);
  EXPECT_EQ(next(ClientHeader(kLast, (uint64_t{1} << 63) - 1)), Kind::kNothing);
  EXPECT_EQ(decoder.message_bytes(), (uint64_t{1} << 63) + 2);
  EXPECT_TRUE(decoder.in_message());
}

// RFC 6455, section 10.4: a peer that fragments without end costs no memory here.
TEST(FrameDecoder, AMillionFragmentsOfOneByteAllocateNothing) {
  std::string some;
  for (int i = 0; i < 1000; ++i) some += ClientFrame(kMiddle, "x");
  FrameDecoder decoder(Peer::kClient, false);
  std::string first = ClientFrame(kFirstText, "x");
  std::span<char> input(first);
  ASSERT_EQ(decoder.Next(&input).kind, Kind::kData);
  std::string bytes = some;
  uint64_t fragments = 0;
  const uint64_t before = tests::AllocationsOfThisThread();
  for (int round = 0; round < 1000; ++round) {
    some.copy(bytes.data(), some.size());
    input = bytes;
    while (decoder.Next(&input).kind == Kind::kData) ++fragments;
  }
  EXPECT_EQ(tests::AllocationsOfThisThread() - before, 0u);
  EXPECT_EQ(fragments, 1'000'000u);
  EXPECT_EQ(decoder.message_bytes(), 1'000'001u);
}

// Section 5.3: each byte with its byte of the mask, for all lengths and wherever the cut is.
TEST(FrameDecoder, MasksOfAllLengthsAndCuts) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (size_t size = 0; size < 70; ++size) {
    std::string payload(size, '\0');
    for (char& byte : payload) byte = static_cast<char>(random());
    tests::MaskBytes mask;
    for (uint8_t& byte : mask) byte = static_cast<uint8_t>(random());
    const std::string bytes = ClientFrame(kBinaryFrame, payload, mask);
    for (size_t piece = 1; piece <= bytes.size(); ++piece) {
      ASSERT_EQ(Decode(bytes, piece).events, std::vector<std::string>{"binary:" + payload});
    }
  }
}

}  // namespace
}  // namespace esockets::websocket

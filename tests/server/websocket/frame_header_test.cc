#include "server/websocket/frame_header.h"

#include <cstring>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "server/websocket/limits.h"
#include "tests/support/websocket_wire.h"

namespace esockets::websocket {
namespace {

using tests::ClientHeader;
using tests::ServerFrame;

struct Reading {
  HeaderResult result;
  FrameHeader header{};
  size_t consumed = 0;
  std::string_view mistake{};
};

Reading Read(std::string_view bytes, bool may_compress = false) {
  Reading reading{.result = HeaderResult::kIncomplete};
  reading.result =
      ReadHeader(bytes, may_compress, &reading.header, &reading.consumed, &reading.mistake);
  return reading;
}

// RFC 6455, section 5.2: all first bytes, with every meaning of RSV1 (RFC 7692, section 6).
TEST(FrameHeader, EveryFirstByte) {
  for (int first = 0; first < 256; ++first) {
    for (const bool may_compress : {false, true}) {
      const int opcode = first & 0x0F;
      const bool fin = (first & 0x80) != 0, rsv1 = (first & 0x40) != 0;
      const bool control = opcode >= 8;
      const bool known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
      const bool valid = known && (first & 0x30) == 0 && (!control || fin) &&
                         (!rsv1 || (may_compress && (opcode == 1 || opcode == 2)));
      const Reading reading = Read(ClientHeader(static_cast<uint8_t>(first), 5), may_compress);
      ASSERT_EQ(reading.result, valid ? HeaderResult::kHeader : HeaderResult::kMistake) << first;
      ASSERT_EQ(reading.mistake.empty(), valid);
      if (!valid) continue;
      EXPECT_EQ(reading.header.fin, fin);
      EXPECT_EQ(reading.header.compressed, rsv1);
      EXPECT_EQ(static_cast<int>(reading.header.opcode), opcode);
      EXPECT_EQ(IsControl(reading.header.opcode), control);
      EXPECT_TRUE(reading.header.masked);
      EXPECT_EQ(std::memcmp(&reading.header.mask, "mask", 4), 0);
      EXPECT_EQ(reading.header.payload_bytes, 5u);
      EXPECT_EQ(reading.consumed, 6u);
    }
  }
}

// Section 5.2: the minimal number of bytes, and the most significant bit is 0.
TEST(FrameHeader, Lengths) {
  const struct {
    uint64_t size;
    int length_bytes;
    bool valid;
  } cases[] = {
      {0, 0, true},
      {125, 0, true},
      {0, 2, false},
      {125, 2, false},
      {126, 2, true},
      {0xFFFF, 2, true},
      {0, 8, false},
      {125, 8, false},
      {126, 8, false},
      {0xFFFF, 8, false},
      {0x10000, 8, true},
      {uint64_t{1} << 32, 8, true},
      {(uint64_t{1} << 63) - 1, 8, true},
      {uint64_t{1} << 63, 8, false},
      {~uint64_t{0}, 8, false},
  };
  for (const auto& c : cases) {
    const std::string bytes = ClientHeader(tests::kBinaryFrame, c.size, c.length_bytes);
    const Reading reading = Read(bytes + "payload");
    EXPECT_EQ(reading.result == HeaderResult::kHeader, c.valid) << c.size << " " << c.length_bytes;
    EXPECT_EQ(reading.mistake.empty(), c.valid);
    if (!c.valid) continue;
    EXPECT_EQ(reading.header.payload_bytes, c.size);
    EXPECT_EQ(reading.consumed, bytes.size());
  }
}

TEST(FrameHeader, UnfinishedOnesAreNoMistake) {
  for (const uint64_t size : {uint64_t{5}, uint64_t{300}, uint64_t{70'000}}) {
    const std::string bytes = ClientHeader(tests::kTextFrame, size);
    for (size_t n = 0; n < bytes.size(); ++n) {
      const Reading reading = Read(std::string_view(bytes).substr(0, n));
      EXPECT_EQ(reading.result, HeaderResult::kIncomplete) << n;
      EXPECT_TRUE(reading.mistake.empty());
    }
  }
}

// Section 5.5: what is wrong with a control frame is known with its first two bytes.
TEST(FrameHeader, ControlFramesAreShortAndWhole) {
  for (const int opcode : {0x8, 0x9, 0xA}) {
    const auto whole = static_cast<uint8_t>(0x80 | opcode);
    EXPECT_EQ(Read(ClientHeader(whole, 125)).result, HeaderResult::kHeader);
    EXPECT_EQ(Read(ClientHeader(whole, 126).substr(0, 2)).result, HeaderResult::kMistake);
    EXPECT_EQ(Read(ClientHeader(whole, 70'000).substr(0, 2)).result, HeaderResult::kMistake);
    const auto first = static_cast<uint8_t>(opcode);
    EXPECT_EQ(Read(ClientHeader(first, 1).substr(0, 2)).result, HeaderResult::kMistake);
  }
}

TEST(FrameHeader, WhatIsWrittenIsWhatTheRfcSays) {
  for (const uint64_t size : {0u, 1u, 125u, 126u, 127u, 0xFFFFu, 0x10000u, 0x1000000u}) {
    for (const bool compressed : {false, true}) {
      char out[kServerHeaderBytesMax];
      const size_t written = WriteHeader(Opcode::kText, compressed, size, out);
      EXPECT_EQ(written, HeaderBytes(size));
      const auto first = static_cast<uint8_t>(tests::kTextFrame | (compressed ? tests::kRsv1 : 0));
      EXPECT_EQ(std::string(out, written),
                ServerFrame(first, std::string(size, 'x')).substr(0, written));
    }
  }
  char out[kServerHeaderBytesMax];
  const size_t written = WriteHeader(Opcode::kBinary, false, 0x0123456789ABCDEF, out);
  EXPECT_EQ(std::string(out, written), "\x82\x7F\x01\x23\x45\x67\x89\xAB\xCD\xEF");
}

TEST(FrameHeader, ControlFrames) {
  EXPECT_EQ(ControlFrame(Opcode::kPing, ""), std::string("\x89\0", 2));
  EXPECT_EQ(ControlFrame(Opcode::kPong, "Hello"), "\x8A\x05Hello");
  const std::string longest(kControlPayloadBytesMax, 'x');
  EXPECT_EQ(ControlFrame(Opcode::kClose, longest), "\x88\x7D" + longest);
}

}  // namespace
}  // namespace esockets::websocket

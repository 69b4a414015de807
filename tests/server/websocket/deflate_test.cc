#include "server/websocket/deflate.h"

#include <zlib.h>

#include <random>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "server/limits.h"
#include "server/websocket/limits.h"
#include "tests/support/allocations.h"

namespace esockets::websocket {
namespace {

using namespace std::string_view_literals;
using Result = Inflater::Result;

constexpr size_t kMax = 1 << 20;

std::string Pattern(size_t bytes) {
  std::string pattern(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) pattern[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return pattern;
}

std::string Noise(size_t bytes) {
  std::mt19937 random(17);
  std::string noise(bytes, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  return noise;
}

// zlib alone, with what the test wants of it; without the 4 bytes that a flush ends with.
std::string Compress(std::string_view message, int level, int flush, int strategy) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, -15, 9, strategy), Z_OK);
  std::string out(message.size() * 2 + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(message.data()));
  stream.avail_in = static_cast<uInt>(message.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, flush);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (flush == Z_SYNC_FLUSH) out.resize(out.size() - 4);
  return out;
}

std::string Compress(std::string_view message) {
  return Compress(message, 6, Z_SYNC_FLUSH, Z_DEFAULT_STRATEGY);
}

struct Inflated {
  Result result;
  std::string message;
};

Inflated Inflate(Inflater& inflater, std::string_view payload, size_t bytes_max = kMax) {
  std::span<char> message;
  Inflated inflated{inflater.Inflate(payload, bytes_max, &message), {}};
  if (inflated.result == Result::kMessage) inflated.message.assign(message.data(), message.size());
  inflater.Release();
  return inflated;
}

Inflated Inflate(std::string_view payload, size_t bytes_max = kMax) {
  Inflater inflater;
  return Inflate(inflater, payload, bytes_max);
}

// RFC 7692, section 7.2.3: the examples.
TEST(Deflate, TheExamplesOfTheRfc) {
  const struct {
    std::string_view section;
    std::string_view payload;
    std::string_view message;
  } cases[] = {
      {"7.2.3.1", "\xf2\x48\xcd\xc9\xc9\x07\x00"sv, "Hello"},
      {"7.2.3.3, no compression", "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"sv, "Hello"},
      {"7.2.3.4, a block that says it is the last", "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"sv, "Hello"},
      {"7.2.3.5, two blocks", "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"sv, "Hello"},
      {"7.2.3.6, an empty message", "\x00"sv, ""},
  };
  for (const auto& c : cases) {
    const Inflated inflated = Inflate(c.payload);
    EXPECT_EQ(inflated.result, Result::kMessage) << c.section;
    EXPECT_EQ(inflated.message, c.message) << c.section;
  }
}

TEST(Deflate, ThereAndBack) {
  for (int bits = kWindowBitsMin; bits <= kWindowBitsMax; ++bits) {
    Deflater deflater(bits);
    Inflater inflater;
    for (const size_t size : {64u, 100u, 1000u, 65'535u, 65'536u, 300'000u}) {
      const std::string message = Pattern(size);
      const std::string_view payload = deflater.Deflate(message);
      ASSERT_FALSE(payload.empty()) << size;
      EXPECT_LT(payload.size(), message.size());
      const Inflated inflated = Inflate(inflater, payload);
      EXPECT_EQ(inflated.result, Result::kMessage);
      EXPECT_TRUE(inflated.message == message) << size << " bytes, window " << bits;
    }
  }
}

// Section 7.1.1: each message by itself, so that its bytes are the same whatever came before.
TEST(Deflate, NoContextIsTakenOver) {
  Deflater& deflater = Deflater::OfThisThread(kWindowBitsMax);
  const std::string alone(deflater.Deflate(Pattern(500)));
  deflater.Deflate(Noise(10'000));
  deflater.Deflate(Pattern(70'000));
  EXPECT_EQ(deflater.Deflate(Pattern(500)), alone);
  EXPECT_EQ(Inflate(alone).message, Pattern(500));
}

// Section 7.1.2.1: no distance reaches farther than the agreed window.
TEST(Deflate, AWindowIsKept) {
  const std::string noise = Noise(1000);
  const std::string message = noise + noise;
  Deflater narrow(kWindowBitsMin);
  Deflater wide(kWindowBitsMax);
  EXPECT_LT(wide.Deflate(message).size(), 1100u);
  EXPECT_TRUE(narrow.Deflate(message).empty()) << "512 bytes see no repetition";
}

TEST(Deflate, WhatWouldNotBeShorterIsLeftAlone) {
  Deflater deflater(kWindowBitsMax);
  EXPECT_TRUE(deflater.Deflate("").empty());
  EXPECT_TRUE(deflater.Deflate(std::string(kDeflateBytesMin - 1, 'x')).empty());
  EXPECT_FALSE(deflater.Deflate(std::string(kDeflateBytesMin, 'x')).empty());
  for (const size_t size : {64u, 1000u, 100'000u}) {
    EXPECT_TRUE(deflater.Deflate(Noise(size)).empty()) << size;
  }
}

TEST(Deflate, AllWaysInWhichOthersCompress) {
  for (const size_t size : {0u, 1u, 100u, 70'000u}) {
    const std::string message = Pattern(size);
    for (const int level : {0, 1, 6, 9}) {
      for (const int strategy : {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED}) {
        const std::string payload = Compress(message, level, Z_SYNC_FLUSH, strategy);
        EXPECT_TRUE(Inflate(payload).message == message);
        // A last block, with the empty one that the RFC asks for, and without.
        const std::string last = Compress(message, level, Z_FINISH, strategy);
        EXPECT_TRUE(Inflate(last + '\0').message == message);
        EXPECT_TRUE(Inflate(last).message == message);
        // More than one of them.
        EXPECT_TRUE(Inflate(last + payload).message == message + message);
      }
    }
  }
  EXPECT_EQ(Inflate("").result, Result::kMessage) << "harmless, and sent by some";
}

// Section 7.2.2: what is cut short, or does not end as a flush does, is no message.
TEST(Deflate, CorruptOnes) {
  const std::string_view cases[] = {
      "\x06"sv,                           // block type 3
      "\xff\xff\xff\xff"sv,               //
      "\x00\x05\x00\xfa\xfeHello\x00"sv,  // the length of a stored block against its complement
      "\x62\x00\x02\x03"sv,               // a distance beyond the beginning
      "\x00\x05\x00\xfa\xffHel"sv,        // a stored block that is cut short
  };
  for (const std::string_view payload : cases) {
    EXPECT_EQ(Inflate(payload).result, Result::kCorrupt) << testing::PrintToString(payload);
  }
}

TEST(Deflate, NoBeginningIsAMessage) {
  const std::string message = Pattern(300);
  for (const int strategy : {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_FIXED}) {
    const std::string payload = Compress(message, 6, Z_SYNC_FLUSH, strategy);
    for (size_t n = 1; n < payload.size(); ++n) {
      EXPECT_EQ(Inflate(payload.substr(0, n)).result, Result::kCorrupt)
          << n << " of " << payload.size();
    }
  }
  const std::string stored = Compress(message, 0, Z_SYNC_FLUSH, Z_DEFAULT_STRATEGY);
  for (size_t n = 2; n < stored.size(); ++n) {  // the first byte alone is an empty message
    EXPECT_EQ(Inflate(stored.substr(0, n)).result, Result::kCorrupt) << n;
  }
}

// One that was refused leaves nothing behind.
TEST(Deflate, TheNextMessageIsReadAsEver) {
  Inflater& inflater = Inflater::OfThisThread();
  const std::string good = Compress(Pattern(500));
  for (const std::string& bad :
       {std::string("\xff\xff"), good.substr(0, 20), Compress(std::string(100'000, '\0'))}) {
    EXPECT_NE(Inflate(inflater, bad, 10'000).result, Result::kMessage);
    EXPECT_EQ(Inflate(inflater, good).message, Pattern(500));
  }
}

TEST(Deflate, TheLimitIsExact) {
  for (const size_t size : {1u, 1000u, 65'535u, 65'536u, 65'537u, 200'000u}) {
    const std::string payload = Compress(Pattern(size));
    EXPECT_EQ(Inflate(payload, size).result, Result::kMessage) << size;
    EXPECT_EQ(Inflate(payload, size - 1).result, Result::kTooLong) << size;
  }
  EXPECT_TRUE(Inflate(Compress(Pattern(200'000)), SIZE_MAX).message == Pattern(200'000));
  EXPECT_EQ(Inflate("\x00"sv, 0).result, Result::kMessage);
  EXPECT_EQ(Inflate(Compress("a"), 0).result, Result::kTooLong);
}

// 64 KiB of zeros, and 64 MiB: what is taken is little more than the limit.
TEST(Deflate, BombsAreStoppedAtTheLimit) {
  for (const size_t size : {size_t{64} << 10, size_t{1} << 20, size_t{64} << 20}) {
    std::string payload = Compress(std::string(size, '\0'));
    constexpr size_t kLimit = 10'000;
    Inflater inflater;
    std::span<char> message;
    const uint64_t before = tests::AllocationsOfThisThread();
    EXPECT_EQ(inflater.Inflate(payload, kLimit, &message), Result::kTooLong);
    EXPECT_LE(tests::AllocationsOfThisThread() - before, 1u) << "room for the limit, once";
    EXPECT_TRUE(message.empty());
  }
}

// An idle loop keeps no more than the buffers for short messages.
TEST(Deflate, ALongMessageLeavesNothing) {
  const std::string message = Pattern(4 << 20);
  const int64_t before = tests::LiveBytes();
  Deflater deflater(kWindowBitsMax);
  Inflater inflater;
  {
    const std::string payload(deflater.Deflate(message));
    EXPECT_TRUE(Inflate(inflater, payload, message.size()).message == message);
    EXPECT_EQ(Inflate(inflater, payload, message.size() - 1).result, Result::kTooLong);
  }
  deflater.Deflate(Pattern(100));
  EXPECT_LT(tests::LiveBytes() - before, int64_t{256} << 10);
}

// What the transport needs: room in front, to be written over.
TEST(Deflate, ThereIsRoomInFront) {
  Inflater inflater;
  for (const size_t size : {10u, 500'000u}) {
    std::span<char> message;
    ASSERT_EQ(inflater.Inflate(Compress(Pattern(size)), kMax, &message), Result::kMessage);
    std::fill_n(message.data() - server::kTailInScratchBytesMax, server::kTailInScratchBytesMax,
                'x');
    EXPECT_TRUE(std::string(message.data(), message.size()) == Pattern(size));
    inflater.Release();
  }
}

}  // namespace
}  // namespace esockets::websocket

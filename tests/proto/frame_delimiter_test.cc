#include "proto/frame_delimiter.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "proto/varint.h"

namespace esockets::proto {
namespace {

using namespace std::string_view_literals;

constexpr uint32_t kMiB = 1 << 20;

struct Case {
  const char* name;
  std::string_view bytes;
  CutResult result;
  std::string_view frame = {};
  size_t consumed_or_needed = 0;
  uint32_t frame_bytes_max = kMiB;
};

const Case kCases[] = {
    {"nothing", ""sv, CutResult::kIncomplete, {}, 1},
    {"one byte", "\x01x"sv, CutResult::kFrame, "x"sv, 2},
    {"more follows", "\x01xyz"sv, CutResult::kFrame, "x"sv, 2},
    {"body missing", "\x03"sv, CutResult::kIncomplete, {}, 4},
    {"body short", "\x03xy"sv, CutResult::kIncomplete, {}, 4},
    {"prefix short", "\x80"sv, CutResult::kIncomplete, {}, 2},
    {"two bytes of prefix", "\x80\x01"sv, CutResult::kIncomplete, {}, 130},
    {"longer prefix than necessary", "\x81\x80\x80\x80\x00x"sv, CutResult::kFrame, "x"sv, 6},
    {"zero", "\x00"sv, CutResult::kMalformed},
    {"long zero", "\x80\x80\x00"sv, CutResult::kMalformed},
    {"never ends", "\x80\x80\x80\x80\x80"sv, CutResult::kMalformed},
    {"never ends, all ones", "\xFF\xFF\xFF\xFF\xFF\xFF"sv, CutResult::kTooLong},
    {"at the limit", "\x80\x80\x40"sv, CutResult::kIncomplete, {}, kMiB + 3},
    {"above the limit", "\x81\x80\x40"sv, CutResult::kTooLong},
    {"2^31", "\x80\x80\x80\x80\x08"sv, CutResult::kTooLong},
    {"2^32", "\x80\x80\x80\x80\x10"sv, CutResult::kTooLong},
    {"2^32 and the largest limit",
     "\x80\x80\x80\x80\x10"sv,
     CutResult::kTooLong,
     {},
     0,
     UINT32_MAX},
    {"2^32 - 1 and the largest limit",
     "\xFF\xFF\xFF\xFF\x0F"sv,
     CutResult::kIncomplete,
     {},
     size_t{UINT32_MAX} + 5,
     UINT32_MAX},
    {"above the limit before it ends", "\xFF\xFF"sv, CutResult::kTooLong, {}, 0, 1000},
};

TEST(CutFrame, Table) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string_view frame;
    size_t consumed = 0, needed = 0;
    EXPECT_EQ(CutFrame(c.bytes, c.frame_bytes_max, &frame, &consumed, &needed), c.result);
    EXPECT_EQ(frame, c.frame);
    EXPECT_EQ(c.result == CutResult::kFrame ? consumed : needed, c.consumed_or_needed);
  }
}

TEST(CutFrame, EveryPrefixOfAFrameIsIncompleteAndNeverAsksForTooMuch) {
  std::string stream(2, '\0');
  stream.resize(static_cast<size_t>(PutVarint(300, stream.data()) - stream.data()));
  stream.append(300, 'x');
  for (size_t size = 0; size < stream.size(); ++size) {
    std::string_view frame;
    size_t consumed = 0, needed = 0;
    ASSERT_EQ(CutFrame(std::string_view(stream).substr(0, size), kMiB, &frame, &consumed, &needed),
              CutResult::kIncomplete);
    EXPECT_GT(needed, size);
    EXPECT_LE(needed, stream.size());
  }
}

TEST(CutFrame, CutsAStreamInPlace) {
  const std::string_view stream = "\x02to\x02kn\x01!"sv;
  std::string_view rest = stream, frame;
  std::string words;
  size_t consumed = 0, needed = 0;
  while (CutFrame(rest, kMiB, &frame, &consumed, &needed) == CutResult::kFrame) {
    EXPECT_GE(frame.data(), stream.data());
    EXPECT_LE(frame.data() + frame.size(), stream.data() + stream.size());
    words += frame;
    rest.remove_prefix(consumed);
  }
  EXPECT_EQ(words, "tokn!");
  EXPECT_TRUE(rest.empty());
}

}  // namespace
}  // namespace esockets::proto

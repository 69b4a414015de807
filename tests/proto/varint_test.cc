#include "proto/varint.h"

#include <cstdint>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::proto {
namespace {

using namespace std::string_view_literals;

TEST(Varint, EveryLengthComesBack) {
  for (int bits = 0; bits <= 64; ++bits) {
    const uint64_t value = bits == 0 ? 0 : ~uint64_t{0} >> (64 - bits);
    char buffer[kVarint64BytesMax];
    const char* end = PutVarint(value, buffer);
    EXPECT_EQ(static_cast<size_t>(end - buffer), VarintSize(value)) << bits;
    const char* pos = buffer;
    uint64_t read = ~value;
    ASSERT_EQ(ReadVarint(&pos, end, &read), VarintResult::kOk) << bits;
    EXPECT_EQ(read, value);
    EXPECT_EQ(pos, end);
    pos = buffer;
    EXPECT_EQ(ReadVarint(&pos, end - 1, &read), VarintResult::kTruncated) << bits;
    EXPECT_EQ(pos, buffer);
  }
}

struct Case {
  const char* name;
  std::string_view bytes;
  VarintResult result;
  uint64_t value = 0;
};

const Case kCases[] = {
    {"zero", "\x00"sv, VarintResult::kOk, 0},
    {"zero in two bytes", "\x80\x00"sv, VarintResult::kOk, 0},
    {"one in ten bytes", "\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00"sv, VarintResult::kOk, 1},
    {"64 bits", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"sv, VarintResult::kOk, UINT64_MAX},
    {"65 bits", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"sv, VarintResult::kMalformed},
    {"eleven bytes", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"sv, VarintResult::kMalformed},
    {"nothing", ""sv, VarintResult::kTruncated},
};

TEST(Varint, Table) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const char* pos = c.bytes.data();
    uint64_t value = 0;
    EXPECT_EQ(ReadVarint(&pos, c.bytes.data() + c.bytes.size(), &value), c.result);
    EXPECT_EQ(value, c.value);
  }
}

}  // namespace
}  // namespace esockets::proto

#include "server/tls/record_cutter.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::tls {
namespace {

constexpr size_t kBufferBytes = 8;

// Pieces in memory of their own each.
class Pieces {
 public:
  explicit Pieces(const std::vector<size_t>& sizes) {
    for (const size_t size : sizes) {
      std::vector<char>& piece = memory_.emplace_back(size);
      for (char& byte : piece) byte = static_cast<char>('a' + all_.size() % 26), all_ += byte;
    }
    for (std::vector<char>& piece : memory_) spans_.push_back({piece.data(), piece.size()});
  }

  const std::string& all() const { return all_; }
  std::span<const iovec> spans() const { return spans_; }
  // Do they lie in a piece, and not in the buffer?
  bool Hold(std::string_view record) const {
    return std::any_of(memory_.begin(), memory_.end(), [&](const std::vector<char>& piece) {
      return !piece.empty() && record.data() >= piece.data() &&
             record.data() + record.size() <= piece.data() + piece.size();
    });
  }

 private:
  std::vector<std::vector<char>> memory_;
  std::string all_;
  std::vector<iovec> spans_;
};

std::vector<std::string> Cut(const Pieces& pieces, size_t buffer_bytes = kBufferBytes) {
  std::vector<char> buffer(buffer_bytes);
  RecordCutter cutter(pieces.spans(), buffer);
  std::vector<std::string> records;
  while (!cutter.done()) records.emplace_back(cutter.Next());
  return records;
}

// Nothing is lost or changed, and no record could have been longer.
void ExpectFullRecords(const Pieces& pieces, const std::vector<std::string>& records,
                       size_t buffer_bytes = kBufferBytes) {
  std::string all;
  for (size_t i = 0; i < records.size(); ++i) {
    all += records[i];
    const size_t left = pieces.all().size() - i * buffer_bytes;
    EXPECT_EQ(records[i].size(), std::min(left, buffer_bytes)) << "record " << i;
  }
  EXPECT_EQ(all, pieces.all());
}

TEST(RecordCutter, NothingIsNoRecord) {
  for (const std::vector<size_t>& sizes :
       {std::vector<size_t>{}, std::vector<size_t>{0}, std::vector<size_t>{0, 0, 0}}) {
    EXPECT_TRUE(Cut(Pieces(sizes)).empty()) << sizes.size();
  }
}

TEST(RecordCutter, AllSizesAroundTheBuffer) {
  const size_t most = 2 * kBufferBytes + 1;
  for (size_t first = 0; first <= most; ++first) {
    for (size_t second = 0; second <= most; ++second) {
      for (size_t third = 0; third <= most; ++third) {
        SCOPED_TRACE(testing::Message() << first << "+" << second << "+" << third);
        const Pieces pieces({first, second, third});
        ExpectFullRecords(pieces, Cut(pieces));
      }
    }
  }
}

TEST(RecordCutter, ManySmallOnesAreOneRecord) {
  EXPECT_EQ(Cut(Pieces({1, 2, 0, 3, 1})), (std::vector<std::string>{"abcdefg"}));
  EXPECT_EQ(Cut(Pieces({1, 2, 0, 3, 1, 2})), (std::vector<std::string>{"abcdefgh", "i"}));
}

TEST(RecordCutter, WhatIsLargeIsNotCopied) {
  struct Case {
    std::vector<size_t> sizes;
    std::vector<bool> in_place;  // of each record
  };
  const std::vector<Case> cases = {
      {{8}, {true}},
      {{20}, {true, true, true}},  // the last piece, however small its rest
      {{3}, {true}},               // nothing to put it together with
      {{20, 20}, {true, true, false, true, true}},
      {{3, 20}, {false, true, true}},  // only as much as fills the record
      {{16, 3, 3}, {true, true, false}},
      {{0, 8, 0}, {true}},
  };
  for (const auto& [sizes, in_place] : cases) {
    const Pieces pieces(sizes);
    std::vector<char> buffer(kBufferBytes);
    RecordCutter cutter(pieces.spans(), buffer);
    std::vector<bool> found;
    while (!cutter.done()) {
      const std::string_view record = cutter.Next();
      found.push_back(pieces.Hold(record));
      EXPECT_TRUE(found.back() || record.data() == buffer.data());
    }
    EXPECT_EQ(found, in_place) << pieces.all();
  }
}

TEST(RecordCutter, RandomPieces) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    const size_t buffer_bytes = 1 + random() % 40;
    std::vector<size_t> sizes(random() % 30);
    for (size_t& size : sizes) size = random() % 4 == 0 ? random() % 100 : random() % 8;
    const Pieces pieces(sizes);
    ExpectFullRecords(pieces, Cut(pieces, buffer_bytes), buffer_bytes);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace esockets::tls

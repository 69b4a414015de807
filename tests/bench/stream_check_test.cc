#include "bench/load/stream_check.h"

#include <cstdint>
#include <string>
#include <vector>

#include "bench/load/payload.h"
#include "gtest/gtest.h"

namespace esockets::load {
namespace {

constexpr size_t kFrameBytes = 29;
constexpr size_t kPayloadAt = 7;

// Frames with these sequence numbers, as they come from the wire.
std::string Stream(const std::vector<uint64_t>& sequences) {
  std::string stream;
  for (const uint64_t sequence : sequences) {
    std::string frame(kFrameBytes, '\x5A');
    PutSequence(frame.data() + kPayloadAt, sequence);
    stream += frame;
  }
  return stream;
}

struct Case {
  const char* what;
  std::vector<uint64_t> sequences;
  Faults faults;
};

std::vector<Case> Cases() {
  return {
      {"all", {0, 1, 2, 3, 4, 5, 6, 7}, {}},
      {"one lost", {0, 1, 2, 4, 5, 6, 7, 8}, {.lost = 1}},
      {"three lost", {0, 1, 5, 6, 7, 8, 9, 10}, {.lost = 3}},
      {"one twice", {0, 1, 2, 2, 3, 4, 5, 6}, {.reordered = 1}},
  };
}

TEST(StreamCheckTest, Parsed) {
  for (const Case& c : Cases()) {
    StreamCheck check(StreamCheck::Expect::kEvery);
    for (const uint64_t sequence : c.sequences) check.OnMessage(sequence);
    EXPECT_EQ(check.faults().lost, c.faults.lost) << c.what;
    EXPECT_EQ(check.faults().reordered, c.faults.reordered) << c.what;
    EXPECT_EQ(check.messages(), c.sequences.size()) << c.what;
  }
}

TEST(StreamCheckTest, TwoThatChangePlacesAreReorderedNotLost) {
  StreamCheck check(StreamCheck::Expect::kEvery);
  for (const uint64_t sequence : {0, 1, 3, 2, 4}) check.OnMessage(sequence);
  EXPECT_EQ(check.faults().lost, 0u);
  EXPECT_EQ(check.faults().reordered, 1u);
}

TEST(StreamCheckTest, RisingHasHolesButNoSteps) {
  StreamCheck check(StreamCheck::Expect::kRising);
  for (const uint64_t sequence : {5, 9, 12}) check.OnMessage(sequence);
  EXPECT_FALSE(check.faults().any());
  check.OnMessage(11);
  EXPECT_EQ(check.faults().reordered, 1u);
  // Another publisher counts for itself.
  check.OnMessage(uint64_t{3} << kPublisherShift);
  EXPECT_EQ(check.faults().reordered, 1u);
  check.OnMessage(uint64_t{3} << kPublisherShift);
  EXPECT_EQ(check.faults().reordered, 2u);
}

// However the stream is cut into receives, and whichever of them are looked at from the first fault
// on, it is found.
TEST(StreamCheckTest, Sampled) {
  for (const Case& c : Cases()) {
    const std::string stream = Stream(c.sequences);
    for (size_t piece = 1; piece <= stream.size(); ++piece) {
      StreamCheck check(StreamCheck::Expect::kEvery);
      check.OnMessage(0);
      check.StartSampling(kFrameBytes, kPayloadAt);
      bool look = false;
      for (size_t at = kFrameBytes; at < stream.size(); at += piece, look = !look) {
        const std::string bytes = stream.substr(at, piece);
        if (look || piece < 2 * kFrameBytes) {
          check.Inspect(bytes);
        } else {
          check.Skip(bytes.size());
        }
      }
      EXPECT_EQ(check.messages(), c.sequences.size()) << c.what << ", pieces of " << piece;
      // Pieces shorter than a sequence number hide it.
      const bool can_be_seen = piece >= kSequenceBytes + kFrameBytes && piece < 2 * kFrameBytes;
      if (c.faults.any() && can_be_seen) {
        EXPECT_TRUE(check.faults().any()) << c.what << ", pieces of " << piece;
      }
      if (!c.faults.any()) {
        EXPECT_FALSE(check.faults().any()) << c.what << ", pieces of " << piece;
      }
    }
  }
}

// As Stream, each a byte longer where its position, from 1 on, takes another one.
std::string Positioned(const std::vector<uint64_t>& sequences) {
  std::string stream;
  for (size_t i = 0; i < sequences.size(); ++i) {
    stream += Stream({sequences[i]});
    for (size_t position = i + 1; position >= 128; position >>= 7) stream += '\x5A';
  }
  return stream;
}

TEST(StreamCheckTest, FramesBecomeLongerWithTheirPositions) {
  std::vector<uint64_t> sequences;
  for (uint64_t i = 0; i < 17'000; ++i) sequences.push_back(i);
  for (const uint64_t lost : {uint64_t{17'000}, uint64_t{126}, uint64_t{127}, uint64_t{16'383}}) {
    std::vector<uint64_t> received = sequences;
    if (lost < received.size()) received.erase(received.begin() + static_cast<ptrdiff_t>(lost));
    const std::string stream = Positioned(received);
    for (const size_t first : {1, 127, 128}) {
      StreamCheck check(StreamCheck::Expect::kEvery);
      for (size_t i = 0; i < first; ++i) check.OnMessage(received[i]);
      const size_t frame_bytes = kFrameBytes + (first < 128 ? 0 : 1);
      check.StartSampling(frame_bytes, kPayloadAt, first);
      bool look = false;
      for (size_t at =
               Positioned({received.begin(), received.begin() + static_cast<int>(first)}).size();
           at < stream.size(); at += 1000, look = !look) {
        const std::string bytes = stream.substr(at, 1000);
        look ? check.Inspect(bytes) : check.Skip(bytes.size());
      }
      EXPECT_EQ(check.messages(), received.size()) << lost << ", from " << first;
      EXPECT_EQ(check.faults().any(), received.size() < sequences.size())
          << lost << ", from " << first;
    }
  }
}

TEST(StreamCheckTest, OtherBytesAreNoMessages) {
  StreamCheck check(StreamCheck::Expect::kEvery);
  check.OnMessage(0);
  check.StartSampling(kFrameBytes, kPayloadAt);
  check.Inspect(std::string(10 * kFrameBytes, '\xFE'));
  EXPECT_EQ(check.faults().broken, 1u);
}

TEST(StreamCheckTest, WhatTheBrokerSaysItDroppedIsNotLost) {
  StreamCheck check(StreamCheck::Expect::kEvery);
  check.OnMessage(0);
  check.OnGap(5);
  check.OnMessage(6);
  EXPECT_EQ(check.faults().lost, 0u);
  EXPECT_EQ(check.faults().dropped, 5u);
}

}  // namespace
}  // namespace esockets::load

#include "clients/cpp/outgoing_buffer.h"

#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

// A frame of `size` bytes with its prefix of one.
std::string Frame(size_t size) {
  return std::string(1, static_cast<char>(size - 1)) + std::string(size - 1, 'x');
}

TEST(OutgoingBuffer, GivesWholeFramesInOrder) {
  int wakes = 0;
  OutgoingBuffer buffer(1000, WhenFull::kError, [&] { ++wakes; });
  std::string all;
  for (const size_t size : {3, 5, 7}) {
    ASSERT_TRUE(buffer.Add(Frame(size), true).ok());
    all += Frame(size);
  }
  EXPECT_EQ(wakes, 1);  // the loop is on its way
  std::vector<PendingRequest> requests;
  EXPECT_EQ(buffer.Front(4, &requests), all.substr(0, 8));
  buffer.Consume(3);
  EXPECT_EQ(buffer.Front(1, &requests), all.substr(3, 5));
  buffer.Consume(5);
  EXPECT_EQ(buffer.Front(100, &requests), all.substr(8));
  buffer.Consume(7);
  EXPECT_EQ(buffer.Front(100, &requests), "");
  EXPECT_EQ(buffer.bytes(), 0u);
  EXPECT_EQ(buffer.consumed_total(), 15u);
  ASSERT_TRUE(buffer.Add(Frame(3), true).ok());
  EXPECT_EQ(wakes, 2);
}

TEST(OutgoingBuffer, RequestsHaveRisingIdsAndTheEndOfTheirFrame) {
  OutgoingBuffer buffer(1000, WhenFull::kError, [] {});
  std::vector<uint64_t> written;
  const auto write = [&](uint64_t id, std::string* frames) {
    written.push_back(id);
    *frames += Frame(4);
  };
  const auto done = [](const absl::StatusOr<Answer>&) {};
  ASSERT_TRUE(buffer.Add(Frame(3), true).ok());
  const auto first = buffer.AddRequest(4, write, {.done = done}, base::TimePoint::max());
  const auto second = buffer.AddControl(write, {.done = done});
  const auto unheard = buffer.AddForConnection(write);
  ASSERT_TRUE(first.ok() && second.ok() && unheard.ok());
  EXPECT_GT(*first, kBufferedIdsAfter);
  EXPECT_EQ(written, (std::vector<uint64_t>{*first, *first + 1, *first + 2}));
  std::vector<PendingRequest> requests;
  buffer.Front(100, &requests);
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].id, *first);
  EXPECT_EQ(requests[0].end_offset, 7u);
  EXPECT_EQ(requests[1].end_offset, 11u);
}

TEST(OutgoingBuffer, WhatIsMeantForAConnectionGoesWithIt) {
  OutgoingBuffer buffer(100, WhenFull::kError, [] {});
  std::vector<PendingRequest> requests;
  const auto add = [&buffer](size_t bytes) { ASSERT_TRUE(buffer.Add(Frame(bytes), false).ok()); };
  const auto add_for_connection = [&buffer](size_t bytes) {
    const auto write = [&](uint64_t, std::string* frames) { *frames += Frame(bytes); };
    ASSERT_TRUE(buffer.AddForConnection(write).ok());
  };
  add_for_connection(3);
  add(4);
  EXPECT_EQ(buffer.Front(100, &requests), Frame(3) + Frame(4));
  buffer.Consume(3);
  add_for_connection(5);
  add_for_connection(6);
  add(7);
  add_for_connection(8);
  buffer.Withdraw();
  add_for_connection(9);
  std::string sent;
  for (std::string_view front; !(front = buffer.Front(100, &requests)).empty();) {
    sent += front;
    buffer.Consume(front.size());
  }
  EXPECT_EQ(sent, Frame(4) + Frame(7) + Frame(9));
  EXPECT_EQ(buffer.bytes(), 0u);
  EXPECT_EQ(buffer.consumed_total(), 42u);
}

TEST(OutgoingBuffer, AFullOneRefusesOrDrops) {
  for (const WhenFull when_full : {WhenFull::kError, WhenFull::kDropNewest, WhenFull::kBlock}) {
    OutgoingBuffer buffer(10, when_full, [] {});
    // More than the limit goes through an empty buffer.
    ASSERT_TRUE(buffer.Add(Frame(20), false).ok());
    const absl::Status status = buffer.Add(Frame(3), /*may_wait=*/false);
    EXPECT_EQ(status.ok(), when_full == WhenFull::kDropNewest);
    EXPECT_EQ(buffer.dropped_messages_total(), when_full == WhenFull::kDropNewest ? 1u : 0u);
    const auto write = [](uint64_t, std::string* frames) { *frames += Frame(3); };
    EXPECT_FALSE(buffer.AddRequest(3, write, {}, {}).ok());  // never dropped
    EXPECT_TRUE(buffer.AddControl(write, {}).ok());
  }
}

TEST(OutgoingBuffer, ARequestWaitsForRoomUntilItsTimeIsOver) {
  OutgoingBuffer buffer(10, WhenFull::kBlock, [] {});
  ASSERT_TRUE(buffer.Add(Frame(10), true).ok());
  const auto write = [](uint64_t, std::string* frames) { *frames += Frame(3); };
  const base::TimePoint soon = base::SystemClock().Now() + std::chrono::milliseconds(5);
  EXPECT_TRUE(absl::IsDeadlineExceeded(buffer.AddRequest(3, write, {}, soon).status()));
  EXPECT_GE(base::SystemClock().Now(), soon);
  EXPECT_TRUE(absl::IsResourceExhausted(buffer.AddRequest(3, write, {}, {}).status()));
  EXPECT_EQ(buffer.bytes(), 10u);
}

TEST(OutgoingBuffer, AFullOneBlocksUntilThereIsRoomOrAnEnd) {
  OutgoingBuffer buffer(10, WhenFull::kBlock, [] {});
  ASSERT_TRUE(buffer.Add(Frame(10), true).ok());
  std::thread publisher([&] {
    EXPECT_TRUE(buffer.Add(Frame(5), true).ok());
    EXPECT_TRUE(absl::IsAborted(buffer.Add(Frame(8), true)));
  });
  std::vector<PendingRequest> requests;
  buffer.Consume(buffer.Front(100, &requests).size());
  while (buffer.bytes() != 5) std::this_thread::yield();
  buffer.Close(absl::AbortedError("over"));
  publisher.join();
  EXPECT_TRUE(absl::IsAborted(buffer.Add(Frame(1), true)));
  EXPECT_EQ(buffer.Front(100, &requests).size(), 5u);  // what it had taken is still there
}

}  // namespace
}  // namespace esockets::client

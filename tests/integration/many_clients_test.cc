// As many clients as descriptors allow, all connected and subscribed at once; every one receives a
// broadcast. Then all are gone at once, and the memory and the descriptors are back.
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "server/unique_fd.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ESOCKETS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ESOCKETS_SANITIZED 1
#endif
#endif

namespace esockets::tests {
namespace {

// A sanitizer's allocator keeps what was freed, and slows each step: fewer, and memory is not
// looked at.
#ifdef ESOCKETS_SANITIZED
constexpr bool kSanitized = true;
constexpr size_t kClientsWanted = 1'500;
#else
constexpr bool kSanitized = false;
constexpr size_t kClientsWanted = 9'000;
#endif

// Of this process, which is the broker and, as bare descriptors, its clients.
struct Memory {
  int64_t heap_bytes;      // in use
  int64_t resident_bytes;  // after malloc has given back what it can
};

Memory LookAtMemory() {
  ::malloc_trim(0);
  int64_t pages = 0;
  int64_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident_pages;
  const struct mallinfo2 info = ::mallinfo2();
  return {static_cast<int64_t>(info.uordblks + info.hblkhd), resident_pages * 4096};
}

class ManyClients : public BrokerFixture {
 protected:
  // Both ends of each connection are ours.
  size_t ClientsPossible() {
    const size_t free = broker().server().descriptor_limit() - OpenDescriptors() - 100;
    return std::min(kClientsWanted, free / 2);
  }

  // `own`: each with an id and a filter of its own; else with a filter that all have.
  void ConnectAll(size_t count, bool own = false) {
    for (size_t i = 0; i < count; ++i) {
      const std::string number = std::to_string(10'000 + i);
      const std::string hello = Framed(ConnectFrame(own ? "client-" + number : "")) +
                                Framed(SubscribeFrame(1, own ? "device/" + number : "all/#"));
      NativePeer peer = Peer({.source = base::StrCat("127.0.0.", 1 + i % 8)});
      ASSERT_TRUE(peer.SendRaw(hello));
      ASSERT_TRUE(peer.Receive()->has_connected());
      ASSERT_EQ(peer.Receive()->subscribed().id(), 1);
      clients_.push_back(peer.Take());
    }
  }

  void ExpectBroadcast(std::string_view payload) {
    for (server::UniqueFd& client : clients_) {
      NativePeer peer(std::move(client));
      const std::optional<ServerFrame> frame = peer.Receive();
      ASSERT_TRUE(frame.has_value());
      ASSERT_EQ(frame->message().payload(), payload);
      client = peer.Take();
    }
  }

  // One encoding, and every client has it.
  void Broadcast(NativePeer& publisher) {
    const broker::Metrics& metrics = broker().metrics();
    EXPECT_EQ(metrics.clients.value(), clients_.size() + 1);
    EXPECT_EQ(metrics.subscriptions.value(), clients_.size());
    const uint64_t encodings = metrics.encodings.value();
    const uint64_t deliveries = metrics.delivered_messages_total.value();
    ASSERT_TRUE(publisher.Send(PublishFrame("all/of/you", "hello", publisher.NextId())));
    ASSERT_TRUE(publisher.Receive()->has_published());
    ASSERT_NO_FATAL_FAILURE(ExpectBroadcast("hello"));
    EXPECT_EQ(metrics.delivered_messages_total.value(), deliveries + clients_.size());
    EXPECT_EQ(metrics.encodings.value(), encodings + 1);
  }

  void DisconnectAll(size_t descriptors_before) {
    clients_.clear();
    EXPECT_TRUE(WaitUntil([&] { return broker().server().open_clients() == 1; }));
    EXPECT_TRUE(WaitUntil([&] { return OpenDescriptors() == descriptors_before; }));
    EXPECT_EQ(broker().metrics().clients.value(), 1);
    EXPECT_EQ(broker().metrics().subscriptions.value(), 0);
    OnLoop([] {});  // what dies after a turn is dead
  }

  std::vector<server::UniqueFd> clients_;
};

TEST_F(ManyClients, ReceiveABroadcastAndLeaveNothingBehind) {
  Start();
  const size_t count = ClientsPossible();
  EXPECT_EQ(count, kClientsWanted) << "the limit of open files is too low";
  clients_.reserve(count);
  NativePeer publisher = ConnectedPeer();
  const size_t descriptors = OpenDescriptors();
  const Memory before = LookAtMemory();

  ASSERT_NO_FATAL_FAILURE(ConnectAll(count));
  const Memory full = LookAtMemory();
  ASSERT_NO_FATAL_FAILURE(Broadcast(publisher));
  ASSERT_NO_FATAL_FAILURE(DisconnectAll(descriptors));
  const Memory after = LookAtMemory();

  const auto per_client = [&](int64_t bytes) { return bytes / static_cast<int64_t>(count); };
  std::cout << count << " idle clients: " << per_client(full.heap_bytes - before.heap_bytes)
            << " bytes of heap each, " << per_client(full.resident_bytes - before.resident_bytes)
            << " resident; afterwards " << after.heap_bytes - before.heap_bytes
            << " bytes of heap more than before, " << after.resident_bytes - before.resident_bytes
            << " resident" << std::endl;

  // The tables have their size now, and the loop its chunks: a second time adds nothing.
  ASSERT_NO_FATAL_FAILURE(ConnectAll(count));
  ASSERT_NO_FATAL_FAILURE(Broadcast(publisher));
  ASSERT_NO_FATAL_FAILURE(DisconnectAll(descriptors));
  const Memory again = LookAtMemory();
  EXPECT_TRUE(publisher.Ping());

  if (kSanitized) return;
  constexpr int64_t kMiB = 1 << 20;
  EXPECT_LE(after.heap_bytes - before.heap_bytes, 2 * kMiB);
  EXPECT_LE(after.resident_bytes - before.resident_bytes, 4 * kMiB);
  EXPECT_LE(again.heap_bytes - after.heap_bytes, kMiB / 4);
  EXPECT_LE(again.resident_bytes - after.resident_bytes, kMiB);
}

// What an idle client costs, as docs/PERFORMANCE.md lists it: with this allocator 8 bytes more for
// each allocation than there.
TEST_F(ManyClients, CostLittleWhileIdle) {
  constexpr int64_t kHeapBytesMax = 608;
  Start();
  const size_t count = ClientsPossible();
  clients_.reserve(count);
  const Memory before = LookAtMemory();
  ASSERT_NO_FATAL_FAILURE(ConnectAll(count, true));
  const Memory full = LookAtMemory();
  const int64_t heap_bytes = (full.heap_bytes - before.heap_bytes) / static_cast<int64_t>(count);
  std::cout << count << " idle clients: " << heap_bytes << " bytes of heap each" << std::endl;
  EXPECT_LE(heap_bytes, kSanitized ? heap_bytes : kHeapBytesMax);

  // Nothing wakes the loop but what we post, and its longest wait.
  const base::Counter& turns = broker().server().loop(0).metrics().turns;
  OnLoop([] {});
  const uint64_t turns_before = turns.value();
  LookAtMemory();
  OnLoop([] {});
  EXPECT_LE(turns.value() - turns_before, 4U);
  clients_.clear();
  EXPECT_TRUE(WaitUntil([&] { return broker().server().open_clients() == 0; }));
}

}  // namespace
}  // namespace esockets::tests

// 100,000 last values on real loops and sockets, for readers that stop: each gets every value, what
// changes meanwhile takes the place of what was not sent, and nothing is kept for any of them.
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "tests/support/allocations.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"

namespace esockets::tests {
namespace {

constexpr int kValues = 100'000;
constexpr int kChanged = 1'000;
constexpr size_t kReaders = 3;
// What the kernel has refused, and a page; all values would be 15 MB.
constexpr int64_t kBytesPerReaderMax = 1 << 20;

class LastValuesOnSockets : public BrokerFixture, public testing::WithParamInterface<size_t> {
 protected:
  LastValuesOnSockets() {
    options_.server.loops = GetParam();
    options_.settings.streams = {{.name = "state/+",
                                  .filter = "state/+",
                                  .limits = {.messages_per_topic_max = 1},
                                  .message_ids = {.ids_max = 0},
                                  .last_values = broker::LastValueLimits()}};
  }

  // The values of the first topics, each beginning with `what`.
  static void Set(NativePeer& publisher, int topics, const std::string& what) {
    std::string frames;
    for (int i = 0; i < topics; ++i) {
      frames += Framed(PublishFrame(base::StrCat("state/", i), what + std::string(100, ' ')));
      if (frames.size() < 100'000 && i + 1 < topics) continue;
      ASSERT_TRUE(publisher.SendRaw(frames) && publisher.Ping());
      frames.clear();
    }
  }
  static void Subscribe(NativePeer& reader) {
    ClientFrame subscribe = SubscribeFrame(reader.NextId(), "state/#");
    subscribe.mutable_subscribe()->set_overflow(OVERFLOW_CONFLATE);
    ASSERT_TRUE(reader.Send(subscribe));
    const auto answer = reader.Receive();
    ASSERT_TRUE(answer && answer->has_subscribed() && answer->subscribed().last_values());
  }
  // Up to the end of the snapshot: each topic has a value, and those that changed the newer one.
  static void ExpectAll(NativePeer& reader) {
    std::vector<std::string> values(kValues);
    int messages = 0;
    while (true) {
      const auto frame = reader.Receive();
      ASSERT_TRUE(frame) << "after " << messages << " messages; reset: " << reader.was_reset();
      if (frame->has_snapshot_end()) break;
      if (!frame->has_message()) continue;  // a Gap of what was conflated
      ++messages;
      const Message& message = frame->message();
      std::string& value = values[std::stoul(message.topic().substr(6))];
      EXPECT_NE(value, "new") << "after a newer one: " << message.topic();
      value = message.payload().substr(0, 3);
    }
    for (int i = 0; i < kValues; ++i) {
      ASSERT_EQ(values[static_cast<size_t>(i)], i < kChanged ? "new" : "old") << i;
    }
    EXPECT_LE(messages, kValues + kChanged);
  }

  app::BrokerOptions options_ = DefaultOptions();
};

INSTANTIATE_TEST_SUITE_P(Loops, LastValuesOnSockets, testing::Values(1, 2),
                         [](const auto& loops) { return std::to_string(loops.param); });

TEST_P(LastValuesOnSockets, ReadersThatStopGetAllOfThemAndNothingIsQueued) {
  StartWithBystanders(options_);
  NativePeer administrator = ConnectedPeer();
  NativePeer publisher = ConnectedPeer();
  ASSERT_NO_FATAL_FAILURE(Set(publisher, kValues, "old"));
  const int64_t bytes_before = LiveBytes();
  std::vector<NativePeer> readers;
  for (size_t i = 0; i < kReaders; ++i) {
    readers.push_back(ConnectedPeer());
    ASSERT_NO_FATAL_FAILURE(Subscribe(readers.back()));
  }
  ASSERT_TRUE(publisher.Ping());
  admin::Info info;
  ASSERT_TRUE(info.ParseFromString(administrator.Ask("$SYS/info", "").value_or("")));
  EXPECT_EQ(info.backlog_bytes(), 0U);
  const int64_t bytes = LiveBytes() - bytes_before;
  std::cout << bytes << " bytes of heap for " << kReaders << " readers of " << kValues
            << " values that have stopped" << std::endl;
  EXPECT_LE(bytes, static_cast<int64_t>(kReaders) * kBytesPerReaderMax);

  const uint64_t exchanged = bystanders().exchanged();
  ASSERT_NO_FATAL_FAILURE(Set(publisher, kChanged, "new"));
  // All at once: who takes nothing for a long time is taken for dead.
  std::vector<std::thread> threads;
  for (NativePeer& reader : readers) threads.emplace_back([&reader] { ExpectAll(reader); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(bystanders().exchanged(), exchanged);
}

}  // namespace
}  // namespace esockets::tests

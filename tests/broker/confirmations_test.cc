#include "broker/confirmations.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "broker/limits.h"
#include "gtest/gtest.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using tests::SimClient;
using tests::SimCluster;

Settings LowMark() {
  Settings settings;
  settings.limits.high_watermark_bytes = 100;
  return settings;
}

// A publisher on the first loop; clients on whichever.
class ConfirmationsOn : public testing::TestWithParam<uint32_t> {
 protected:
  ConfirmationsOn() : publisher_(&cluster_.loop(0)) { Connect(&publisher_); }

  void Connect(SimClient* client) {
    client->Connect("");
    Turn();
    client->sink.TakeFrames();
  }
  // On the last loop.
  std::unique_ptr<SimClient> Subscriber(std::string_view filter,
                                        const SimClient::Options& options = {}) {
    auto client = std::make_unique<SimClient>(&cluster_.loop(cluster_.size() - 1));
    Connect(client.get());
    client->Subscribe(filter, options);
    Turn();
    return client;
  }
  void Turn() {
    for (uint32_t turn = 0; turn < 6; ++turn) {
      for (uint32_t i = 0; i < cluster_.size(); ++i) cluster_.loop(i).Turn();
    }
  }
  void Pass(base::Duration time) {
    for (uint32_t i = 0; i < cluster_.size(); ++i) {
      cluster_.loop(i).executor.EndTurn();
      cluster_.loop(i).executor.Advance(time);
      cluster_.loop(i).executor.BeginTurn();
    }
    Turn();
  }
  void Publish(std::string_view topic, uint32_t confirm_ms, std::string_view key = "",
               uint32_t ttl_ms = 0) {
    ClientFrame frame;
    esockets::Publish& publish = *frame.mutable_publish();
    publish.set_topic(std::string(topic));
    publish.set_payload(std::string(40, 'x'));
    publish.set_key(std::string(key));
    publish.set_ttl_ms(ttl_ms);
    publish.set_id(++last_id_);
    publish.set_confirm_ms(confirm_ms);
    publisher_.Send(frame);
    Turn();
  }
  // "2: 1 written 1 queued"; "-": no answer yet.
  std::string Answer() {
    std::string text = "-";
    for (const ServerFrame& frame : publisher_.sink.TakeFrames()) {
      if (frame.has_error()) return base::StrCat("error ", frame.error().code());
      if (!frame.published().has_delivery()) continue;
      const esockets::Delivery& delivery = frame.published().delivery();
      text = base::StrCat(delivery.matched(), ":");
      const std::pair<const char*, uint64_t> parts[] = {{" written", delivery.written()},
                                                        {" queued", delivery.queued()},
                                                        {" conflated", delivery.conflated()},
                                                        {" dropped", delivery.dropped()},
                                                        {" gone", delivery.gone()}};
      for (const auto& [name, count] : parts) {
        if (count > 0) base::StrAppend(&text, " ", count, name);
      }
    }
    return text;
  }

  SimCluster cluster_{GetParam(), LowMark(), 64 << 10};
  SimClient publisher_;
  uint64_t last_id_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Loops, ConfirmationsOn, testing::Values(1, 2, 4));

TEST_P(ConfirmationsOn, NobodyIsThere) {
  Publish("a", 1000);
  Pass(milliseconds(1));
  EXPECT_EQ(Answer(), "0:");
}

TEST_P(ConfirmationsOn, WrittenWhenTheKernelHasTakenIt) {
  const auto one = Subscriber("a");
  const auto two = Subscriber("#");
  const auto other = Subscriber("b");
  Publish("a", 1000);
  Pass(milliseconds(1));
  EXPECT_EQ(Answer(), "2: 2 written");
}

TEST_P(ConfirmationsOn, AfterItsTimeItSaysWhatStillWaits) {
  const auto fast = Subscriber("a");
  const auto queue = Subscriber("a");
  const auto behind = Subscriber("a");
  queue->sink.set_window(0);
  behind->sink.set_window(0);
  behind->Ping(1);  // whose answer is refused
  Turn();
  Publish("a", 200);
  Publish("a", 200);
  Publish("a", 200);
  EXPECT_EQ(Answer(), "-");
  Pass(milliseconds(190));
  EXPECT_EQ(Answer(), "-");
  Pass(milliseconds(60));
  EXPECT_EQ(Answer(), "3: 1 written 2 queued");
}

// Each Publish is answered for itself, also when the one before it was for nobody.
TEST_P(ConfirmationsOn, WhatWasForNobodyIsNotSettledByTheNext) {
  const auto client = Subscriber("a");
  publisher_.Cork();
  Publish("nobody", 1000);
  publisher_.Publish("a", "x");
  publisher_.Uncork();
  Turn();
  Pass(milliseconds(1100));
  EXPECT_EQ(Answer(), "0:");
}

TEST_P(ConfirmationsOn, WhatWaitsIsSettledWhenTheClientReadsOn) {
  const auto client = Subscriber("a");
  client->sink.set_window(0);
  for (int i = 0; i < 5; ++i) Publish("a", 10'000);
  EXPECT_EQ(Answer(), "-");
  client->sink.set_window(tests::FakeSink::kUnlimited);
  client->sink.Read(10'000);
  Turn();
  Pass(milliseconds(100));
  EXPECT_EQ(Answer(), "1: 1 written");
}

TEST_P(ConfirmationsOn, SaysWhatWasLost) {
  const auto conflating = Subscriber("c", {.overflow = OVERFLOW_CONFLATE});
  const auto dropping = Subscriber("c", {.messages_max = 1});
  const auto refusing = Subscriber("c", {.overflow = OVERFLOW_DROP_NEWEST, .messages_max = 1});
  const auto leaving = Subscriber("c");
  const auto unsubscribing = Subscriber("c");
  for (const auto& client : {&conflating, &dropping, &refusing, &leaving, &unsubscribing}) {
    (*client)->sink.set_window(0);
  }
  for (int i = 0; i < 4; ++i) Publish("c", 0);  // until all are behind, and full
  Publish("c", 60'000);                         // refused by one
  Publish("c", 0);                              // takes the place of it, or drops it
  leaving->Vanish();
  unsubscribing->Unsubscribe("c");
  Turn();
  Pass(milliseconds(100));
  EXPECT_EQ(Answer(), "5: 1 conflated 2 dropped 2 gone");
}

TEST_P(ConfirmationsOn, PastItsTtlItIsDropped) {
  const auto client = Subscriber("a");
  client->sink.set_window(0);
  for (int i = 0; i < 4; ++i) Publish("a", 0);
  Publish("a", 60'000, "", 100);
  Pass(milliseconds(600));
  EXPECT_EQ(Answer(), "1: 1 dropped");
}

TEST_P(ConfirmationsOn, AStrictClientThatIsEndedIsGone) {
  const auto client = Subscriber("a", {.overflow = OVERFLOW_DISCONNECT, .messages_max = 1});
  client->sink.set_window(0);
  for (int i = 0; i < 3; ++i) Publish("a", 0);  // one of them waits
  Publish("a", 60'000);
  Pass(milliseconds(100));
  EXPECT_EQ(Answer(), "1: 1 gone");
}

TEST_P(ConfirmationsOn, NeedsAnIdAndThereIsALimit) {
  ClientFrame frame;
  frame.mutable_publish()->set_topic("a");
  frame.mutable_publish()->set_confirm_ms(5);
  publisher_.Send(frame);
  Turn();
  EXPECT_EQ(Answer(), "error 100");
  const auto client = Subscriber("a");
  client->sink.set_window(0);
  for (uint32_t i = 0; i < kConfirmationsMax; ++i) Publish("a", 60'000);
  EXPECT_EQ(Answer(), "-");
  Publish("a", 60'000);
  EXPECT_EQ(Answer(), "error 122");
  Pass(kConfirmTimeMax + milliseconds(50));
  EXPECT_EQ(Answer(), "1: 1 queued");
  Publish("a", 0xFFFFFFFF);
  Pass(kConfirmTimeMax + milliseconds(50));
  EXPECT_EQ(Answer(), "1: 1 queued") << "so long, and not longer";
}

TEST_P(ConfirmationsOn, WhoHasGoneGetsNoAnswer) {
  const auto client = Subscriber("a");
  client->sink.set_window(0);
  Publish("a", 1000);
  publisher_.Vanish();
  Pass(milliseconds(1100));
  EXPECT_EQ(Answer(), "-");
}

}  // namespace
}  // namespace esockets::broker

// What broker/streams_test does not reach: a reader between two answers; and what one costs that
// has read up to the head.
#include "broker/stream_readers.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/on_loop.h"
#include "base/strings.h"
#include "broker/home_answers.h"
#include "broker/messages.h"
#include "broker/outbox.h"
#include "broker/parcel.h"
#include "broker/siblings.h"
#include "broker/streams.h"
#include "broker/subscription.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/allocations.h"
#include "tests/support/lone_router.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/published.h"
#include "tests/support/silent_sink.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"
#include "tests/support/sim_wire_form.h"

namespace esockets::broker {
namespace {

using Lines = std::vector<std::string>;

class StreamReadersTest : public testing::Test {
 protected:
  StreamReadersTest() {
    tests::PretendOnLoop();
    for (int i = 1; i <= 5; ++i) publisher_.Publish("chat/1", base::StrCat(i));
  }
  static Settings MakeSettings() {
    Settings settings;
    settings.streams = {{.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}}};
    settings.limits.high_watermark_bytes = 100;
    return settings;
  }
  void Turns(int turns) {
    tests::PretendOnLoop();
    for (int i = 0; i < turns; ++i) broker_.Turn();
  }

  tests::SimBroker broker_{MakeSettings()};
  tests::SimClient publisher_{&broker_, "publisher"};
  tests::SimClient reader_{&broker_, "reader"};
};

TEST_F(StreamReadersTest, ASecondStartBeforeTheFirstIsAnsweredIsRefused) {
  tests::PretendOnLoop();
  reader_.Subscribe("chat/#", {.start = START_LAST, .start_at = 1});
  reader_.Subscribe("chat/#", {.start = START_LAST, .start_at = 5});
  reader_.Subscribe("chat/#", {});
  Turns(10);
  EXPECT_EQ(reader_.Lines(),
            (Lines{"error 2 125", "subscribed 3", "subscribed 1 behind 4", "5 chat/1=5"}));
}

TEST_F(StreamReadersTest, WhoSaysGoodbyeIsAnsweredFirst) {
  tests::PretendOnLoop();
  reader_.Subscribe("chat/#", {.start = START_LAST, .start_at = 1});
  reader_.Disconnect("");
  Turns(10);
  EXPECT_EQ(reader_.Lines(), Lines{"subscribed 1 behind 4"});
  ASSERT_TRUE(reader_.sink.closed());
  EXPECT_EQ(reader_.sink.closed()->code, CloseCode::kGoodbye);
  EXPECT_EQ(broker_.shard.stream_readers.size(), 0U);
}

TEST_F(StreamReadersTest, AStartThatIsRefusedLetsTheReadingGoOn) {
  tests::PretendOnLoop();
  reader_.sink.set_window(10);
  reader_.Subscribe("chat/#", {.overflow = OVERFLOW_REPLAY, .start = START_LAST, .start_at = 5});
  Turns(10);
  reader_.Subscribe("chat/#",
                    {.start = START_AFTER_POSITION,
                     .start_at = 100,
                     .start_epoch = static_cast<uint64_t>(broker_.executor.clock().WallMicros())});
  Turns(2);
  reader_.sink.Read(tests::FakeSink::kUnlimited);
  Turns(20);
  const Lines lines = reader_.Lines();
  std::vector<std::string> messages;
  for (const std::string& line : lines) {
    if (line.find('=') != std::string::npos) messages.push_back(line);
  }
  EXPECT_EQ(messages,
            (Lines{"1 chat/1=1", "2 chat/1=2", "3 chat/1=3", "4 chat/1=4", "5 chat/1=5"}));
  EXPECT_EQ(broker_.shard.stream_readers.size(), 0U);
}

// What was published before and the answer arrive in one turn: the others fall behind within it.
TEST_F(StreamReadersTest, OthersMayBeginToReadWhileOneIsOpened) {
  tests::PretendOnLoop();
  tests::SimCluster cluster(2, MakeSettings(), 64 << 10);
  const uint32_t home = cluster.loop(0).shard.streams.HomeOf(0);
  tests::SimBroker& away = cluster.loop(1 - home);
  const auto turns = [&cluster] {
    for (int i = 0; i < 10; ++i) cluster.loop(0).Turn(), cluster.loop(1).Turn();
  };
  std::vector<std::unique_ptr<tests::SimClient>> others;
  for (int i = 0; i < 50; ++i) {
    others.push_back(std::make_unique<tests::SimClient>(&away));
    others.back()->Connect(base::StrCat("other-", i));
    turns();
    others.back()->Subscribe("chat/#", {.overflow = OVERFLOW_REPLAY});
    turns();
    others.back()->sink.set_window(0);
  }
  tests::SimClient publisher(&cluster.loop(home)), late(&away);
  publisher.Connect("publisher");
  late.Connect("late");
  turns();
  late.Lines();
  publisher.Publish("chat/1", std::string(90, 'x'));
  turns();
  EXPECT_EQ(away.shard.stream_readers.size(), 0U) << "one fits";
  late.Subscribe("chat/#", {});
  publisher.Publish("chat/1", std::string(90, 'y'));
  turns();
  EXPECT_EQ(away.shard.stream_readers.size(), 50U);
  publisher.Publish("chat/1", "z");
  turns();
  EXPECT_EQ(late.Lines(), (Lines{"subscribed 1 behind 2", "3 chat/1=z"}));
}

// --- at the head --------------------------------------------------------------------------------

// A loop with a stream on chat/#, and outboxes that take everything.
class AtTheHead : public testing::Test, protected tests::LoneRouter, ParcelHandler {
 protected:
  struct Cost {
    uint64_t allocations = 0;
    uint64_t spans = 0;
    uint64_t encodings = 0;
  };

  AtTheHead() : LoneRouter(&form_) {
    siblings_.set_inbox(this);
    executor_.BeginTurn();
  }
  ~AtTheHead() override {
    for (const auto& subscription : subscriptions_) router_.Remove(subscription.get());
    executor_.EndTurn();
  }

  void OnParcel(uint32_t from, Parcel parcel) override ESOCKETS_ON_LOOP {
    if (const auto* open = std::get_if<StreamOpenParcel>(&parcel)) streams_.OnOpen(from, *open);
    if (const auto* opened = std::get_if<StreamOpenedParcel>(&parcel)) readers_.OnOpened(*opened);
    if (const auto* read = std::get_if<StreamReadParcel>(&parcel)) streams_.OnRead(from, *read);
    if (const auto* page = std::get_if<StreamPageParcel>(&parcel)) readers_.OnPage(*page);
  }
  Subscription* Subscribe(const std::string& filter) {
    outboxes_.push_back(std::make_unique<Outbox>(&sink_));
    subscriptions_.push_back(std::make_unique<Subscription>(outboxes_.back().get()));
    router_.Add(filter, subscriptions_.back().get());
    return subscriptions_.back().get();
  }
  // Begins at the first message, and reads up to the head.
  void Read(const std::string& filter) {
    tests::PretendOnLoop();
    Subscription* const subscription = Subscribe(filter);
    readers_.Open(subscription, {.request_id = 1,
                                 .stream = 0,
                                 .start = {.at = StreamStart::At::kTime, .number = 1},
                                 .contract = {.overflow = Overflow::kReplay, .max = {}},
                                 .is_new = true,
                                 .done = [](const StreamBegin*, std::string_view) {}});
    while (readers_.size() > 0) executor_.NextTurn();
    EXPECT_EQ(subscription->feed, Feed::kLive);
    EXPECT_EQ(subscription->overflow, Overflow::kReplay);
  }
  // Of so many messages, published in one turn.
  Cost Publish(std::string_view topic, int messages) {
    tests::PretendOnLoop();
    const tests::Published message(topic, "x");
    const uint64_t spans = sink_.spans, encodings = form_.encodings();
    const uint64_t allocations = tests::AllocationsOfThisThread();
    for (int i = 0; i < messages; ++i) streams_.Publish(message.messages());
    router_.CloseRun();
    const uint64_t allocated = tests::AllocationsOfThisThread() - allocations;
    executor_.NextTurn();
    return {allocated, sink_.spans - spans, form_.encodings() - encodings};
  }

  tests::SimWireForm form_{&executor_.clock(), 1 << 20};
  tests::SilentSink sink_;
  HomeAnswers answers_{&executor_, &siblings_, &router_};
  Streams streams_{&executor_,
                   &siblings_,
                   &router_,
                   &answers_,
                   &metrics_,
                   &totals_,
                   {{.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}}},
                   Stamps{}};
  StreamReaders readers_{&siblings_, &router_, &streams_, &form_, &context_};
  std::vector<std::unique_ptr<Outbox>> outboxes_;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;
};

TEST_F(AtTheHead, AReaderCostsWhatAPlainSubscriptionCosts) {
  constexpr int kClients = 100;
  constexpr int kMessages = 100;
  Publish("chat/1", kMessages);
  for (int i = 0; i < kClients; ++i) Subscribe("else/1");
  for (int i = 0; i < kClients; ++i) Read("chat/1");
  const uint64_t replayed = sink_.bytes;
  EXPECT_GT(replayed, uint64_t{kClients} * kMessages);
  Publish("else/1", kMessages), Publish("chat/1", kMessages);  // tables have their size now

  const Cost plain = Publish("else/1", kMessages), reading = Publish("chat/1", kMessages);
  EXPECT_EQ(plain.spans, uint64_t{kClients}) << "one run";
  EXPECT_EQ(reading.spans, plain.spans);
  EXPECT_EQ(reading.encodings, plain.encodings);
  // Ten thousand deliveries. What is stored takes some: chunks, and the records of their messages.
  EXPECT_LE(plain.allocations, 2U);
  EXPECT_LE(reading.allocations, 20U);
}

}  // namespace
}  // namespace esockets::broker

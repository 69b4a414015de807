#include "broker/outbox.h"

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/allocated_bytes.h"
#include "gtest/gtest.h"
#include "tests/support/fake_sink.h"
#include "tests/support/published.h"
#include "tests/support/sim_executor.h"
#include "tests/support/sim_wire_form.h"

namespace esockets::broker {
namespace {

using Texts = std::vector<std::string>;

// One client whose kernel takes what the test lets it take. Messages and gaps are noted in order.
class OutboxTest : public testing::Test, protected SessionEvents {
 protected:
  OutboxTest() {
    executor_.BeginTurn();
    limits_.high_watermark_bytes = 64;
    a_.max = b_.max = {.messages = 3, .bytes = 1'000'000};
    filler_.max = {.messages = 1'000, .bytes = 1'000'000};
    a_.set_filter("a"), b_.set_filter("b"), filler_.set_filter("filler");
    sink_.set_session(1, this);
    sink_.set_on_low([this] { outbox_.Drain(); });
  }
  ~OutboxTest() override {
    outbox_.Close();
    executor_.EndTurn();
  }

  void OnRunClosed(uint64_t) override {}
  void OnOverflow(const std::string& detail) override { overflow_ = detail; }
  void OnBehind() override { ++behind_calls_; }
  void SendGap(const Subscription& subscription, const Gap& gap) override {
    ServerFrame frame;
    frame.mutable_gap()->set_filter(std::string(subscription.filter()));
    frame.mutable_gap()->set_messages(gap.messages);
    reported_ += gap.messages;
    last_reason_ = gap.reason;
    sink_.SendFrame(frame);
  }

  void Offer(Subscription* subscription, std::string_view payload) {
    const broker::Run run = RunOf(tests::Published(subscription->filter(), payload));
    outbox_.Offer(run, *subscription, context_);
    ++offered_;
  }
  void Offer(Subscription* subscription, std::string_view payload, std::string_view key,
             uint32_t ttl_ms = 0) {
    const tests::Published message(subscription->filter(), payload, key, ttl_ms);
    outbox_.Offer(RunOf(message), *subscription, context_);
    ++offered_;
  }
  void Pass(base::Duration time) {
    executor_.EndTurn();
    executor_.Advance(time);
    executor_.BeginTurn();
  }
  broker::Run RunOf(const tests::Published& published) {
    broker::Run run;
    size_t encoded = 0;
    run.Append(form_.Encode(published.messages(), &encoded), 1);
    return run;
  }
  void Stop() { sink_.set_window(0); }
  // The client reads on: "payload" for a message, "filter -n" for a gap.
  Texts ReadAll() {
    sink_.set_window(tests::FakeSink::kUnlimited);
    sink_.Read(1'000'000);
    Texts texts;
    for (int i = 0; i < 10; ++i) {
      if (sink_.Flush()) outbox_.Drain();
    }
    for (const ServerFrame& frame : sink_.TakeFrames()) {
      if (frame.has_gap()) {
        texts.push_back(frame.gap().filter() + " -" + std::to_string(frame.gap().messages()));
      } else {
        texts.push_back(frame.message().payload());
      }
    }
    return texts;
  }
  // Fills what the send queue may hold, so that the client is behind.
  void FallBehind() {
    Stop();
    while (!outbox_.behind()) Offer(&filler_, "0123456789");
    outbox_.Forget(&filler_);
    filler_sent_ = filler_.delivered_messages_total;
  }
  Texts WithoutFiller(Texts texts) const {
    texts.erase(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(filler_sent_));
    return texts;
  }

  tests::SimExecutor executor_;
  tests::SimWireForm form_{&executor_.clock()};
  tests::FakeSink sink_;
  BrokerTotals totals_;
  BacklogPool pool_{&totals_};
  Metrics metrics_;
  Limits limits_;
  const OutboxContext context_{&pool_, &metrics_, &limits_, &form_, &executor_};
  Outbox outbox_{&sink_};
  Subscription filler_{&outbox_};
  Subscription a_{&outbox_};
  Subscription b_{&outbox_};
  uint64_t filler_sent_ = 0;
  uint64_t offered_ = 0;
  uint64_t reported_ = 0;
  GapReason last_reason_ = GapReason::kBacklogFull;
  std::string overflow_;
  int behind_calls_ = 0;
};

TEST_F(OutboxTest, AClientThatKeepsUpGetsAllAtOnce) {
  Offer(&a_, "1");
  Offer(&a_, "2");
  EXPECT_FALSE(outbox_.behind());
  EXPECT_EQ(ReadAll(), (Texts{"1", "2"}));
  EXPECT_EQ(a_.delivered_messages_total, 2U);
}

TEST_F(OutboxTest, WhatWaitsComesInOrderWhenTheClientReadsOn) {
  FallBehind();
  Offer(&a_, "a1");
  Offer(&b_, "b1");
  Offer(&a_, "a2");
  EXPECT_EQ(outbox_.backlog_messages(), 3U);
  EXPECT_EQ(WithoutFiller(ReadAll()), (Texts{"a1", "b1", "a2"}));
  EXPECT_FALSE(outbox_.behind());
  EXPECT_EQ(pool_.messages(), 0U);
}

TEST_F(OutboxTest, DropOldestLeavesTheNewestAndAGapWhereTheHoleIs) {
  FallBehind();
  for (const char* text : {"a1", "a2"}) Offer(&a_, text);
  Offer(&b_, "b1");
  for (const char* text : {"a3", "a4", "a5"}) Offer(&a_, text);
  EXPECT_EQ(WithoutFiller(ReadAll()), (Texts{"b1", "a -2", "a3", "a4", "a5"}));
  EXPECT_EQ(a_.dropped_messages_total(), 2U);
  EXPECT_EQ(metrics_.dropped_messages_total.value(), 2U);
  EXPECT_EQ(offered_ - 1, outbox_.delivered_messages_total() + reported_);  // 1: forgotten filler
}

TEST_F(OutboxTest, DropNewestKeepsTheOldestAndTellsOfTheHoleBehindThem) {
  a_.overflow = Overflow::kDropNewest;
  FallBehind();
  for (const char* text : {"a1", "a2", "a3", "a4", "a5"}) Offer(&a_, text);
  Offer(&b_, "b1");
  EXPECT_EQ(WithoutFiller(ReadAll()), (Texts{"a1", "a2", "a3", "b1", "a -2"}));
  EXPECT_EQ(offered_ - 1, outbox_.delivered_messages_total() + reported_);
  EXPECT_EQ(metrics_.of(GapReason::kBacklogFull).value(), 2U);
}

TEST_F(OutboxTest, EachHoleOfOneWhoReadsAndStopsStandsWhereItIs) {
  a_.overflow = Overflow::kDropNewest;
  limits_.high_watermark_bytes = 24;  // one or two messages
  FallBehind();
  for (const char* text : {"a1", "a2", "a3", "lost"}) Offer(&a_, text);
  while (outbox_.backlog_messages() == 3) {
    sink_.Read(5);
    if (sink_.Flush()) outbox_.Drain();
  }
  ASSERT_GT(outbox_.backlog_messages(), 0U) << "still behind";
  for (const char* text : {"a4", "a5", "lost", "lost", "lost"}) Offer(&a_, text);
  const Texts texts = ReadAll();
  const auto hole = std::find(texts.begin(), texts.end(), "a -1");
  ASSERT_NE(hole, texts.end());
  EXPECT_EQ(*(hole - 1), "a3");
  EXPECT_EQ(*(hole + 1), "a4");
  EXPECT_TRUE(texts.back().starts_with("a -")) << "the second hole is behind all";
  EXPECT_EQ(offered_ - 1, outbox_.delivered_messages_total() + reported_);
}

TEST_F(OutboxTest, ConflateKeepsTheLatestOfEachKeyAndTellsOnceForHowMany) {
  a_.overflow = Overflow::kConflate;
  FallBehind();
  Offer(&a_, "eur1", "eur");
  Offer(&a_, "usd1", "usd");
  Offer(&b_, "b1");
  for (const char* text : {"eur2", "eur3"}) Offer(&a_, text, "eur");
  Offer(&a_, "1", "");
  Offer(&a_, "2", "");
  EXPECT_EQ(outbox_.backlog_messages(), 4U);
  EXPECT_EQ(WithoutFiller(ReadAll()), (Texts{"eur3", "usd1", "b1", "2", "a -3"}));
  EXPECT_EQ(last_reason_, GapReason::kConflated);
  EXPECT_EQ(metrics_.of(GapReason::kConflated).value(), 3U);
  EXPECT_EQ(offered_ - 1, outbox_.delivered_messages_total() + reported_);
}

TEST_F(OutboxTest, WhatConflatesIsBehindEarlierThanWhatDoesNot) {
  limits_.conflate_watermark_bytes = 32;
  a_.overflow = Overflow::kConflate;
  Stop();
  while (!outbox_.behind()) Offer(&a_, "old");
  Offer(&a_, "new");
  EXPECT_LE(sink_.send_state().queue_bytes, limits_.conflate_watermark_bytes);
  const Texts read = ReadAll();
  ASSERT_GE(read.size(), 2U);
  EXPECT_EQ(Texts(read.end() - 2, read.end()), (Texts{"new", "a -1"}));

  Stop();
  while (!outbox_.behind()) Offer(&b_, "b");
  EXPECT_GT(sink_.send_state().queue_bytes, limits_.conflate_watermark_bytes);
}

TEST_F(OutboxTest, TheWatermarkOfWhatConflatesIsNeverTheHigherOne) {
  a_.overflow = Overflow::kConflate;  // as by default, it has a watermark far above the other
  Stop();
  while (!outbox_.behind()) Offer(&a_, "a");
  EXPECT_LE(sink_.send_state().queue_bytes, limits_.high_watermark_bytes);
}

TEST_F(OutboxTest, ConflateIsBoundedWhenEveryKeyIsNew) {
  a_.overflow = Overflow::kConflate;
  FallBehind();
  for (int i = 0; i < 100; ++i) Offer(&a_, std::to_string(i), std::to_string(i));
  EXPECT_EQ(outbox_.backlog_messages(), 3U);
  EXPECT_EQ(WithoutFiller(ReadAll()), (Texts{"97", "98", "99", "a -97"}));
  EXPECT_EQ(last_reason_, GapReason::kBacklogFull);
}

TEST_F(OutboxTest, ConflateIsBoundedWhenTheLatestIsLarger) {
  a_.overflow = Overflow::kConflate;
  a_.max = {.messages = 1'000, .bytes = 300};
  FallBehind();
  for (int i = 0; i < 10; ++i) Offer(&a_, "", std::to_string(i));
  const std::string large(200, 'x');
  for (int i = 0; i < 10; ++i) {
    Offer(&a_, large, std::to_string(i));
    EXPECT_LE(a_.backlog->bytes, 300U);
  }
  EXPECT_EQ(ReadAll().end()[-2], large) << "the latest of all is never lost";
  EXPECT_EQ(offered_ - 1, outbox_.delivered_messages_total() + reported_);
}

TEST_F(OutboxTest, AMessagePastItsTimeIsCountedAndNeverDelivered) {
  FallBehind();
  Offer(&a_, "a1", "", 100);
  Offer(&a_, "a2", "", 300);
  Offer(&a_, "a3");
  Pass(std::chrono::milliseconds(99));
  Offer(&b_, "b1", "", 1);
  Pass(std::chrono::milliseconds(1));
  EXPECT_EQ(WithoutFiller(ReadAll()), (Texts{"a -1", "a2", "a3", "b -1"}));
  EXPECT_EQ(last_reason_, GapReason::kExpired);
  EXPECT_EQ(metrics_.of(GapReason::kExpired).value(), 2U);
  EXPECT_EQ(offered_ - 1, outbox_.delivered_messages_total() + reported_);
}

TEST_F(OutboxTest, WhatIsPastItsTimeTakesNoPlace) {
  a_.overflow = Overflow::kDropNewest;
  FallBehind();
  for (const char* text : {"a1", "a2", "a3"}) Offer(&a_, text, "", 100);
  Pass(std::chrono::milliseconds(200));
  Offer(&a_, "a4");
  EXPECT_EQ(WithoutFiller(ReadAll()), (Texts{"a -3", "a4"}));
}

TEST_F(OutboxTest, WhatHasWaitedTooLongGoesAsTheContractSays) {
  a_.max.age_ms = b_.max.age_ms = 100;
  b_.overflow = Overflow::kDropNewest;
  FallBehind();
  Offer(&a_, "a1");
  Offer(&b_, "b1");
  Pass(std::chrono::milliseconds(101));
  Offer(&a_, "a2");
  Offer(&b_, "b2");
  EXPECT_EQ(outbox_.backlog_messages(), 2U);
  Pass(std::chrono::milliseconds(101));
  EXPECT_EQ(WithoutFiller(ReadAll()), (Texts{"b1", "a -2", "b -1"})) << "a2 was too old, too";
  EXPECT_EQ(last_reason_, GapReason::kTooOld);
  EXPECT_EQ(metrics_.of(GapReason::kTooOld).value(), 3U);
}

TEST_F(OutboxTest, WhoWantsAllOrNothingEndsWhenTheOldestHasWaitedTooLong) {
  a_.overflow = Overflow::kDisconnect;
  a_.max.age_ms = 100;
  FallBehind();
  Offer(&a_, "a1");
  Pass(std::chrono::milliseconds(101));
  Offer(&a_, "a2");
  EXPECT_NE(overflow_.find("the oldest for 101 ms"), std::string::npos) << overflow_;
  EXPECT_NE(overflow_.find(", 100 ms;"), std::string::npos) << overflow_;
}

TEST_F(OutboxTest, WhatKeepsTheOldestDoesNotGiveWayForAnother) {
  a_.overflow = Overflow::kDropNewest;
  a_.max.messages = 1'000;
  limits_.backlog_bytes_max = 1'000;
  FallBehind();
  for (int i = 0; i < 100; ++i) Offer(&a_, "a");
  const auto waiting = a_.backlog->messages;
  Offer(&b_, "b1");
  EXPECT_EQ(a_.backlog->messages, waiting);
  EXPECT_EQ(b_.dropped_messages_total(), 1U);
  ReadAll();
  EXPECT_EQ(offered_ - 1, outbox_.delivered_messages_total() + reported_);
}

TEST_F(OutboxTest, AMessageThatNeverFitsIsToldWithTheNextOrAtTheEnd) {
  a_.max.bytes = 10;
  FallBehind();
  Offer(&a_, "longer than ten bytes");
  EXPECT_EQ(outbox_.backlog_messages(), 0U);
  EXPECT_EQ(WithoutFiller(ReadAll()), (Texts{"a -1"}));
}

TEST_F(OutboxTest, DisconnectEndsWithFigures) {
  a_.overflow = Overflow::kDisconnect;
  FallBehind();
  for (const char* text : {"a1", "a2", "a3"}) Offer(&a_, text);
  EXPECT_TRUE(overflow_.empty());
  Offer(&a_, "a4");
  EXPECT_NE(overflow_.find("filter a: 3 messages"), std::string::npos) << overflow_;
  EXPECT_NE(overflow_.find("limits 3 messages"), std::string::npos) << overflow_;
  const std::string first = std::exchange(overflow_, "");
  Offer(&a_, "a5");
  EXPECT_TRUE(overflow_.empty()) << "it ends once";
}

TEST_F(OutboxTest, TheClientsLimitHoldsForAllItsSubscriptions) {
  a_.max.messages = b_.max.messages = 1'000'000;
  limits_.backlog_bytes_max = 10'000;
  FallBehind();
  for (int i = 0; i < 1'000; ++i) Offer(i % 2 == 0 ? &a_ : &b_, "0123456789");
  EXPECT_LE(outbox_.backlog_bytes(), 10'000U);
  EXPECT_GT(outbox_.backlog_messages(), 10U);
  ReadAll();
  EXPECT_EQ(offered_ - 1, outbox_.delivered_messages_total() + reported_);
  EXPECT_EQ(last_reason_, GapReason::kBacklogFull);
}

TEST_F(OutboxTest, ABusySubscriptionDoesNotStarveAQuietOne) {
  a_.max.messages = 1'000'000;
  limits_.backlog_bytes_max = 10'000;
  FallBehind();
  for (int i = 0; i < 1'000; ++i) Offer(&a_, "busy");
  Offer(&b_, "quiet");
  EXPECT_EQ(b_.dropped_messages_total(), 0U);
  EXPECT_EQ(ReadAll().back(), "quiet");
}

TEST_F(OutboxTest, WhatMayBeDroppedGivesWayToWhatMayNot) {
  a_.max.messages = 1'000'000;
  b_.overflow = Overflow::kDisconnect;
  limits_.backlog_bytes_max = 10'000;
  FallBehind();
  for (int i = 0; i < 1'000; ++i) Offer(&a_, "a");
  for (const char* text : {"b1", "b2", "b3"}) Offer(&b_, text);
  EXPECT_EQ(overflow_, "");
  const Texts texts = ReadAll();
  EXPECT_EQ(Texts(texts.end() - 3, texts.end()), (Texts{"b1", "b2", "b3"}));
}

TEST_F(OutboxTest, TheEntriesOfTinyMessagesCountToo) {
  a_.max.messages = 1'000'000;
  limits_.backlog_bytes_max = 10'000;
  FallBehind();
  for (int i = 0; i < 1'000; ++i) Offer(&a_, "");
  EXPECT_LE(outbox_.backlog_messages() * sizeof(BacklogEntry), 10'000U);
}

// Just above a size that the allocator has: a quarter more than its bytes say.
TEST_F(OutboxTest, WhatTheAllocatorRoundsUpCountsToo) {
  a_.max.messages = 1'000'000;
  limits_.backlog_bytes_max = 100'000;
  FallBehind();
  for (int i = 0; i < 100; ++i) Offer(&a_, std::string(1024, '.'));
  EXPECT_LE(outbox_.backlog_messages() * base::AllocatedBytes(1024 + 1), 100'000U);
  EXPECT_GT(outbox_.backlog_messages(), 60U);
}

// A delivery may flush, and hear within it that the socket takes more.
TEST_F(OutboxTest, DrainsFromWithinADelivery) {
  a_.max.messages = 100;
  FallBehind();
  Texts expected;
  for (int i = 0; i < 20; ++i) {
    expected.emplace_back(200, '.');  // above the mark alone
    Offer(&a_, expected.back());
  }
  EXPECT_EQ(WithoutFiller(ReadAll()), expected);
  EXPECT_EQ(a_.delivered_messages_total, 20U);
}

TEST_F(OutboxTest, TheBrokersMemoryIsAReasonOfItsOwn) {
  a_.max.messages = 1'000'000;
  limits_.backlogs_bytes_max = 5'000;
  FallBehind();
  for (int i = 0; i < 1'000; ++i) Offer(&a_, "0123456789");
  EXPECT_LE(pool_.bytes(), 5'000U);
  ReadAll();
  EXPECT_EQ(offered_ - 1, outbox_.delivered_messages_total() + reported_);
  EXPECT_EQ(last_reason_, GapReason::kBrokerMemory);
}

TEST_F(OutboxTest, AForgottenSubscriptionLeavesNothing) {
  FallBehind();
  for (const char* text : {"a1", "a2", "a3", "a4"}) Offer(&a_, text);
  Offer(&b_, "b1");
  outbox_.Forget(&a_);
  EXPECT_EQ(WithoutFiller(ReadAll()), (Texts{"b1"}));
}

// Of REPLAY nothing waits: the reading of the stream begins with the message that found no room.
TEST_F(OutboxTest, WhoReadsItAgainHasNoBacklog) {
  struct Reading final : StreamReading {
    void OnBehind(Subscription* subscription, uint64_t position) override {
      behind.emplace_back(subscription, position);
    }
    std::vector<std::pair<Subscription*, uint64_t>> behind;
  };
  Reading reading;
  OutboxContext context = context_;
  context.reading = &reading;
  a_.overflow = Overflow::kReplay;
  Stop();
  const auto offer = [&] {
    outbox_.Offer(RunOf(tests::Published("a", "0123456789")), a_, context);
  };
  while (reading.behind.empty()) offer();
  offer();
  EXPECT_EQ(reading.behind, (std::vector<std::pair<Subscription*, uint64_t>>{{&a_, 0U}}));
  EXPECT_EQ(a_.feed, Feed::kReading);
  EXPECT_FALSE(outbox_.behind());
  EXPECT_EQ(outbox_.backlog_messages(), 0U);

  const broker::Run page = RunOf(tests::Published("a", "page"));
  EXPECT_FALSE(outbox_.DeliverRead(page.span(), 1, a_, context)) << "there is no room";
  ReadAll();
  EXPECT_TRUE(outbox_.DeliverRead(page.span(), 1, a_, context));
  EXPECT_EQ(ReadAll(), Texts{"page"});
}

TEST_F(OutboxTest, AClosedOutboxTakesNothingAndKeepsNothing) {
  FallBehind();
  Offer(&a_, "a1");
  outbox_.Close();
  EXPECT_EQ(pool_.messages(), 0U);
  Offer(&a_, "a2");
  EXPECT_EQ(outbox_.backlog_messages(), 0U);
}

TEST_F(OutboxTest, AllWhoAreBehindShareOneCopy) {
  FallBehind();
  const broker::Run run = RunOf(tests::Published("a", "shared"));
  outbox_.Offer(run, a_, context_);
  outbox_.Offer(run, b_, context_);
  EXPECT_EQ(a_.backlog->oldest->message.get(), b_.backlog->oldest->message.get());
}

// A client with contracts and limits by chance; messages are offered to it, and each time it is
// said before what will become of it.
class Life : public OutboxTest {
 public:
  explicit Life(uint32_t seed) : random_(seed) {
    limits_.backlog_bytes_max = Any(500, 3'000);
    limits_.backlogs_bytes_max = Any(500, 3'000);
    for (Subscription* one : {&a_, &b_}) {
      one->overflow = static_cast<Overflow>(Any(0, 3));
      one->max = BacklogLimits::Of(Any(1, 30), Any(50, 1'500), Any(0, 1) * Any(20, 300));
    }
  }

  // Returns what became of it.
  Fate OfferOne() {
    Subscription& subscription = Any(0, 1) == 0 ? a_ : b_;
    const tests::Published message(subscription.filter(), std::string(Any(0, 1) * Any(0, 300), 'x'),
                                   std::string(1, static_cast<char>('k' + Any(0, 3))),
                                   Any(0, 3) == 0 ? Any(1, 100) : 0);
    const broker::Run run = RunOf(message);
    const proto::MessageLabel label = form_.LabelOf(run.span().view());
    const bool conflates =
        outbox_.behind() && OverflowRules::OlderOf(label, subscription) != nullptr;
    const Fate fate = outbox_.WouldBecome(label, run.span().size(), subscription, context_);
    const Figures before = Now();
    outbox_.Offer(run, subscription, context_);
    Compare(fate, conflates, before);
    return fate;
  }
  void LiveOn() {
    if (Any(0, 9) == 0) Pass(std::chrono::milliseconds(Any(1, 150)));
    if (Any(0, 19) == 0) a_.SetContract(static_cast<Overflow>(Any(0, 2)), a_.max);
    if (Any(0, 7) == 0) {
      sink_.set_window(0);
      sink_.Read(Any(1, 500));
    }
    if (sink_.Flush()) outbox_.Drain();
    sink_.set_window(0);
    sink_.Flush();
  }
  bool over() const { return !overflow_.empty(); }

 private:
  struct Figures {
    uint64_t delivered;
    uint64_t dropped;
    int64_t waiting;
    bool ended;
  };
  Figures Now() const {
    return {outbox_.delivered_messages_total(), outbox_.dropped_messages_total(),
            static_cast<int64_t>(outbox_.backlog_messages()), !overflow_.empty()};
  }
  void Compare(const Fate& fate, bool conflates, const Figures& before) const {
    using What = Fate::What;
    const Figures now = Now();
    EXPECT_EQ(now.delivered - before.delivered, fate.what == What::kDelivered ? 1U : 0U);
    EXPECT_EQ(now.ended, fate.what == What::kDisconnects);
    const bool waits = fate.receives() && fate.what != What::kDelivered;
    const uint64_t others = fate.dropped_messages + fate.worthless_messages + (conflates ? 1U : 0U);
    EXPECT_EQ(now.dropped - before.dropped, others + (fate.what == What::kRefused ? 1U : 0U));
    EXPECT_EQ(now.waiting - before.waiting, (waits ? 1 : 0) - static_cast<int64_t>(others));
    EXPECT_EQ(fate.what == What::kDropsOldest, waits && fate.dropped_messages > 0);
    EXPECT_TRUE(fate.what != What::kReplaces || conflates);
  }
  uint32_t Any(uint32_t from, uint32_t to) {
    return std::uniform_int_distribution<uint32_t>(from, to)(random_);
  }
  void TestBody() override {}

  std::mt19937 random_;
};

TEST(OutboxFate, WhatIsSaidBeforeIsWhatBecomesOfAMessage) {
  std::array<int, 7> seen{};
  ++seen[static_cast<size_t>(Fate::What::kReads)];  // of REPLAY alone: broker/streams_test
  std::array<int, 5> shortages{};
  for (uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    Life life(seed);
    for (int i = 0; i < 200 && !life.over() && !testing::Test::HasFailure(); ++i) {
      life.LiveOn();
      const Fate fate = life.OfferOne();
      ++seen[static_cast<size_t>(fate.what)];
      ++shortages[static_cast<size_t>(fate.shortage)];
    }
  }
  EXPECT_EQ(std::ranges::count(seen, 0), 0) << "every fate was met";
  EXPECT_EQ(std::ranges::count(shortages, 0), 0) << "for every shortage";
}

}  // namespace
}  // namespace esockets::broker

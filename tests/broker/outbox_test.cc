#include "broker/outbox.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
    a_.backlog_messages_max = b_.backlog_messages_max = 3;
    a_.backlog_bytes_max = b_.backlog_bytes_max = 1'000'000;
    filler_.backlog_messages_max = 1'000, filler_.backlog_bytes_max = 1'000'000;
    a_.filter = "a", b_.filter = "b", filler_.filter = "filler";
    sink_.set_session(1, this);
    sink_.set_on_low([this] { outbox_.Drain(); });
  }
  ~OutboxTest() override {
    outbox_.Close();
    executor_.EndTurn();
  }

  void OnRunClosed(uint64_t) override {}
  void OnOverflow(const std::string& detail) override { overflow_ = detail; }
  void SendGap(const Subscription& subscription, const Gap& gap) override {
    ServerFrame frame;
    frame.mutable_gap()->set_filter(std::string(subscription.filter));
    frame.mutable_gap()->set_messages(gap.messages);
    reported_ += gap.messages;
    last_reason_ = gap.reason;
    sink_.SendFrame(frame);
  }

  void Offer(Subscription* subscription, std::string_view payload) {
    const broker::Run run = RunOf(tests::Published(subscription->filter, payload));
    outbox_.Offer(run, *subscription, context_);
    ++offered_;
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
  const OutboxContext context_{&pool_, &metrics_, &limits_};
  Outbox outbox_{&sink_};
  Subscription filler_{&outbox_};
  Subscription a_{&outbox_};
  Subscription b_{&outbox_};
  uint64_t filler_sent_ = 0;
  uint64_t offered_ = 0;
  uint64_t reported_ = 0;
  GapReason last_reason_ = GapReason::kBacklogFull;
  std::string overflow_;
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

TEST_F(OutboxTest, AMessageThatNeverFitsIsToldWithTheNextOrAtTheEnd) {
  a_.backlog_bytes_max = 10;
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
  a_.backlog_messages_max = b_.backlog_messages_max = 1'000'000;
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
  a_.backlog_messages_max = 1'000'000;
  limits_.backlog_bytes_max = 10'000;
  FallBehind();
  for (int i = 0; i < 1'000; ++i) Offer(&a_, "busy");
  Offer(&b_, "quiet");
  EXPECT_EQ(b_.dropped_messages_total(), 0U);
  EXPECT_EQ(ReadAll().back(), "quiet");
}

TEST_F(OutboxTest, WhatMayBeDroppedGivesWayToWhatMayNot) {
  a_.backlog_messages_max = 1'000'000;
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
  a_.backlog_messages_max = 1'000'000;
  limits_.backlog_bytes_max = 10'000;
  FallBehind();
  for (int i = 0; i < 1'000; ++i) Offer(&a_, "");
  EXPECT_LE(outbox_.backlog_messages() * sizeof(BacklogEntry), 10'000U);
}

// A delivery may flush, and hear within it that the socket takes more.
TEST_F(OutboxTest, DrainsFromWithinADelivery) {
  a_.backlog_messages_max = 100;
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
  a_.backlog_messages_max = 1'000'000;
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
  EXPECT_EQ(a_.backlog->oldest->frame.block.get(), b_.backlog->oldest->frame.block.get());
}

}  // namespace
}  // namespace esockets::broker

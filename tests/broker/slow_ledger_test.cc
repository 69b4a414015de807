#include "broker/slow_ledger.h"

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "broker/limits.h"
#include "gtest/gtest.h"
#include "tests/support/fake_sink.h"
#include "tests/support/published.h"
#include "tests/support/sim_executor.h"
#include "tests/support/sim_wire_form.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Clients of one subscription, whose kernel takes nothing more once they are stopped.
class SlowLedgerTest : public testing::Test, protected SlowObserver {
 protected:
  struct Client final : SessionEvents {
    Client(SlowLedgerTest* test, uint64_t id) : of(*test) {
      sink.set_session(id, this);
      sink.set_on_low([this] { outbox.Drain(); });
      subscription.set_filter("a");
      subscription.max = {.messages = 100, .bytes = 1'000'000};
    }
    void OnRunClosed(uint64_t) override {}
    void OnOverflow(const std::string& detail) override { overflow = detail; }
    void OnBehind() override { of.ledger_.Watch(&outbox); }
    void SendGap(const Subscription&, const Gap&) override {}

    SlowLedgerTest& of;
    tests::FakeSink sink;
    Outbox outbox{&sink};
    Subscription subscription{&outbox};
    std::string overflow;
  };

  SlowLedgerTest() {
    limits_.high_watermark_bytes = 64;
    executor_.BeginTurn();
    ledger_.set_observer(this);
  }
  ~SlowLedgerTest() override {
    for (Client& client : clients_) client.outbox.Close();
    if (executor_.in_turn()) executor_.EndTurn();
  }
  void OnSlowChange(const SlowEntry& entry) override {
    changes_.push_back(std::to_string(entry.outbox->sink().session_id()) + " " +
                       (entry.slow ? std::string(SlowVerdictText(entry.verdict)) : "caught up"));
  }
  Client& Add() { return clients_.emplace_back(this, clients_.size() + 1); }
  void Offer(Client* client) {
    broker::Run run;
    size_t encoded = 0;
    const tests::Published message("a", "0123456789");
    run.Append(form_.Encode(message.messages(), &encoded), 1);
    client->outbox.Offer(run, client->subscription, context_);
  }
  void FallBehind(Client* client) {
    client->sink.set_window(0);
    client->sink.set_oldest(executor_.TurnTime());
    while (!client->outbox.behind()) Offer(client);
  }
  void ReadAll(Client* client) {
    client->sink.Read(1'000'000);
    while (client->sink.Flush()) client->outbox.Drain();
  }
  void Pass(base::Duration time) {
    executor_.EndTurn();
    executor_.Advance(time);
    executor_.BeginTurn();
  }
  uint64_t Slow(SlowVerdict verdict) { return metrics_.of(verdict).value(); }

  tests::SimExecutor executor_;
  tests::SimWireForm form_{&executor_.clock()};
  BrokerTotals totals_;
  BacklogPool pool_{&totals_};
  Metrics metrics_;
  Limits limits_;
  const OutboxContext context_{&pool_, &metrics_, &limits_, &form_, &executor_};
  SlowLedger ledger_{&executor_, &metrics_};
  std::deque<Client> clients_;
  std::vector<std::string> changes_;
};

using Changes = std::vector<std::string>;

TEST_F(SlowLedgerTest, AClientThatKeepsUpIsNotKnownAndCostsNoTimer) {
  Offer(&Add());
  Pass(seconds(5));
  EXPECT_TRUE(ledger_.entries().empty());
  EXPECT_EQ(executor_.timers(), 0U);
}

TEST_F(SlowLedgerTest, WhoIsBehindGetsAVerdictAfterASecondAndIsWatchedUntilItHasCaughtUp) {
  Client& client = Add();
  client.sink.set_network({.known = true});
  FallBehind(&client);
  Pass(kSlowLookInterval);
  const SlowEntry* entry = ledger_.Find(1);
  ASSERT_NE(entry, nullptr);
  EXPECT_TRUE(entry->slow);
  EXPECT_EQ(Slow(SlowVerdict::kUnknown), 1U);
  client.sink.set_network(
      {.known = true, .busy = seconds(1), .receive_window_limited = seconds(1)});
  Pass(kSlowWindow);
  EXPECT_EQ(changes_, Changes{"1 reader"});
  EXPECT_EQ(Slow(SlowVerdict::kReader), 1U);
  EXPECT_EQ(Slow(SlowVerdict::kUnknown), 0U);
  EXPECT_EQ(entry->evidence.receive_window_limited, seconds(1));
  EXPECT_EQ(entry->SlowFor(executor_.TurnTime()), kSlowLookInterval + kSlowWindow);

  ReadAll(&client);
  Pass(kSlowLookInterval);
  EXPECT_EQ(changes_, (Changes{"1 reader", "1 caught up"}));
  EXPECT_EQ(Slow(SlowVerdict::kReader), 0U);
  EXPECT_EQ(executor_.timers(), 0U) << "nobody is watched";
  EXPECT_EQ(metrics_.slow_ms_total.value(), 1500U);
  const base::Duration in_all = ledger_.Find(1)->SlowInAll(executor_.TurnTime());
  FallBehind(&client);
  Pass(kSlowLookInterval);
  EXPECT_EQ(ledger_.Find(1)->slow_total, 2U);
  EXPECT_EQ(ledger_.Find(1)->SlowInAll(executor_.TurnTime()), in_all + kSlowLookInterval);
}

TEST_F(SlowLedgerTest, ANetworkThatLosesIsToBlameBetweenTwoLossesToo) {
  Client& client = Add();
  NetworkSample sample{.known = true};
  client.sink.set_network(sample);
  FallBehind(&client);
  Pass(kSlowLookInterval);
  const auto pass_window = [&](uint64_t retransmits) {
    sample.busy += kSlowWindow, sample.segments += 1000, sample.retransmits += retransmits;
    client.sink.set_network(sample);
    Pass(kSlowWindow);
  };
  for (const uint64_t retransmits : {26, 0, 0, 26, 0, 0, 0, 0}) pass_window(retransmits);
  EXPECT_EQ(changes_, Changes{"1 network"});
  EXPECT_EQ(ledger_.Find(1)->evidence.retransmits, 26U) << "the evidence that it rests on";
  pass_window(0);
  EXPECT_EQ(changes_, (Changes{"1 network", "1 bandwidth"}));
  EXPECT_EQ(ledger_.Find(1)->evidence.retransmits, 0U);
}

// The kernel refuses a little more than it holds: nothing is lost, and yet the client stands still.
TEST_F(SlowLedgerTest, WhoStandsStillIsSlowThoughItIsNotBehind) {
  Client& client = Add();
  client.sink.set_window(0);
  client.sink.set_oldest(executor_.TurnTime());
  Offer(&client);
  client.sink.Flush();
  ASSERT_FALSE(client.outbox.behind());
  ledger_.Watch(&client.outbox);
  Pass(kSlowLookInterval);
  EXPECT_EQ(metrics_.slow_total.value(), 0U) << "so far it is only busy";
  Pass(kSlowAfter);
  EXPECT_EQ(metrics_.slow_total.value(), 1U);
}

TEST_F(SlowLedgerTest, WhoWasOnlyBusyIsForgotten) {
  Client& client = Add();
  client.sink.set_window(0);
  Offer(&client);
  client.sink.Flush();
  client.sink.set_oldest(executor_.TurnTime());
  ledger_.Watch(&client.outbox);
  ReadAll(&client);
  Pass(kSlowLookInterval);
  EXPECT_TRUE(ledger_.entries().empty());
  EXPECT_FALSE(client.outbox.watched());
}

TEST_F(SlowLedgerTest, ALoopThatComesTooLateIsToBlame) {
  Client& client = Add();
  client.sink.set_network({.writable = true, .known = true});
  FallBehind(&client);
  for (int i = 0; i < 12; ++i) {
    executor_.EndTurn();
    executor_.PassWithoutTurn(kSlowLookInterval + milliseconds(100));
    executor_.BeginTurn();
    executor_.NextTurn();
  }
  EXPECT_EQ(changes_, Changes{"1 broker"});
  EXPECT_EQ(ledger_.Find(1)->evidence.loop_lag, milliseconds(100));
}

TEST_F(SlowLedgerTest, ManyAreLookedAtAFewInEachTurn) {
  constexpr size_t kMany = 10 * kSlowLooksPerTurn;
  for (size_t i = 0; i < kMany; ++i) FallBehind(&Add());
  const uint64_t turns_before = executor_.turns();
  Pass(kSlowLookInterval);
  EXPECT_EQ(metrics_.slow_total.value(), kMany);
  EXPECT_GE(executor_.turns() - turns_before, kMany / kSlowLooksPerTurn);
  clients_[3].outbox.Close();
  ledger_.Forget(clients_[3].outbox);
  EXPECT_EQ(Slow(SlowVerdict::kUnknown), kMany - 1) << "the gone one does not count any more";
}

// Nothing is published that could remind of it.
TEST_F(SlowLedgerTest, WhatHasWaitedTooLongIsFoundWithoutAPublish) {
  Client& client = Add();
  client.subscription.max.age_ms = 1000;
  Client& strict = Add();
  strict.subscription.max.age_ms = 1000;
  strict.subscription.overflow = Overflow::kDisconnect;
  FallBehind(&client);
  FallBehind(&strict);
  Pass(milliseconds(900));
  EXPECT_EQ(metrics_.of(GapReason::kTooOld).value(), 0U);
  Pass(milliseconds(500));
  EXPECT_EQ(client.outbox.backlog_messages(), 0U);
  EXPECT_EQ(metrics_.of(GapReason::kTooOld).value(), 1U);
  EXPECT_NE(strict.overflow.find("limits 100 messages"), std::string::npos) << strict.overflow;
}

TEST_F(SlowLedgerTest, ThePastIsBounded) {
  Client& client = Add();
  FallBehind(&client);
  Pass(kSlowLookInterval);
  ReadAll(&client);
  for (size_t i = 0; i < kSlowPastEntriesMax; ++i) {
    Client& other = Add();
    FallBehind(&other);
    if (i % 1000 == 999) {
      Pass(kSlowLookInterval);
      for (Client& one : clients_) ReadAll(&one);
    }
  }
  Pass(kSlowLookInterval);
  EXPECT_EQ(ledger_.entries().size(), kSlowPastEntriesMax);
  EXPECT_EQ(ledger_.Find(1), nullptr) << "the one that connected first";
}

}  // namespace
}  // namespace esockets::broker

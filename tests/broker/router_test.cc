#include "broker/router.h"

#include <memory>
#include <string>
#include <vector>

#include "broker/outbox.h"
#include "gtest/gtest.h"
#include "tests/support/allocations.h"
#include "tests/support/fake_sink.h"
#include "tests/support/lone_router.h"
#include "tests/support/published.h"
#include "tests/support/silent_sink.h"
#include "tests/support/sim_wire_form.h"

namespace esockets::broker {
namespace {

// A session as the router sees it.
struct Receiver final : SessionEvents {
  Receiver() : outbox(&sink) { sink.set_session(1, this); }
  void OnRunClosed(uint64_t id) override { closed.push_back(id); }
  void OnOverflow(const std::string& detail) override { overflows.push_back(detail); }
  void OnBehind() override {}
  void SendGap(const Subscription&, const Gap&) override {}

  std::vector<std::string> Payloads() {
    sink.Flush();
    std::vector<std::string> payloads;
    for (const ServerFrame& frame : sink.TakeFrames()) {
      payloads.push_back(frame.message().payload());
    }
    return payloads;
  }

  tests::FakeSink sink;
  Outbox outbox;
  std::vector<std::string> overflows;
  std::vector<uint64_t> closed;  // requests that OnRunClosed was called for
};

using Texts = std::vector<std::string>;

class RouterTest : public testing::Test, protected tests::LoneRouter {
 protected:
  RouterTest() : LoneRouter(&form_) { executor_.BeginTurn(); }
  ~RouterTest() override {
    for (const auto& subscription : subscriptions_) router_.Remove(subscription.get());
    executor_.EndTurn();
  }

  Receiver* AddReceiver() {
    receivers_.push_back(std::make_unique<Receiver>());
    return receivers_.back().get();
  }
  Subscription* Subscribe(Receiver* receiver, const std::string& filter,
                          Overflow overflow = Overflow::kDropOldest) {
    subscriptions_.push_back(std::make_unique<Subscription>(&receiver->outbox));
    Subscription* subscription = subscriptions_.back().get();
    subscription->SetContract(overflow, {.messages = 10'000, .bytes = 8 << 20});
    router_.Add(filter, subscription);
    return subscription;
  }
  size_t Publish(std::string_view topic, std::string_view payload) {
    return router_.Publish(tests::Published(topic, payload).messages()).receivers;
  }

  tests::SimWireForm form_{&executor_.clock()};
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;
};

TEST_F(RouterTest, ARunIsOneDeliveryToEachSubscriber) {
  constexpr int kReceivers = 1000;
  constexpr int kMessages = 500;
  for (int i = 0; i < kReceivers; ++i) Subscribe(AddReceiver(), "a");
  for (int i = 0; i < kMessages; ++i) EXPECT_EQ(Publish("a", "x"), size_t{kReceivers});
  executor_.NextTurn();
  EXPECT_EQ(form_.encodings(), uint64_t{kMessages});
  for (const auto& receiver : receivers_) {
    EXPECT_EQ(receiver->sink.deliver_calls(), 1U);
    EXPECT_EQ(receiver->outbox.delivered_messages_total(), uint64_t{kMessages});
  }
  EXPECT_EQ(metrics_.runs.value(), 1U);
}

TEST_F(RouterTest, DifferentTopicsOfTheSameSubscribersAreOneRun) {
  Receiver* receiver = AddReceiver();
  Subscribe(receiver, "#");
  Publish("a", "1");
  Publish("b", "2");
  Publish("a", "3");
  executor_.NextTurn();
  EXPECT_EQ(receiver->sink.deliver_calls(), 1U);
  EXPECT_EQ(receiver->Payloads(), (Texts{"1", "2", "3"}));
}

TEST_F(RouterTest, OtherSubscribersCloseTheRunAndOrderIsKept) {
  Receiver* all = AddReceiver();
  Receiver* one = AddReceiver();
  Subscribe(all, "#");
  Subscribe(one, "b");
  for (const char* topic : {"a", "b", "b", "a"}) Publish(topic, topic);
  executor_.NextTurn();
  EXPECT_EQ(metrics_.runs.value(), 3U);
  EXPECT_EQ(all->Payloads(), (Texts{"a", "b", "b", "a"}));
  EXPECT_EQ(one->Payloads(), (Texts{"b", "b"}));
}

TEST_F(RouterTest, ANewChunkClosesTheRun) {
  Receiver* receiver = AddReceiver();
  Subscribe(receiver, "a");
  Publish("a", "1");
  form_.BeginChunk();
  Publish("a", "2");
  executor_.NextTurn();
  EXPECT_EQ(metrics_.runs.value(), 2U);
  EXPECT_EQ(receiver->Payloads(), (Texts{"1", "2"}));
}

TEST_F(RouterTest, WhatNobodyWantsIsNotEncoded) {
  Subscribe(AddReceiver(), "a");
  EXPECT_EQ(Publish("b", "x"), 0U);
  executor_.NextTurn();
  EXPECT_EQ(form_.encodings(), 0U);
  EXPECT_EQ(metrics_.runs.value(), 0U);
}

TEST_F(RouterTest, OneMessageReachesASessionOnceAndTheStrictestContractGoverns) {
  Receiver* receiver = AddReceiver();
  Subscription* lenient = Subscribe(receiver, "a/#");
  Subscription* strict = Subscribe(receiver, "a/b", Overflow::kDisconnect);
  Subscription* other = Subscribe(receiver, "+/b");
  EXPECT_EQ(Publish("a/b", "x"), 1U);
  executor_.NextTurn();
  EXPECT_EQ(receiver->Payloads(), (Texts{"x"}));
  EXPECT_EQ(strict->delivered_messages_total, 1U);
  EXPECT_EQ(lenient->delivered_messages_total + other->delivered_messages_total, 0U);
}

// The match is remembered; which contract is the strictest must not be.
// The same with more subscribers than are compared one by one.
TEST_F(RouterTest, ManySubscribersOfSeveralFiltersGetOneEach) {
  constexpr int kReceivers = 100;
  for (int i = 0; i < kReceivers; ++i) {
    Receiver* receiver = AddReceiver();
    Subscribe(receiver, "a", i % 3 == 0 ? Overflow::kDisconnect : Overflow::kDropOldest);
    if (i % 2 == 0) Subscribe(receiver, "+");
    if (i % 5 == 0) Subscribe(receiver, "#", Overflow::kDisconnect);
  }
  EXPECT_EQ(Publish("a", "x"), size_t{kReceivers});
  executor_.NextTurn();
  for (int i = 0; i < kReceivers; ++i) {
    EXPECT_EQ(receivers_[static_cast<size_t>(i)]->Payloads(), Texts{"x"}) << i;
  }
  uint64_t disconnects = 0;
  for (const auto& subscription : subscriptions_) {
    if (subscription->overflow == Overflow::kDisconnect) {
      disconnects += subscription->delivered_messages_total;
    }
  }
  EXPECT_EQ(disconnects, 34U + 20 - 7) << "one that disconnects governs where there is one";
}

TEST_F(RouterTest, AContractThatChangesGovernsFromThereOn) {
  Receiver* receiver = AddReceiver();
  Subscription* first = Subscribe(receiver, "a/#");
  Subscription* second = Subscribe(receiver, "a/b", Overflow::kDisconnect);
  Publish("a/b", "1");
  router_.BeforeContractChange();
  EXPECT_EQ(second->delivered_messages_total, 1U);
  first->overflow = Overflow::kDisconnect;
  second->overflow = Overflow::kDropOldest;
  Publish("a/b", "2");
  router_.CloseRun();
  EXPECT_EQ(first->delivered_messages_total, 1U);
}

TEST_F(RouterTest, ASubscriptionSeesWhatComesAfterItAndNothingBefore) {
  Receiver* first = AddReceiver();
  Receiver* second = AddReceiver();
  Subscribe(first, "a");
  Publish("a", "1");
  Subscription* late = Subscribe(second, "a");
  Publish("a", "2");
  router_.Remove(late);
  Publish("a", "3");
  executor_.NextTurn();
  EXPECT_EQ(first->Payloads(), (Texts{"1", "2", "3"}));
  EXPECT_EQ(second->Payloads(), (Texts{"2"}));
  subscriptions_.pop_back();
}

TEST_F(RouterTest, ObserversHearWhenTheRunIsInEveryOutbox) {
  Receiver* receiver = AddReceiver();
  Subscribe(receiver, "a");
  Receiver observer;
  Publish("a", "1");
  router_.NotifyAfterRun(&observer, 7);
  Publish("a", "2");
  router_.NotifyAfterRun(&observer, 8);
  EXPECT_TRUE(observer.closed.empty());
  EXPECT_EQ(receiver->outbox.delivered_messages_total(), 0U);
  router_.CloseRun();
  EXPECT_EQ(observer.closed, (std::vector<uint64_t>{7, 8}));
  EXPECT_EQ(receiver->outbox.delivered_messages_total(), 2U);
}

TEST_F(RouterTest, ObserversOfMessagesForNobodyHearInTheSameTurn) {
  Receiver observer;
  Publish("nobody", "1");
  router_.NotifyAfterRun(&observer, 7);
  executor_.NextTurn();
  EXPECT_EQ(observer.closed, (std::vector<uint64_t>{7}));
}

// What was matched ahead is a memory: it gives way when a subscription comes between.
TEST_F(RouterTest, WhatWasMatchedAheadIsTheSameAsMatchedThen) {
  Receiver* receiver = AddReceiver();
  Subscribe(receiver, "a");
  Subscribe(receiver, "+/b");
  const tests::Published a("a", "1"), xb("x/b", "2"), nobody("nobody", "3"), late("late", "4");
  const std::vector<std::string_view> topics = {a.messages().topic, xb.messages().topic,
                                                nobody.messages().topic, late.messages().topic};
  router_.MatchAhead(topics);
  EXPECT_EQ(router_.Publish(a.messages()).receivers, 1U);
  EXPECT_EQ(router_.Publish(xb.messages()).receivers, 1U);
  EXPECT_EQ(router_.Publish(nobody.messages()).receivers, 0U);
  Subscribe(receiver, "late");
  EXPECT_EQ(router_.Publish(late.messages()).receivers, 1U);
  router_.EndAhead();

  router_.MatchAhead(topics);
  EXPECT_EQ(router_.Publish(xb.messages()).receivers, 1U) << "not in the order that was announced";
  EXPECT_EQ(router_.Publish(a.messages()).receivers, 1U);
  router_.EndAhead();
  EXPECT_EQ(router_.Publish(nobody.messages()).receivers, 0U);
  executor_.NextTurn();
  EXPECT_EQ(receiver->Payloads(), (Texts{"1", "2", "4", "2", "1"}));
}

TEST_F(RouterTest, ADeliveryAllocatesNothing) {
  constexpr int kReceivers = 100;
  constexpr int kMessages = 100;
  tests::SilentSink sink;
  std::vector<std::unique_ptr<Outbox>> outboxes;
  for (int i = 0; i < kReceivers; ++i) {
    outboxes.push_back(std::make_unique<Outbox>(&sink));
    subscriptions_.push_back(std::make_unique<Subscription>(outboxes.back().get()));
    router_.Add("a", subscriptions_.back().get());
  }
  const tests::Published message("a", "x");
  const auto allocations_of_a_run = [&] {
    const uint64_t before = tests::AllocationsOfThisThread();
    for (int i = 0; i < kMessages; ++i) router_.Publish(message.messages());
    router_.CloseRun();
    return tests::AllocationsOfThisThread() - before;
  };
  allocations_of_a_run();
  // Ten thousand deliveries; the wire form's own table may grow meanwhile.
  EXPECT_LE(allocations_of_a_run(), 2U);
  EXPECT_GT(sink.bytes, uint64_t{2} * kReceivers * kMessages);
}

}  // namespace
}  // namespace esockets::broker

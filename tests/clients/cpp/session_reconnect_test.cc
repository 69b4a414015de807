// What a session does between its connections, and at the beginning of the next.
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/strings.h"
#include "clients/cpp/limits.h"
#include "clients/cpp/session.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/clients/cpp/fake_transport.h"
#include "tests/clients/cpp/session_fixture.h"

namespace esockets::client {
namespace {

using base::StrCat;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// --- again and again

TEST_F(SessionTest, WaitsLongerAfterEachFailure) {
  struct Case {
    double dice;
    std::vector<int64_t> waits_ms;
  };
  const Case cases[] = {
      {0.0, {0, 0, 0, 0, 0, 0}},
      {0.5, {50, 100, 200, 400, 500, 500}},
      {0.75, {75, 150, 300, 600, 750, 750}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.dice);
    dice_ = c.dice;
    const int dials = transport_.dials();
    Start();
    EXPECT_EQ(transport_.dials(), dials + 1);
    for (const int64_t wait_ms : c.waits_ms) {
      TakeDiary();
      transport_.Break();
      EXPECT_TRUE(absl::IsUnavailable(reason_)) << reason_;
      EXPECT_EQ(WaitForDial().count(), wait_ms);
      EXPECT_THAT(TakeDiary(), ElementsAre("waiting", "connecting"));
    }
  }
}

TEST_F(SessionTest, OnlyAConnectionThatLastedMakesTheNextWaitAFirstOne) {
  Start();
  transport_.Break();
  EXPECT_EQ(WaitForDial(), milliseconds(50));
  Greet();
  Advance(milliseconds(199));  // the ceiling of the next wait is 200 ms
  transport_.Break();
  EXPECT_EQ(WaitForDial(), milliseconds(100));
  Greet();
  Advance(milliseconds(400));
  transport_.Break();
  EXPECT_EQ(WaitForDial(), milliseconds(50));
}

TEST_F(SessionTest, WithoutReconnectTheFirstFailureIsTheEnd) {
  options_.reconnect = false;
  Start();
  transport_.Break();
  EXPECT_THAT(TakeDiary(), ElementsAre("connecting", "closed"));
  EXPECT_TRUE(absl::IsUnavailable(reason_)) << reason_;
  EXPECT_EQ(executor_.timers(), 0);
}

TEST_F(SessionTest, DoesWhatTheBrokersCloseSays) {
  struct Case {
    const char* frames;
    uint32_t code;
    int64_t wait_ms;  // -1: it is the end
  };
  const Case cases[] = {
      {"close { code: 241 retryable: true }", 241, 50},
      {"close { code: 241 retryable: true retry_after_ms: 3000 }", 241, 3050},
      {"close { code: 230 text: 'who are you' }", 230, -1},
      {"close { code: 230 retry_after_ms: 3000 }", 230, -1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.frames);
    Start();
    Greet();
    TakeDiary();
    Arrive(c.frames);
    EXPECT_FALSE(transport_.up());
    EXPECT_EQ(BrokerCode(reason_), c.code);
    EXPECT_THAT(TakeDiary(),
                ElementsAre(StrCat("close ", c.code), c.wait_ms < 0 ? "closed" : "waiting"));
    if (c.wait_ms < 0) {
      EXPECT_EQ(executor_.timers(), 0);
    } else {
      EXPECT_EQ(WaitForDial().count(), c.wait_ms);
    }
  }
}

TEST_F(SessionTest, RefusedGreetingIsAnEndToo) {
  Start();
  Greet("close { code: 230 text: 'who are you' }");
  EXPECT_THAT(TakeDiary(), ElementsAre("connecting", "close 230", "closed"));
  EXPECT_TRUE(absl::IsUnauthenticated(reason_)) << reason_;
}

// The wait that the broker asked for counts once.
TEST_F(SessionTest, LeavesWhenToldAndComesBackAsTold) {
  StartConnected();
  const uint64_t id = Ask("before");
  transport_.TakeSent();
  Arrive("go_away { code: 250 retry_after_ms: 2000 }");
  Publish("a", "kept");
  EXPECT_THAT(transport_.TakeSent(), IsEmpty());
  Arrive(StrCat("published { id: ", id, " }"));
  Arrive("close { code: 250 retryable: true retry_after_ms: 500 }");
  EXPECT_THAT(TakeDiary(),
              ElementsAre("go away 250", "answer to before: ", "close 250", "waiting"));
  EXPECT_EQ(WaitForDial(), milliseconds(2050));
  Greet();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "publish a=kept"));
  transport_.Break();
  EXPECT_EQ(WaitForDial(), milliseconds(100));
}

// --- subscribed again

TEST_F(SessionTest, IsConnectedWhenItsFiltersStandAgain) {
  StartConnected({"a", "b/#"});
  Reconnect();
  const Lines sent = transport_.TakeSent();
  ASSERT_EQ(sent.size(), 3);
  EXPECT_EQ(sent[0], "connect me");
  EXPECT_THAT(Lines({sent[1].substr(12), sent[2].substr(12)}), UnorderedElementsAre("a", "b/#"));
  EXPECT_EQ(sent[1].substr(0, 11), "subscribe 1");
  EXPECT_EQ(sent[2].substr(0, 11), "subscribe 2");
  EXPECT_THAT(TakeDiary(), ElementsAre("waiting", "connecting"));

  Arrive("subscribed { id: 1 }");
  Arrive("message { topic: 'a' payload: '1' }");
  Arrive("pong { id: 0 }");  // it was asked for behind them, and yet says nothing of them
  EXPECT_THAT(TakeDiary(), ElementsAre("a=1"));
  Arrive("subscribed { id: 2 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("connected"));
  EXPECT_TRUE(reason_.ok());
  Arrive("subscribed { id: 2 }");  // tells nothing twice
  EXPECT_THAT(TakeDiary(), IsEmpty());
}

TEST_F(SessionTest, FiltersFromBeforeTheFirstConnectionCountToo) {
  Start();
  Subscribe("a");
  Greet();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "subscribe 1 a"));
  Arrive("subscribed { id: 1 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("connecting", "a stands", "connected"));
}

TEST_F(SessionTest, FilterThatComesWhileItWaitsIsAskedForOnce) {
  StartConnected();
  transport_.Break();
  Subscribe("a");
  WaitForDial();
  Greet();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "subscribe 1 a"));
}

TEST_F(SessionTest, FilterThatIsRefusedDoesNotKeepItFromBeingConnected) {
  StartConnected({"a"});
  Reconnect();
  TakeDiary();
  Arrive("error { id: 1 code: 120 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("end of a: PERMISSION_DENIED", "error 120", "connected"));
  transport_.TakeSent();
  Reconnect();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me"));
}

TEST_F(SessionTest, LostBeforeItsFiltersStandIsNotConnected) {
  StartConnected({"a"});
  Reconnect();
  Arrive("pong { id: 0 }");
  transport_.Break();
  EXPECT_THAT(TakeDiary(), ElementsAre("waiting", "connecting", "waiting"));
  EXPECT_EQ(WaitForDial(), milliseconds(100));
  transport_.TakeSent();
  Greet();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "subscribe 1 a"));
  Arrive("subscribed { id: 1 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("connecting", "connected"));
}

TEST_F(SessionTest, ClosedBeforeItsFiltersStandIsNotConnected) {
  StartConnected({"a"});
  Reconnect();
  TakeDiary();
  transport_.TakeSent();
  Close();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("disconnect"));
  Arrive("subscribed { id: 1 }");
  EXPECT_THAT(TakeDiary(), IsEmpty());
  transport_.Break();
  EXPECT_THAT(TakeDiary(), ElementsAre("end of a: FAILED_PRECONDITION", "closed"));
}

// Who waits for kConnected before it receives would wait for ever.
TEST_F(SessionTest, ReadsUntilItsFiltersStandThoughItIsPaused) {
  struct Case {
    const char* name;
    bool paused_before;  // ... or between Connected and Subscribed
  };
  for (const Case& c : {Case{"before", true}, Case{"meanwhile", false}}) {
    SCOPED_TRACE(c.name);
    StartConnected({"a"});
    if (c.paused_before) PauseRead();
    EXPECT_EQ(transport_.paused(), c.paused_before);
    Reconnect();
    if (!c.paused_before) PauseRead();
    TakeDiary();
    EXPECT_FALSE(transport_.paused());
    transport_.Arrive(Framed("subscribed { id: 1 }") +
                      Framed("message { topic: 'a' payload: '1' }"));
    EXPECT_TRUE(transport_.paused());
    EXPECT_THAT(TakeDiary(), ElementsAre("connected"));
    ResumeRead();
    EXPECT_FALSE(transport_.paused());
    EXPECT_EQ(transport_.unread_bytes(), 0);
    EXPECT_THAT(TakeDiary(), ElementsAre("a=1"));
  }
}

TEST_F(SessionTest, PauseThatIsOverBeforeItsFiltersStandIsNone) {
  StartConnected({"a"});
  PauseRead();
  PauseRead();
  Reconnect();
  ResumeRead();
  ResumeRead();
  Arrive("subscribed { id: 1 }");
  EXPECT_FALSE(transport_.paused());
}

// --- a lost connection

TEST_F(SessionTest, WhatWasSentFailsAndWhatWasNotIsSentAgain) {
  StartConnected({"a"});
  Ask("sent");
  transport_.TakeSent();
  transport_.Congest();
  Ask("unsent");
  transport_.Break();
  EXPECT_THAT(TakeDiary(), ElementsAre("answer to sent: UNAVAILABLE", "waiting"));
  const uint64_t waiting = Ask("waiting");
  Advance(milliseconds(50));
  Greet();
  EXPECT_THAT(transport_.TakeSent(),
              ElementsAre("connect me", "subscribe 1 a", "publish unsent=?", "publish waiting=?"));
  TakeDiary();
  Arrive(StrCat("published { id: ", waiting - 1, " }"));
  Arrive(StrCat("published { id: ", waiting, " }"));
  EXPECT_THAT(TakeDiary(), ElementsAre("answer to unsent: ", "answer to waiting: "));
}

// A request can be known to the session while its frame is still in the buffer.
TEST_F(SessionTest, RequestBehindWhatCongestedTheSocketIsNotLost) {
  StartConnected();
  transport_.Congest();
  Publish("a", std::string(kSendPieceBytes, 'x'));
  Ask("unsent");
  transport_.CongestBySend();
  transport_.Uncongest();
  EXPECT_EQ(transport_.TakeSent().size(), 1);
  Reconnect();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "publish unsent=?"));
  EXPECT_THAT(TakeDiary(), ElementsAre("waiting", "connecting", "connected"));
}

// --- what waits in the buffer about filters is older than the connection

TEST_F(SessionTest, UnsubscribeOfBeforeEndsNoNewSubscription) {
  StartConnected({"a"});
  transport_.Congest();
  Unsubscribe("a", 1);
  transport_.Break();
  Subscribe("a");
  Advance(milliseconds(50));
  Greet();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "subscribe 1 a"));
}

TEST_F(SessionTest, SubscribeOfBeforeIsNotAskedForNobody) {
  StartConnected();
  transport_.Congest();
  const uint64_t subscriber = Subscribe("a");
  transport_.Break();
  Unsubscribe("a", subscriber);
  Advance(milliseconds(50));
  Greet();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me"));
}

TEST_F(SessionTest, SubscribeOfBeforeIsAskedForOnce) {
  StartConnected();
  transport_.Congest();
  Publish("x", "1");
  Subscribe("a");
  Publish("x", "2");
  transport_.Break();
  Advance(milliseconds(50));
  Greet();
  EXPECT_THAT(transport_.TakeSent(),
              ElementsAre("connect me", "subscribe 1 a", "publish x=1", "publish x=2"));
}

TEST_F(SessionTest, TheEndFailsAllThatWait) {
  StartConnected({"a"});
  Ask("sent");
  transport_.Congest();
  Ask("unsent");
  Arrive("close { code: 230 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("close 230", "answer to sent: UNAUTHENTICATED",
                                       "answer to unsent: UNAUTHENTICATED",
                                       "end of a: UNAUTHENTICATED", "closed"));
  EXPECT_TRUE(absl::IsUnauthenticated(outgoing_->Add("x", false)));
}

}  // namespace
}  // namespace esockets::client

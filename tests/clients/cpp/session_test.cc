// Connections that come and end; those that come again are in session_reconnect_test.
#include "clients/cpp/session.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "clients/cpp/limits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/clients/cpp/fake_transport.h"
#include "tests/clients/cpp/session_fixture.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::client {
namespace {

using base::StrCat;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

// --- a connection, from its beginning

TEST_F(SessionTest, Greets) {
  tests::PretendOnLoop();
  Start();
  EXPECT_EQ(transport_.dials(), 1);
  EXPECT_THAT(TakeDiary(), ElementsAre("connecting"));
  transport_.Up();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me"));
  EXPECT_EQ(session_->frame_bytes_max(), kFrameBytesMaxBeforeConnected);
  EXPECT_THAT(TakeDiary(), IsEmpty());
  Arrive("connected { client_id: 'you' limits { frame_bytes_max: 77 } }");
  EXPECT_THAT(TakeDiary(), ElementsAre("connected"));
  EXPECT_THAT(transport_.TakeSent(), IsEmpty());
  EXPECT_EQ(session_->client_id(), "you");
  EXPECT_EQ(session_->frame_bytes_max(), 77);
  EXPECT_EQ(session_->connects_total(), 1);
  session_->Start();  // no effect
  EXPECT_EQ(transport_.dials(), 1);
}

TEST_F(SessionTest, TakesFramesHoweverTheyAreCut) {
  Start();
  transport_.Up();
  const std::string bytes = Framed("connected {}") + Framed("gap { filter: 'a' }");
  for (const char byte : bytes) transport_.Arrive(std::string_view(&byte, 1));
  EXPECT_THAT(TakeDiary(), ElementsAre("connecting", "connected", "gap a"));
}

TEST_F(SessionTest, GivesUpAConnectionThatDoesNotSpeakTheProtocol) {
  const std::string too_long = "\xFF\xFF\xFF\xFF\x0F";
  for (const std::string& bytes : {std::string(1, '\0'), too_long, std::string("\x02\x0A\x7F")}) {
    SCOPED_TRACE(testing::PrintToString(bytes));
    StartConnected();
    transport_.Arrive(bytes);
    EXPECT_FALSE(transport_.up());
    EXPECT_THAT(TakeDiary(), ElementsAre("waiting"));
    EXPECT_TRUE(absl::IsInternal(reason_)) << reason_;
  }
}

TEST_F(SessionTest, ConnectTimeoutIsOfTheWholeAttempt) {
  options_.connect_timeout = seconds(10);
  Start();
  Advance(seconds(4));
  transport_.Up();
  Advance(milliseconds(5999));
  EXPECT_TRUE(transport_.up());
  Advance(milliseconds(1));
  EXPECT_FALSE(transport_.up());
  EXPECT_THAT(TakeDiary(), ElementsAre("connecting", "waiting"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(reason_)) << reason_;
}

// --- while it stands

TEST_F(SessionTest, PausesAreCounted) {
  StartConnected({"a"});
  PauseRead();
  PauseRead();
  ResumeRead();
  Arrive("message { topic: 'a' payload: '1' }");
  EXPECT_TRUE(transport_.paused());
  EXPECT_THAT(TakeDiary(), IsEmpty());
  ResumeRead();
  EXPECT_FALSE(transport_.paused());
  EXPECT_THAT(TakeDiary(), ElementsAre("a=1"));
}

TEST_F(SessionTest, GivesAnswersToThoseWhoWait) {
  StartConnected({"a"});
  const uint64_t acked = Ask("acked");
  const uint64_t refused = Ask("refused");
  const uint64_t replied = Ask("replied", "_INBOX/1");
  tests::PretendOnLoop();
  session_->Forget(Ask("forgotten", "_INBOX/2"));
  Arrive(StrCat("published { id: ", acked, " }"));
  Arrive(StrCat("error { id: ", refused, " code: 120 }"));
  Arrive(StrCat("published { id: ", replied, " }"));
  Arrive("message { topic: '_INBOX/1' payload: 'yes' }");
  Arrive("message { topic: '_INBOX/2' payload: 'late' }");
  Arrive("message { topic: 'a' payload: '1' }");
  Arrive("gap { filter: 'a' messages: 2 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("answer to acked: ", "answer to refused: PERMISSION_DENIED",
                                       "answer to replied: yes", "a=1", "gap a"));
}

TEST_F(SessionTest, ARequestThatNamesAnInboxOfBeforeHasNotBeenSent) {
  Start();
  Greet("connected { client_id: 'me' inbox: '$INBOX/1' }");
  tests::PretendOnLoop();
  EXPECT_EQ(session_->inbox(), "$INBOX/1");
  TakeDiary();
  transport_.Break();
  const uint64_t late = Ask("late", "$INBOX/1/1");
  const uint64_t forgotten = Ask("forgotten", "$INBOX/1/2");
  const uint64_t plain = Ask("plain");
  WaitForDial();
  Greet("connected { client_id: 'me' inbox: '$INBOX/2' }");
  TakeDiary();
  tests::PretendOnLoop();
  session_->Forget(forgotten);
  for (const uint64_t id : {late, forgotten, plain}) {
    Arrive(StrCat("error { id: ", id, " code: 152 }"));
  }
  Arrive("error { code: 152 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("answer to late: UNAVAILABLE",
                                       "answer to plain: PERMISSION_DENIED", "error 152"));
  EXPECT_EQ(session_->inbox(), "$INBOX/2");
}

TEST_F(SessionTest, DeliveriesComeInAnyOrder) {
  StartConnected();
  const uint64_t slow = Ask("slow", "", 5000);
  const uint64_t quick = Ask("quick", "", 5000);
  EXPECT_THAT(transport_.TakeSent(),
              ElementsAre("publish slow=? confirm 5000", "publish quick=? confirm 5000"));
  Ask("lost", "", 5000);
  Arrive(StrCat("published { id: ", quick, " delivery { matched: 2 written: 2 } }"));
  Arrive(
      StrCat("published { id: ", slow,
             " delivery { matched: 15 written: 1 queued: 2 conflated: 3 dropped: 4 gone: 5 } }"));
  transport_.Break();
  EXPECT_THAT(TakeDiary(),
              ElementsAre("answer to quick: 2=2+0+0+0+0", "answer to slow: 15=1+2+3+4+5",
                          "answer to lost: UNAVAILABLE", "waiting"));
}

TEST_F(SessionTest, TellsErrorsThatNobodyWaitsFor) {
  StartConnected();
  Arrive("error { code: 111 }");
  Arrive("error { id: 9 code: 120 }");
  Arrive("error { id: 10 code: 114 }");  // an Unsubscribe that came too late
  EXPECT_THAT(TakeDiary(), ElementsAre("error 111", "error 120"));
}

TEST_F(SessionTest, SendsWhileTheSocketTakesIt) {
  StartConnected();
  transport_.Congest();
  Publish("a", "1");
  EXPECT_THAT(transport_.TakeSent(), IsEmpty());
  transport_.Uncongest();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("publish a=1"));
  Publish("a", "2");
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("publish a=2"));
}

TEST_F(SessionTest, KeepAliveFailsASilentBroker) {
  struct Case {
    const char* name;
    bool answers;
    bool paused;
    bool stands;
  };
  const Case cases[] = {
      {"Silent", false, false, false},
      {"Answers", true, false, true},
      {"NotHeardBecausePaused", false, true, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Start();
    Greet("connected { keep_alive_ms: 1000 }");
    if (c.paused) PauseRead();
    transport_.TakeSent();
    for (int tick = 0; tick < kSilentTicksMax; ++tick) {
      Advance(milliseconds(499));
      EXPECT_THAT(transport_.TakeSent(), IsEmpty());
      Advance(milliseconds(1));
      EXPECT_THAT(transport_.TakeSent(), ElementsAre("ping 0"));
      if (c.answers) Arrive("pong {}");
    }
    EXPECT_TRUE(transport_.up());
    Advance(milliseconds(500));
    EXPECT_EQ(transport_.up(), c.stands);
    EXPECT_EQ(absl::IsUnavailable(reason_), !c.stands) << reason_;
  }
}

// It reads, paused or not: silence is the broker's.
TEST_F(SessionTest, KeepAliveWatchesTheSubscribingToo) {
  StartConnected({"a"});
  PauseRead();
  transport_.Break();
  Advance(milliseconds(50));
  Greet("connected { keep_alive_ms: 1000 }");
  Advance(seconds(2));
  EXPECT_THAT(TakeDiary(), ElementsAre("waiting", "connecting", "waiting"));
}

TEST_F(SessionTest, WithoutKeepAliveNothingIsTimed) {
  StartConnected();
  EXPECT_EQ(executor_.timers(), 0);
}

// --- to its end

TEST_F(SessionTest, CloseSendsWhatIsBufferedAndSaysGoodbye) {
  StartConnected();
  transport_.Congest();
  Publish("a", "1");
  Close();
  Close();  // no effect
  EXPECT_TRUE(absl::IsFailedPrecondition(outgoing_->Add("x", false)));
  Subscribe("b");
  EXPECT_THAT(TakeDiary(), ElementsAre("end of b: CANCELLED", "b refused"));
  EXPECT_THAT(transport_.TakeSent(), IsEmpty());
  transport_.Uncongest();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("publish a=1", "disconnect"));
  EXPECT_THAT(TakeDiary(), IsEmpty());
  Arrive("close { code: 200 retryable: true }");  // the broker's goodbye
  EXPECT_THAT(TakeDiary(), ElementsAre("closed"));
  EXPECT_TRUE(reason_.ok()) << reason_;
  EXPECT_FALSE(transport_.up());
  EXPECT_EQ(executor_.timers(), 0);
}

// What a paused client has not read stands before the broker's goodbye.
TEST_F(SessionTest, CloseDoesNotWaitForWhoDoesNotReceive) {
  StartConnected({"a"});
  PauseRead();
  Arrive("message { topic: 'a' payload: '1' }");
  Close();
  EXPECT_FALSE(transport_.paused());
  PauseRead();
  EXPECT_FALSE(transport_.paused());
  Arrive("close { code: 200 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("end of a: FAILED_PRECONDITION", "closed"));
}

TEST_F(SessionTest, CloseSendsWhatGoAwayHeldBack) {
  StartConnected();
  Arrive("go_away { code: 250 }");
  Publish("a", "1");
  Close();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("publish a=1", "disconnect"));
}

TEST_F(SessionTest, CloseWithoutConnectionOrAnythingToSendIsTheEnd) {
  struct Case {
    const char* name;
    void (*before)(FakeTransport*);
  };
  const Case cases[] = {
      {"Dialing", [](FakeTransport*) {}},
      {"Greeting", [](FakeTransport* transport) { transport->Up(); }},
      {"Waiting", [](FakeTransport* transport) { transport->Break(); }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Start();
    c.before(&transport_);
    TakeDiary();
    const int dials = transport_.dials();
    Close();
    EXPECT_THAT(TakeDiary(), ElementsAre("closed"));
    EXPECT_TRUE(reason_.ok()) << reason_;
    EXPECT_FALSE(transport_.up());
    Advance(seconds(60));
    EXPECT_EQ(transport_.dials(), dials);
  }
}

TEST_F(SessionTest, CloseWhileItWaitsComesBackForWhatIsBuffered) {
  StartConnected();
  transport_.Break();
  Publish("a", "1");
  Close();
  EXPECT_THAT(TakeDiary(), ElementsAre("waiting"));
  Advance(milliseconds(50));
  transport_.TakeSent();
  Greet();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "publish a=1", "disconnect"));
  transport_.Break();
  EXPECT_THAT(TakeDiary(), ElementsAre("connecting", "connected", "closed"));
  EXPECT_TRUE(reason_.ok()) << reason_;
}

TEST_F(SessionTest, CloseTellsWhatKeptItFromSending) {
  StartConnected();
  transport_.Break();
  Publish("a", "1");
  Close();
  Advance(milliseconds(50));
  Greet("close { code: 230 }");
  EXPECT_EQ(TakeDiary().back(), "closed");
  EXPECT_EQ(BrokerCode(reason_), 230);
}

}  // namespace
}  // namespace esockets::client

// The session on a simulated loop, over a transport that is a string in each direction. What the
// program hears and what the broker gets are lines of text, in order.
#include "clients/cpp/session.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "clients/cpp/frames.h"
#include "clients/cpp/limits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/clients/cpp/fake_transport.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_executor.h"

namespace esockets::client {
namespace {

using base::StrCat;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
class DiarySubscriber final : public Subscriber {
 public:
  DiarySubscriber(std::string filter, Lines* diary) : filter_(std::move(filter)), diary_(*diary) {}
  void OnMessage(const MessageView& message) override {
    diary_.push_back(StrCat(message.topic, "=", message.payload));
  }
  void OnEnd(const absl::Status& reason) override {
    diary_.push_back(StrCat("end of ", filter_, ": ", absl::StatusCodeToString(reason.code())));
  }

 private:
  const std::string filter_;
  Lines& diary_;
};

class SessionTest : public testing::Test {
 protected:
  static constexpr const char* kSubscribedAgain = "ping 1048576";

  SessionTest() {
    executor_.BeginTurn();
    options_.client_id = "me";
    options_.backoff_min = milliseconds(100);
    options_.backoff_max = seconds(1);
    options_.dice = [this] { return dice_; };
  }
  ~SessionTest() override {
    tests::PretendOnLoop();
    if (session_) session_->End(absl::OkStatus());
    executor_.EndTurn();
  }

  // --- what the program does
  // In place of the one before, if there was one.
  void Start() {
    tests::PretendOnLoop();
    if (session_) session_->End(absl::OkStatus());
    session_.reset();
    diary_.clear();
    outgoing_.emplace(1 << 20, WhenFull::kError, [this] {
      executor_.Post([this] {
        tests::PretendOnLoop();
        session_->Drain();
      });
    });
    session_.emplace(&executor_, &transport_, &*outgoing_, options_, Events());
    session_->Start();
  }
  void Publish(std::string_view topic, std::string_view payload) {
    std::string frame;
    AppendPublish(topic, payload, {}, 0, &frame);
    EXPECT_TRUE(outgoing_->Add(frame, /*may_wait=*/false).ok());
    executor_.NextTurn();
  }
  // A Publish that wants its Published; returns the id. `reply_topic`: ... that wants a reply.
  uint64_t Ask(std::string_view topic, std::string_view reply_topic = {}) {
    const auto write = [&](uint64_t id, std::string* frames) {
      AppendPublish(topic, "?", {.reply_to = std::string(reply_topic)}, id, frames);
    };
    PendingRequest request{.reply_topic = std::string(reply_topic)};
    request.done = [this, name = std::string(topic)](const absl::StatusOr<std::string>& answer) {
      diary_.push_back(
          StrCat("answer to ", name, ": ",
                 answer.ok() ? *answer : absl::StatusCodeToString(answer.status().code())));
    };
    const absl::StatusOr<uint64_t> id = outgoing_->AddControl(write, std::move(request));
    EXPECT_TRUE(id.ok());
    executor_.NextTurn();
    return id.value_or(0);
  }
  uint64_t Subscribe(const std::string& filter) {
    tests::PretendOnLoop();
    const uint64_t id = ++subscribers_;
    session_->Subscribe(filter, {}, {id, std::make_shared<DiarySubscriber>(filter, &diary_)},
                        [this, filter](const absl::Status& status) {
                          diary_.push_back(StrCat(filter, status.ok() ? " stands" : " refused"));
                        });
    executor_.NextTurn();
    return id;
  }
  void PauseRead() {
    tests::PretendOnLoop();
    session_->PauseRead();
  }
  void ResumeRead() {
    tests::PretendOnLoop();
    session_->ResumeRead();
    transport_.Arrive("");
  }
  void Close() {
    tests::PretendOnLoop();
    session_->Close();
  }

  // --- what the network does
  void Arrive(const std::string& text) { transport_.Arrive(Framed(text)); }
  // The attempt that is under way succeeds, up to Connected.
  void Greet(const std::string& connected = "connected { client_id: 'me' }") {
    transport_.Up();
    Arrive(connected);
  }
  void Advance(base::Duration by) {
    executor_.EndTurn();
    executor_.Advance(by);
    executor_.BeginTurn();
  }
  // Connected, with these filters subscribed, and nothing in the diary or in what was sent.
  void StartConnected(const Lines& filters = {}) {
    Start();
    Greet();
    uint64_t id = kBufferedIdsAfter;
    for (const std::string& filter : filters) {
      Subscribe(filter);
      Arrive(StrCat("subscribed { id: ", ++id, " }"));
    }
    transport_.TakeSent();
    TakeDiary();
  }
  // The connection breaks, and the next one is up to where Connected has come.
  void Reconnect() {
    transport_.Break();
    WaitForDial();
    Greet();
  }

  Lines TakeDiary() { return std::exchange(diary_, {}); }

  // The wait before the next attempt begins; a failure when none begins within a minute.
  milliseconds WaitForDial() {
    const int before = transport_.dials();
    for (milliseconds waited{0}; waited <= seconds(60); waited += milliseconds(1)) {
      Advance(milliseconds(waited.count() == 0 ? 0 : 1));
      if (transport_.dials() > before) return waited;
    }
    ADD_FAILURE() << "no attempt";
    return {};
  }

  tests::SimExecutor executor_;
  double dice_ = 0.5;
  ClientOptions options_;
  FakeTransport transport_;
  std::optional<OutgoingBuffer> outgoing_;
  std::optional<Session> session_;
  absl::Status reason_;  // of the last state

 private:
  ClientEvents Events() {
    return {
        .on_state_change =
            [this](State state, const absl::Status& reason) {
              diary_.emplace_back(StateName(state));
              reason_ = reason;
            },
        .on_gap = [this](const Gap& gap) { diary_.push_back(StrCat("gap ", gap.filter)); },
        .on_close = [this](const BrokerError& e) { diary_.push_back(StrCat("close ", e.code)); },
        .on_go_away =
            [this](const BrokerError& e) { diary_.push_back(StrCat("go away ", e.code)); },
        .on_error =
            [this](const absl::Status& error) {
              diary_.push_back(StrCat("error ", BrokerCode(error)));
            }};
  }

  Lines diary_;
  uint64_t subscribers_ = 0;
};

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
  ASSERT_EQ(sent.size(), 4);
  EXPECT_EQ(sent[0], "connect me");
  EXPECT_THAT(Lines({sent[1].substr(12), sent[2].substr(12)}), UnorderedElementsAre("a", "b/#"));
  EXPECT_EQ(sent[1].substr(0, 11), "subscribe 1");
  EXPECT_EQ(sent[2].substr(0, 11), "subscribe 2");
  EXPECT_EQ(sent[3], kSubscribedAgain);
  EXPECT_THAT(TakeDiary(), ElementsAre("waiting", "connecting"));

  Arrive("subscribed { id: 1 }");
  Arrive("message { topic: 'a' payload: '1' }");
  Arrive("pong { id: 0 }");
  Arrive("subscribed { id: 2 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("a=1"));
  Arrive("pong { id: 1048576 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("connected"));
  EXPECT_TRUE(reason_.ok());
  Arrive("pong { id: 1048576 }");  // tells nothing twice
  EXPECT_THAT(TakeDiary(), IsEmpty());
}

TEST_F(SessionTest, FiltersFromBeforeTheFirstConnectionCountToo) {
  Start();
  Subscribe("a");
  Greet();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "subscribe 1 a", kSubscribedAgain));
  Arrive("subscribed { id: 1 }");
  Arrive("pong { id: 1048576 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("connecting", "a stands", "connected"));
}

TEST_F(SessionTest, FilterThatComesWhileItWaitsIsAskedForOnce) {
  StartConnected();
  transport_.Break();
  Subscribe("a");
  WaitForDial();
  Greet();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "subscribe 1 a", kSubscribedAgain));
}

TEST_F(SessionTest, FilterThatIsRefusedDoesNotKeepItFromBeingConnected) {
  StartConnected({"a"});
  Reconnect();
  TakeDiary();
  Arrive("error { id: 1 code: 120 }");
  Arrive("pong { id: 1048576 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("end of a: PERMISSION_DENIED", "error 120", "connected"));
  transport_.TakeSent();
  Reconnect();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me"));
}

TEST_F(SessionTest, LostBeforeItsFiltersStandIsNotConnected) {
  StartConnected({"a"});
  Reconnect();
  Arrive("subscribed { id: 1 }");
  transport_.Break();
  EXPECT_THAT(TakeDiary(), ElementsAre("waiting", "connecting", "waiting"));
  EXPECT_EQ(WaitForDial(), milliseconds(100));
  transport_.TakeSent();
  Greet();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "subscribe 1 a", kSubscribedAgain));
  Arrive("subscribed { id: 1 }");
  Arrive("pong { id: 1048576 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("connecting", "connected"));
}

TEST_F(SessionTest, ClosedBeforeItsFiltersStandIsNotConnected) {
  StartConnected({"a"});
  Reconnect();
  TakeDiary();
  transport_.TakeSent();
  Close();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("disconnect"));
  Arrive("pong { id: 1048576 }");
  EXPECT_THAT(TakeDiary(), IsEmpty());
  transport_.Break();
  EXPECT_THAT(TakeDiary(), ElementsAre("end of a: FAILED_PRECONDITION", "closed"));
}

// Who waits for kConnected before it receives would wait for ever.
TEST_F(SessionTest, ReadsUntilItsFiltersStandThoughItIsPaused) {
  struct Case {
    const char* name;
    bool paused_before;  // ... or between Connected and Pong
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
    transport_.Arrive(Framed("subscribed { id: 1 }") + Framed("pong { id: 1048576 }") +
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
  Arrive("pong { id: 1048576 }");
  EXPECT_FALSE(transport_.paused());
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
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "subscribe 1 a", kSubscribedAgain,
                                                 "publish unsent=?", "publish waiting=?"));
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

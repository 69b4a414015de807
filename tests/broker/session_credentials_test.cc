#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "broker/auth/limits.h"
#include "broker/authenticator.h"
#include "broker/shard.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/broker/session_steps.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using tests::SimBroker;
using tests::SimClient;

// Answers when the test says so. A token is its user's name, a slash, and how many seconds it
// lasts.
class LateAuthenticator final : public Authenticator {
 public:
  bool open() const override { return false; }
  Identity Describe(std::string_view user) const override { return {.user = std::string(user)}; }
  void Authenticate(const Credentials& credentials, const AuthPlace& place,
                    Done done) const override {
    const std::string token(credentials.token);
    waiting_.push_back([token, &loop = *place.loop, done = std::move(done)]() mutable {
      done(Judge(token, loop));
    });
    if (at_once) Answer();
  }
  void Answer() const {
    for (auto& each : std::exchange(waiting_, {})) each();
  }

  bool at_once = true;

 private:
  static AuthVerdict Judge(const std::string& token, const base::Executor& loop) {
    const size_t slash = token.find('/');
    if (slash == std::string::npos) return AuthRefusal{.detail = "no slash"};
    Identity identity{.user = token.substr(0, slash)};
    const int64_t lasts_s = std::stoll(token.substr(slash + 1));
    const std::chrono::microseconds now(loop.clock().WallMicros());
    if (lasts_s > 0) {
      identity.expires_at =
          std::chrono::sys_seconds(std::chrono::floor<seconds>(now) + seconds(lasts_s));
    }
    return identity;
  }

  mutable std::vector<absl::AnyInvocable<void()>> waiting_;
};

class SessionCredentials : public testing::Test {
 protected:
  SessionCredentials() { broker_.executor.AssertOnLoop(); }

  static Settings With(std::shared_ptr<const Authenticator> authenticator) {
    Settings settings;
    settings.authenticator = std::move(authenticator);
    return settings;
  }
  static void Connect(SimClient& client, std::string_view token) ESOCKETS_ASSERTS_ON_LOOP {
    ClientFrame frame;
    frame.mutable_connect()->set_protocol_version(1);
    frame.mutable_connect()->set_token(std::string(token));
    client.Send(frame);
  }

  const std::shared_ptr<LateAuthenticator> authenticator_ = std::make_shared<LateAuthenticator>();
  SimBroker broker_{With(authenticator_)};
};

TEST_F(SessionCredentials, WhatIsSentBehindConnectWaitsForTheVerdict) {
  authenticator_->at_once = false;
  SimClient ann(&broker_);
  Connect(ann, "ann/0");
  ann.Subscribe("a");
  ann.Publish("a", "1");
  EXPECT_EQ(After(broker_, ann), Lines());
  authenticator_->Answer();
  broker_.Turn();
  const Lines lines = After(broker_, ann);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1], "subscribed 1");
  EXPECT_EQ(lines[2], "a=1");
}

TEST_F(SessionCredentials, OneWhoIsRefusedLaterIsToldWhy) {
  authenticator_->at_once = false;
  SimClient eve(&broker_);
  Connect(eve, "eve");
  eve.Publish("a", "1");
  authenticator_->Answer();
  ASSERT_TRUE(eve.sink.closed());
  EXPECT_EQ(eve.sink.closed()->code, CloseCode::kNotAuthenticated);
  EXPECT_EQ(eve.sink.closed()->detail, "no slash");
}

TEST_F(SessionCredentials, WhoHasGoneMeanwhileIsNotMissed) {
  authenticator_->at_once = false;
  SimClient ann(&broker_);
  Connect(ann, "ann/0");
  ann.Vanish();
  broker_.Turn();
  authenticator_->Answer();
  EXPECT_EQ(broker_.shard.clients.size(), 0U);
}

TEST_F(SessionCredentials, OneThatIsNeverAnsweredRunsIntoTheConnectTimeout) {
  authenticator_->at_once = false;
  SimClient ann(&broker_);
  Connect(ann, "ann/0");
  Wait(broker_, broker_.shard.limits().connect_timeout);
  ASSERT_TRUE(ann.sink.closed());
  EXPECT_EQ(ann.sink.closed()->code, CloseCode::kConnectTimeout);
  authenticator_->Answer();
}

// Such a token says the year 9999, which is no number of nanoseconds from now.
TEST_F(SessionCredentials, OnesThatExpireInThousandsOfYearsCountUntilThen) {
  SimClient ann(&broker_);
  Connect(ann, "ann/251600000000");
  broker_.Turn();
  EXPECT_EQ(ann.sink.TakeFrames().at(0).connected().credentials_expire_in_ms(),
            static_cast<uint64_t>(milliseconds(kExpiryToldMax).count()));
  Wait(broker_, std::chrono::hours(24));
  EXPECT_FALSE(ann.sink.closed());
}

TEST_F(SessionCredentials, ConnectedTellsWhenTheyExpireAndThenTheConnectionEnds) {
  SimClient ann(&broker_), bob(&broker_);
  Connect(ann, "ann/100");
  Connect(bob, "bob/0");
  broker_.Turn();
  EXPECT_EQ(ann.sink.TakeFrames().at(0).connected().credentials_expire_in_ms(), 100'000U);
  EXPECT_EQ(bob.sink.TakeFrames().at(0).connected().credentials_expire_in_ms(), 0U);
  ann.Subscribe("a");
  bob.Subscribe("a");
  // Longer than the wall clock is left alone; and messages flow.
  Wait(broker_, seconds(99));
  bob.Publish("a", "still");
  EXPECT_EQ(After(broker_, ann), (Lines{"subscribed 1", "a=still"}));
  Wait(broker_, seconds(1));
  bob.Publish("a", "late");
  EXPECT_EQ(After(broker_, ann), Lines());
  ASSERT_TRUE(ann.sink.closed());
  EXPECT_EQ(ann.sink.closed()->code, CloseCode::kCredentialsExpired);
  Wait(broker_, std::chrono::hours(100));
  EXPECT_FALSE(bob.sink.closed());
}

TEST_F(SessionCredentials, ARefreshProlongsTheSameConnection) {
  SimClient ann(&broker_);
  Connect(ann, "ann/100");
  broker_.Turn();
  ann.Lines();
  Wait(broker_, seconds(80));
  ann.Refresh("ann/1000");
  EXPECT_EQ(After(broker_, ann), (Lines{"refreshed 1 for 1000000 ms"}));
  Wait(broker_, seconds(999));
  EXPECT_FALSE(ann.sink.closed());
  ann.Refresh("ann/0");
  EXPECT_EQ(After(broker_, ann), (Lines{"refreshed 2 for 0 ms"}));
  Wait(broker_, std::chrono::hours(100));
  EXPECT_FALSE(ann.sink.closed());
}

TEST_F(SessionCredentials, ARefreshThatIsRefusedLeavesTheOldTokenInForce) {
  const struct {
    std::string_view token, detail;
  } kCases[] = {{"bob/1000", "it is another user's"}, {"garbage", "no slash"}, {"", "no token"}};
  for (const auto& test : kCases) {
    SimClient ann(&broker_);
    Connect(ann, "ann/100");
    broker_.Turn();
    ann.Lines();
    ann.Refresh(test.token);
    broker_.Turn();
    const auto frames = ann.sink.TakeFrames();
    ASSERT_EQ(frames.size(), 1U) << test.token;
    EXPECT_EQ(frames[0].error().code(), 129U);
    EXPECT_EQ(frames[0].error().detail(), test.detail);
    EXPECT_EQ(ann.session().identity().user, "ann");
    Wait(broker_, seconds(100));
    ASSERT_TRUE(ann.sink.closed()) << test.token;
    EXPECT_EQ(ann.sink.closed()->code, CloseCode::kCredentialsExpired);
  }
}

TEST_F(SessionCredentials, RefreshesAreNotTakenFasterThanSignaturesAreCheap) {
  SimClient ann(&broker_);
  Connect(ann, "ann/100");
  broker_.Turn();
  ann.Lines();
  ann.Refresh("ann/200");
  ann.Refresh("ann/300");
  EXPECT_EQ(After(broker_, ann), (Lines{"refreshed 1 for 200000 ms", "error 2 129"}));
  Wait(broker_, seconds(1));
  authenticator_->at_once = false;
  ann.Refresh("ann/300");
  Wait(broker_, seconds(1));
  ann.Refresh("ann/400");
  EXPECT_EQ(After(broker_, ann), (Lines{"error 4 129"})) << "one at a time";
  authenticator_->Answer();
  EXPECT_EQ(After(broker_, ann), (Lines{"refreshed 3 for 300000 ms"}));
}

TEST_F(SessionCredentials, AVerdictOfARefreshFindsNobodyThere) {
  SimClient ann(&broker_);
  Connect(ann, "ann/100");
  authenticator_->at_once = false;
  ann.Refresh("ann/200");
  ann.Vanish();
  broker_.Turn();
  authenticator_->Answer();
  EXPECT_EQ(broker_.executor.timers(), 0U) << "the expiry's went with it";
}

TEST_F(SessionCredentials, AWillIsOfTheUserWhoWasFound) {
  SimClient watcher(&broker_);
  Connect(watcher, "watcher/0");
  watcher.Subscribe("wills");
  broker_.Turn();
  watcher.Lines();
  SimClient ann(&broker_);
  ClientFrame frame;
  frame.mutable_connect()->set_protocol_version(1);
  frame.mutable_connect()->set_token("ann/1");
  frame.mutable_connect()->mutable_will()->mutable_message()->set_topic("wills");
  ann.Send(frame);
  Wait(broker_, seconds(1));
  EXPECT_EQ(After(broker_, watcher), (Lines{"wills="})) << "who expires has not said goodbye";
}

}  // namespace
}  // namespace esockets::broker

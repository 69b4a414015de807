// A session whose tokens expire.
#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "base/strings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/clients/cpp/fake_transport.h"
#include "tests/clients/cpp/session_fixture.h"

namespace esockets::client {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class SessionTokens : public SessionTest {
 protected:
  SessionTokens() {
    options_.token_source = [this](const TellToken& tell) {
      ++asked_;
      if (fails_) return tell(absl::UnavailableError("the issuer is away"));
      if (!is_late_) tell(base::StrCat("t", asked_));
      tell_ = tell;
    };
  }

  static constexpr const char* kForAWhile =
      "connected { client_id: 'me' credentials_expire_in_ms: 100000 }";
  int asked_ = 0;
  bool fails_ = false;
  bool is_late_ = false;
  TellToken tell_;
};

TEST_F(SessionTokens, NothingIsSentBeforeTheTokenIsThere) {
  is_late_ = true;
  Start();
  transport_.Up();
  EXPECT_THAT(transport_.TakeSent(), IsEmpty());
  tell_("at last");
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me"));
}

TEST_F(SessionTokens, AnAttemptWithoutATokenHasFailed) {
  fails_ = true;
  Start();
  transport_.Up();
  EXPECT_THAT(TakeDiary(), ElementsAre("connecting", "waiting"));
  EXPECT_EQ(base::Message(reason_), "the issuer is away");
  fails_ = false;
  WaitForDial();
  transport_.Up();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me"));
}

TEST_F(SessionTokens, TheSameConnectionGetsAFreshOneInTime) {
  Start();
  Greet(kForAWhile);
  transport_.TakeSent();
  TakeDiary();
  Advance(seconds(80));
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("refresh t2"));
  Arrive("refreshed { credentials_expire_in_ms: 200000 }");
  Advance(seconds(160));
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("refresh t3"));
  EXPECT_THAT(TakeDiary(), IsEmpty()) << "the program notices nothing";
  Arrive("error { code: 129 text: 'no' }");
  EXPECT_THAT(TakeDiary(), ElementsAre("error 129"));
}

TEST_F(SessionTokens, WhoSaysGoodbyeRefreshesNothing) {
  Start();
  Greet(kForAWhile);
  Close();
  transport_.TakeSent();
  Advance(seconds(80));
  EXPECT_THAT(transport_.TakeSent(), IsEmpty());
}

TEST_F(SessionTokens, WhenTheyHaveExpiredTheNextConnectionHasAFreshOne) {
  Start();
  Greet(kForAWhile);
  TakeDiary();
  Arrive("close { code: 233 text: 'expired' }");
  EXPECT_THAT(TakeDiary(), ElementsAre("close 233", "waiting"));
  WaitForDial();
  transport_.Up();
  EXPECT_EQ(asked_, 2);
  Arrive("close { code: 230 text: 'no' }");
  EXPECT_THAT(TakeDiary(), ElementsAre("connecting", "close 230", "closed"));
}

TEST_F(SessionTokens, WithoutASourceThatIsTheEnd) {
  options_.token_source = nullptr;
  options_.token = "fixed";
  Start();
  Greet(kForAWhile);
  TakeDiary();
  Advance(seconds(99));
  Arrive("close { code: 233 text: 'expired' }");
  EXPECT_THAT(TakeDiary(), ElementsAre("close 233", "closed"));
  EXPECT_TRUE(absl::IsUnauthenticated(reason_)) << reason_;
}

}  // namespace
}  // namespace esockets::client

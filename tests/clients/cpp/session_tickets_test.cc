// A session that comes back with what the broker has given it.
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
using testing::HasSubstr;
using testing::Not;

constexpr const char* kWithTicket = "connected { client_id: 'me' ticket: 'one' }";
constexpr const char* kNotAuthenticated = "close { code: 230 text: 'no' detail: 'it is used' }";

class SessionTickets : public SessionTest {
 protected:
  void GiveTokens() {
    options_.token = "of the environment";
    options_.token_source = [this](const TellToken& tell) { tell(base::StrCat("t", ++asked_)); };
  }
  // Connected, with a ticket.
  void Begin() {
    Start();
    Greet(kWithTicket);
    transport_.TakeSent();
    TakeDiary();
  }
  // What the next connection begins with.
  Lines ComeBack() {
    WaitForDial();
    TakeDiary();
    transport_.Up();
    return transport_.TakeSent();
  }
  Lines BreakAndComeBack() {
    transport_.Break();
    return ComeBack();
  }

  int asked_ = 0;
};

TEST_F(SessionTickets, TheLastTicketIsShownToComeBack) {
  options_.token = "t";
  Start();
  transport_.Up();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me"));
  Arrive(kWithTicket);
  EXPECT_THAT(BreakAndComeBack(), ElementsAre("connect me ticket one token t"));
  EXPECT_THAT(BreakAndComeBack(), ElementsAre("connect me ticket one token t"))
      << "nobody knows whether it was taken";
  Arrive("connected { client_id: 'me' ticket: 'two' }");
  EXPECT_THAT(BreakAndComeBack(), ElementsAre("connect me ticket two token t"));
}

TEST_F(SessionTickets, GoAwayGivesAnother) {
  options_.user = "u";
  options_.password = "p";
  Begin();
  Arrive("go_away { code: 250 }");
  EXPECT_THAT(BreakAndComeBack(), ElementsAre("connect me ticket one user u"));
  Arrive(kWithTicket);
  Arrive("go_away { code: 250 ticket: 'two' }");
  Arrive("close { code: 250 retryable: true }");
  EXPECT_THAT(ComeBack(), ElementsAre("connect me ticket two user u"));
}

TEST_F(SessionTickets, ConnectedWithoutATicketTakesItAway) {
  Begin();
  BreakAndComeBack();
  Arrive("connected { client_id: 'me' }");
  EXPECT_THAT(BreakAndComeBack(), ElementsAre("connect me"));
}

TEST_F(SessionTickets, NobodyIsAskedForATokenWhileThereIsATicket) {
  GiveTokens();
  Begin();
  EXPECT_EQ(asked_, 1);
  EXPECT_THAT(BreakAndComeBack(), ElementsAre("connect me ticket one"));
  Arrive("connected { client_id: 'me' ticket: 'two' credentials_expire_in_ms: 100000 }");
  EXPECT_EQ(asked_, 1);
  Advance(seconds(80));
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("refresh t2"));
}

TEST_F(SessionTickets, OneThatIsRefusedIsFollowedByAToken) {
  GiveTokens();
  Begin();
  BreakAndComeBack();
  Arrive(kNotAuthenticated);
  EXPECT_THAT(TakeDiary(), ElementsAre("close 230", "waiting"));
  EXPECT_TRUE(absl::IsUnauthenticated(reason_)) << reason_;
  EXPECT_THAT(ComeBack(), ElementsAre("connect me"));
  EXPECT_EQ(asked_, 2);
  Arrive(kNotAuthenticated);
  EXPECT_THAT(TakeDiary(), ElementsAre("close 230", "closed"));
}

TEST_F(SessionTickets, OneThatIsRefusedWithOtherCredentialsIsTheEnd) {
  options_.token = "t";
  Begin();
  BreakAndComeBack();
  Arrive(kNotAuthenticated);
  EXPECT_THAT(TakeDiary(), ElementsAre("close 230", "closed"));
}

TEST_F(SessionTickets, ExpiredCredentialsTakeTheTicketAlong) {
  GiveTokens();
  Begin();
  Arrive("close { code: 233 text: 'expired' }");
  EXPECT_THAT(ComeBack(), ElementsAre("connect me"));
  EXPECT_EQ(asked_, 2);
}

TEST_F(SessionTickets, NoTextHasATicket) {
  GiveTokens();
  Start();
  Greet("connected { client_id: 'me' ticket: 's3cret' }");
  Arrive("go_away { code: 250 text: 'leave' ticket: 's3cret' }");
  Arrive(kNotAuthenticated);
  EXPECT_THAT(testing::PrintToString(TakeDiary()), Not(HasSubstr("s3cret")));
  EXPECT_THAT(reason_.ToString(), Not(HasSubstr("s3cret")));
  EXPECT_EQ(session_->client_id() + session_->inbox(), "me");
}

}  // namespace
}  // namespace esockets::client

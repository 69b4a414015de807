#include "clients/cpp/token_keeper.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_executor.h"

namespace esockets::client {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

using Lines = std::vector<std::string>;

class TokenKeeperTest : public testing::Test {
 protected:
  TokenKeeperTest() {
    executor_.BeginTurn();
    options_.dice = [] { return 0.5; };
    options_.backoff_min = seconds(10);
    options_.token_source = [this](TellToken tell) {
      diary_.emplace_back("asked");
      tell_ = std::move(tell);
    };
  }
  ~TokenKeeperTest() override {
    tests::PretendOnLoop();
    if (keeper_) keeper_->OnDown();
    executor_.EndTurn();
  }

  TokenKeeper& Begin() {
    tests::PretendOnLoop();
    return keeper_.emplace(
        &executor_, options_,
        TokenKeeper::Hooks{.refresh =
                               [this](std::string_view token) {
                                 diary_.push_back(base::StrCat("refresh ", token));
                               },
                           .on_error =
                               [this](const absl::Status& error) {
                                 diary_.push_back(base::StrCat("error ", base::Message(error)));
                               }});
  }
  TellToken Note() {
    return [this](const absl::StatusOr<std::string>& token) {
      diary_.push_back(token.ok() ? base::StrCat("connect ", *token) : "no token");
    };
  }
  void Advance(base::Duration by) {
    executor_.EndTurn();
    executor_.Advance(by);
    executor_.BeginTurn();
  }
  Lines TakeDiary() { return std::exchange(diary_, {}); }

  tests::SimExecutor executor_;
  ClientOptions options_;
  TellToken tell_;
  Lines diary_;
  std::optional<TokenKeeper> keeper_;
};

TEST_F(TokenKeeperTest, WithoutASourceTheTokenIsThatOfTheOptionsForEver) {
  tests::PretendOnLoop();
  options_.token = "fixed";
  options_.token_source = nullptr;
  TokenKeeper& keeper = Begin();
  EXPECT_FALSE(keeper.has_source());
  keeper.AskForConnect(/*has_ticket=*/false, Note());
  keeper.OnAccepted(seconds(10));
  Advance(hours(1));
  EXPECT_THAT(TakeDiary(), ElementsAre("connect fixed"));
}

TEST_F(TokenKeeperTest, AsksForEachConnectionAndTakesTheAnswerLater) {
  tests::PretendOnLoop();
  TokenKeeper& keeper = Begin();
  EXPECT_TRUE(keeper.has_source());
  keeper.AskForConnect(/*has_ticket=*/false, Note());
  Advance(seconds(3));
  EXPECT_THAT(TakeDiary(), ElementsAre("asked"));
  tell_("one");
  EXPECT_THAT(TakeDiary(), ElementsAre("connect one"));
  keeper.OnDown();
  keeper.AskForConnect(/*has_ticket=*/false, Note());
  tell_(absl::UnavailableError("away"));
  EXPECT_THAT(TakeDiary(), ElementsAre("asked", "no token"));
}

TEST_F(TokenKeeperTest, ATicketStandsForATokenThatWouldBeAskedFor) {
  tests::PretendOnLoop();
  options_.token = "fixed";
  Begin().AskForConnect(/*has_ticket=*/true, Note());
  EXPECT_THAT(TakeDiary(), ElementsAre("connect "));
  options_.token_source = nullptr;
  Begin().AskForConnect(/*has_ticket=*/true, Note());
  EXPECT_THAT(TakeDiary(), ElementsAre("connect fixed"));
}

TEST_F(TokenKeeperTest, AnAnswerForAConnectionThatIsGoneIsThrownAway) {
  tests::PretendOnLoop();
  TokenKeeper& keeper = Begin();
  keeper.AskForConnect(/*has_ticket=*/false, Note());
  const TellToken late = tell_;
  keeper.OnDown();
  late("late");
  keeper.AskForConnect(/*has_ticket=*/false, Note());
  late("later");
  tell_("right");
  tell_("twice");
  EXPECT_THAT(TakeDiary(), ElementsAre("asked", "asked", "connect right"));
}

TEST_F(TokenKeeperTest, RefreshesWhenFourFifthsAreOver) {
  tests::PretendOnLoop();
  TokenKeeper& keeper = Begin();
  keeper.OnAccepted(seconds(100));
  Advance(seconds(79));
  EXPECT_THAT(TakeDiary(), IsEmpty());
  Advance(seconds(1));
  EXPECT_THAT(TakeDiary(), ElementsAre("asked"));
  tell_("two");
  EXPECT_THAT(TakeDiary(), ElementsAre("refresh two"));
  keeper.OnAccepted(seconds(1000));
  Advance(seconds(800));
  EXPECT_THAT(TakeDiary(), ElementsAre("asked"));
  tell_("three");
  keeper.OnAccepted(base::Duration::zero());
  TakeDiary();
  Advance(hours(1000));
  EXPECT_THAT(TakeDiary(), IsEmpty());
}

TEST_F(TokenKeeperTest, NotFasterThanTheBrokerTakesThem) {
  tests::PretendOnLoop();
  TokenKeeper& keeper = Begin();
  keeper.OnAccepted(milliseconds(1));
  Advance(milliseconds(999));
  EXPECT_THAT(TakeDiary(), IsEmpty());
  Advance(milliseconds(1));
  EXPECT_THAT(TakeDiary(), ElementsAre("asked"));
}

TEST_F(TokenKeeperTest, AFailureIsToldAndFollowedByGrowingWaits) {
  tests::PretendOnLoop();
  TokenKeeper& keeper = Begin();
  keeper.OnAccepted(seconds(100));
  Advance(seconds(80));
  tell_(absl::UnavailableError("away"));
  EXPECT_THAT(TakeDiary(), ElementsAre("asked", "error away"));
  Advance(milliseconds(4999));
  EXPECT_THAT(TakeDiary(), IsEmpty());
  Advance(milliseconds(1));
  tell_("stale");
  keeper.OnRefused(absl::InvalidArgumentError("129"));
  EXPECT_THAT(TakeDiary(), ElementsAre("asked", "refresh stale", "error 129"));
  Advance(seconds(10));
  EXPECT_THAT(TakeDiary(), ElementsAre("asked"));
}

TEST_F(TokenKeeperTest, WithoutAConnectionNothingIsRefreshed) {
  tests::PretendOnLoop();
  TokenKeeper& keeper = Begin();
  keeper.OnAccepted(seconds(100));
  keeper.OnDown();
  Advance(hours(1));
  EXPECT_THAT(TakeDiary(), IsEmpty());
}

}  // namespace
}  // namespace esockets::client

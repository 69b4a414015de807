#include "broker/resume_tickets.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

struct WallClock final : base::Clock {
  base::TimePoint Now() const override { return {}; }
  int64_t WallMicros() const override { return wall.count(); }
  void Advance(std::chrono::microseconds by) { wall += by; }
  std::chrono::microseconds wall{std::chrono::seconds(1'700'000'000)};
};

class ResumeTicketsTest : public testing::Test {
 protected:
  TicketOutcome Outcome(std::string_view ticket, std::string_view client_id = "phone") const {
    const auto opened = tickets_.Open(ticket, client_id, clock_);
    const auto* outcome = std::get_if<TicketOutcome>(&opened);
    return outcome == nullptr ? TicketOutcome::kTaken : *outcome;
  }
  std::chrono::sys_seconds Now() const {
    return std::chrono::sys_seconds(
        std::chrono::floor<seconds>(std::chrono::microseconds(clock_.WallMicros())));
  }

  WallClock clock_;
  const ResumeTickets tickets_{TicketKeys::Random(), hours(1)};
  const Identity ann_{.user = "ann",
                      .admin = true,
                      .groups = {"staff", "ops"},
                      .claims = {{"tenant", "acme"}, {"sub", "ann"}},
                      .expires_at = Now() + hours(3),
                      .proof = 0xfedc'ba98'7654'3210U,
                      .told_groups = 1};
  const ResumeTickets::About phone_{.client_id = "phone", .identity = ann_};
};

TEST_F(ResumeTicketsTest, SaysWhoseItIs) {
  const auto opened = tickets_.Open(tickets_.Issue(phone_, clock_), "phone", clock_);
  ASSERT_TRUE(std::holds_alternative<TicketHolder>(opened));
  const TicketHolder& holder = std::get<TicketHolder>(opened);
  EXPECT_EQ(holder.identity, ann_);
  EXPECT_EQ(holder.expires_at.count(),
            clock_.WallMicros() + std::chrono::microseconds(hours(1)).count());
}

TEST_F(ResumeTicketsTest, ProvesNothingToWhoReadsIt) {
  std::string proof;
  for (int i = 0; i < 8; ++i) proof += static_cast<char>(ann_.proof >> 8 * i);
  EXPECT_EQ(tickets_.Issue(phone_, clock_).find(proof), std::string::npos);
}

TEST_F(ResumeTicketsTest, CountsAfterAnotherKeyHasTakenOver) {
  const std::string old_key(64, 'a'), new_key(64, 'b');
  const ResumeTickets before(*TicketKeys::Parse(old_key), hours(1));
  const ResumeTickets after(*TicketKeys::Parse(new_key + "\n" + old_key), hours(1));
  const auto opened = after.Open(before.Issue(phone_, clock_), "phone", clock_);
  ASSERT_TRUE(std::holds_alternative<TicketHolder>(opened));
  EXPECT_EQ(std::get<TicketHolder>(opened).identity, ann_);
}

TEST_F(ResumeTicketsTest, SaysHowFarStreamsWere) {
  ResumeTickets::About about = phone_;
  for (uint64_t i = 0; i < kTicketPositionsMax + 5; ++i) {
    about.was_at.push_back({"stream " + std::to_string(i), {.epoch = 100 + i, .position = i}});
  }
  const auto opened = tickets_.Open(tickets_.Issue(about, clock_), "phone", clock_);
  ASSERT_TRUE(std::holds_alternative<TicketHolder>(opened));
  about.was_at.resize(kTicketPositionsMax);
  EXPECT_EQ(std::get<TicketHolder>(opened).was_at, about.was_at);
}

TEST_F(ResumeTicketsTest, EachHasANumberOfItsOwn) {
  EXPECT_NE(tickets_.Issue(phone_, clock_), tickets_.Issue(phone_, clock_));
}

TEST_F(ResumeTicketsTest, IsForOneClientId) {
  const std::string ticket = tickets_.Issue(phone_, clock_);
  EXPECT_EQ(Outcome(ticket, "phone"), TicketOutcome::kTaken);
  EXPECT_EQ(Outcome(ticket, "laptop"), TicketOutcome::kOtherClient);
  EXPECT_EQ(Outcome(ticket, ""), TicketOutcome::kOtherClient);
  EXPECT_EQ(Outcome(tickets_.Issue({.client_id = "", .identity = ann_}, clock_), ""),
            TicketOutcome::kTaken);
}

TEST_F(ResumeTicketsTest, CountsForItsTimeAndNotLongerThanTheCredentials) {
  const std::string ticket = tickets_.Issue(phone_, clock_);
  Identity short_lived = ann_;
  short_lived.expires_at = Now() + seconds(60);
  const std::string other = tickets_.Issue({.client_id = "phone", .identity = short_lived}, clock_);
  clock_.Advance(seconds(59));
  EXPECT_EQ(Outcome(other), TicketOutcome::kTaken);
  clock_.Advance(seconds(1));
  EXPECT_EQ(Outcome(other), TicketOutcome::kExpired);
  EXPECT_EQ(Outcome(ticket), TicketOutcome::kTaken);
  clock_.Advance(hours(1));
  EXPECT_EQ(Outcome(ticket), TicketOutcome::kExpired);
}

TEST_F(ResumeTicketsTest, NotAByteOfItCanBeAnother) {
  const std::string ticket = tickets_.Issue(phone_, clock_);
  for (size_t i = 0; i < ticket.size(); ++i) {
    for (const int bit : {0, 3, 7}) {
      std::string changed = ticket;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      ASSERT_EQ(Outcome(changed), TicketOutcome::kInvalid) << i;
    }
  }
  for (size_t size = 0; size < ticket.size(); ++size) {
    ASSERT_EQ(Outcome(ticket.substr(0, size)), TicketOutcome::kInvalid) << size;
  }
  EXPECT_EQ(Outcome(ticket + "x"), TicketOutcome::kInvalid);
  EXPECT_EQ(Outcome(std::string(kTicketBytesMax + 1, 'x')), TicketOutcome::kInvalid);
}

TEST_F(ResumeTicketsTest, ThoseOfAnotherKeyAreNot) {
  const ResumeTickets others(TicketKeys::Random(), hours(1));
  EXPECT_EQ(Outcome(others.Issue(phone_, clock_)), TicketOutcome::kInvalid);
}

TEST_F(ResumeTicketsTest, OneThatWouldBeTooLongIsNotGiven) {
  Identity identity = ann_;
  identity.claims["long"] = std::string(kTicketBytesMax, 'x');
  EXPECT_EQ(tickets_.Issue({.client_id = "phone", .identity = identity}, clock_), "");
}

TEST_F(ResumeTicketsTest, OutcomesHaveTexts) {
  for (size_t i = 1; i < kTicketOutcomes; ++i) {
    const auto outcome = static_cast<TicketOutcome>(i);
    EXPECT_FALSE(TicketOutcomeText(outcome).empty());
    EXPECT_TRUE(TicketOutcomeDetail(outcome).starts_with("the ticket ")) << i;
  }
  EXPECT_EQ(TicketOutcomeText(TicketOutcome::kTaken), "taken");
}

}  // namespace
}  // namespace esockets::broker

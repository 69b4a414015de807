#include "broker/client_rates.h"

#include <chrono>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr base::TimePoint kStart{seconds(1000)};
constexpr base::Duration kNone{};

TEST(InputPace, WithoutRatesNobodyWaits) {
  InputPace pace(0);
  EXPECT_FALSE(ClientRates{}.any_in() || ClientRates{}.any_out());
  EXPECT_EQ(pace.Take(1'000'000, 1'000'000, {}, kStart), kNone);
}

TEST(InputPace, ASecondsWorthComesAtOnceAndTheRestIsADebt) {
  const ClientRates rates{.messages_in_per_second_max = 10};
  InputPace pace(0);
  EXPECT_TRUE(rates.any_in());
  EXPECT_FALSE(rates.any_out());
  EXPECT_EQ(pace.Take(9, 0, rates, kStart), kNone);
  EXPECT_EQ(pace.Take(1, 0, rates, kStart), milliseconds(100)) << "until there is one more";
  EXPECT_EQ(pace.Take(20, 0, rates, kStart), milliseconds(2100));
  EXPECT_EQ(pace.Take(0, 0, rates, kStart + milliseconds(2100)), kNone);
}

TEST(InputPace, BytesCountFromWhereItBegan) {
  const ClientRates rates{.bytes_in_per_second_max = 1000};
  InputPace pace(5'000);
  EXPECT_EQ(pace.Take(1, 5'900, rates, kStart), kNone);
  EXPECT_EQ(pace.Take(1, 6'500, rates, kStart), milliseconds(501));
  EXPECT_EQ(pace.Take(1, 6'500, rates, kStart + milliseconds(501)), kNone);
}

TEST(InputPace, TheLongerWaitCounts) {
  const ClientRates rates{.messages_in_per_second_max = 10, .bytes_in_per_second_max = 1000};
  InputPace pace(0);
  EXPECT_EQ(pace.Take(10, 3'000, rates, kStart), milliseconds(2001));
}

TEST(InputPace, RemembersThatItIsWaitedFor) {
  InputPace pace(0);
  EXPECT_FALSE(pace.waits());
  pace.set_waits(true);
  EXPECT_TRUE(pace.waits());
}

TEST(OutputPace, WithoutRatesAllMayGo) {
  OutputPace pace;
  EXPECT_TRUE(pace.Allows(1'000'000, 1'000'000'000, {}, kStart));
  EXPECT_EQ(pace.Messages({}, kStart), UINT64_MAX);
  EXPECT_EQ(pace.TimeUntil(1, {}, kStart), kNone);
}

TEST(OutputPace, BothRatesMustAllow) {
  const ClientRates rates{.messages_out_per_second_max = 10, .bytes_out_per_second_max = 1000};
  OutputPace pace;
  EXPECT_TRUE(rates.any_out());
  EXPECT_TRUE(pace.Allows(1, 5000, rates, kStart)) << "nothing is missing";
  EXPECT_TRUE(pace.AllowsEach(10, 1000, rates, kStart));
  EXPECT_FALSE(pace.AllowsEach(11, 1000, rates, kStart));
  EXPECT_FALSE(pace.AllowsEach(10, 1001, rates, kStart));
  pace.Take(1, 600, rates, kStart);
  EXPECT_EQ(pace.Messages(rates, kStart), 9U);
  EXPECT_FALSE(pace.Allows(1, 500, rates, kStart));
  EXPECT_EQ(pace.TimeUntil(500, rates, kStart), milliseconds(100));
  pace.Take(9, 0, rates, kStart);
  EXPECT_EQ(pace.Messages(rates, kStart), 0U);
  EXPECT_FALSE(pace.Allows(1, 1, rates, kStart));
  EXPECT_EQ(pace.TimeUntil(1, rates, kStart), milliseconds(100)) << "until there is a message";
  EXPECT_TRUE(pace.Allows(1, 500, rates, kStart + milliseconds(100)));
}

}  // namespace
}  // namespace esockets::broker

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
  EXPECT_FALSE(ClientRates{}.any());
  EXPECT_EQ(pace.Take(1'000'000, 1'000'000, {}, kStart), kNone);
}

TEST(InputPace, ASecondsWorthComesAtOnceAndTheRestIsADebt) {
  const ClientRates rates{.messages_in_per_second_max = 10};
  InputPace pace(0);
  EXPECT_TRUE(rates.any());
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

}  // namespace
}  // namespace esockets::broker

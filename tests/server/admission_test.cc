#include "server/admission.h"

#include <chrono>
#include <string>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/limits.h"

namespace esockets::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Refusal = AdmissionRefusal;

constexpr base::TimePoint kStart{seconds(1000)};

SocketAddress At(const std::string& text) { return *SocketAddress::Parse(text); }

TEST(Admission, WithoutQuotasEverybodyComesIn) {
  Admission admission({});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(admission.RoomAt(0, kStart, {}).connections, kAcceptsPerTurnMax);
    EXPECT_EQ(admission.EnterListener(3, kStart), Refusal::kNone);
    EXPECT_EQ(admission.EnterAddress(3, At("192.0.2.1:5"), kStart), Refusal::kNone);
  }
}

TEST(Admission, EachAddressHasSoManyOnWhateverListener) {
  Admission admission(
      {.of_listeners = {{.connections_per_address_max = 2}, {.connections_per_address_max = 3}}});
  EXPECT_EQ(admission.EnterAddress(0, At("192.0.2.1:5"), kStart), Refusal::kNone);
  EXPECT_EQ(admission.EnterAddress(1, At("192.0.2.1:6"), kStart), Refusal::kNone);
  EXPECT_EQ(admission.EnterAddress(0, At("192.0.2.1:7"), kStart), Refusal::kOfAddress);
  EXPECT_EQ(admission.Describe(Refusal::kOfAddress, 0), "limit 2 from one address");
  EXPECT_EQ(admission.EnterAddress(1, At("192.0.2.1:8"), kStart), Refusal::kNone);
  EXPECT_EQ(admission.EnterAddress(0, At("192.0.2.2:5"), kStart), Refusal::kNone) << "another";
  admission.LeaveAddress(At("192.0.2.1:5"));
  admission.LeaveAddress(At("192.0.2.1:6"));
  EXPECT_EQ(admission.EnterAddress(0, At("192.0.2.1:9"), kStart), Refusal::kNone);
  EXPECT_EQ(admission.refused_total(Refusal::kOfAddress).value(), 1U);
}

TEST(Admission, WhatAnAddressIs) {
  Admission admission({.of_listeners = {{.connections_per_address_max = 1}}});
  const auto enter = [&admission](const std::string& text) {
    return admission.EnterAddress(0, At(text), kStart) == Refusal::kNone;
  };
  EXPECT_TRUE(enter("192.0.2.1:1"));
  EXPECT_FALSE(enter("[::ffff:192.0.2.1]:1")) << "the same host on a socket of IPv6";
  EXPECT_TRUE(enter("[2001:db8:1:1::1]:1"));
  EXPECT_FALSE(enter("[2001:db8:1:1:ffff::2]:1")) << "of the same /64";
  EXPECT_TRUE(enter("[2001:db8:1:2::1]:1"));
  EXPECT_TRUE(enter("[::1]:1"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(admission.EnterAddress(0, SocketAddress::FromUnixPath(""), kStart), Refusal::kNone);
  }
  admission.LeaveAddress(SocketAddress::FromUnixPath(""));
  EXPECT_EQ(admission.addresses(), 4U);
}

TEST(Admission, WhoIsTooFastIsLetInWhenItHasWaited) {
  Admission admission({.of_listeners = {{.connects_per_second_per_address_max = 10}}});
  const auto enter = [&admission](const char* text, base::Duration after) {
    return admission.EnterAddress(0, At(text), kStart + after);
  };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(enter("192.0.2.1:1", {}), Refusal::kNone);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(enter("192.0.2.1:1", milliseconds(99)), Refusal::kTooFast);
  }
  EXPECT_EQ(admission.Describe(Refusal::kTooFast, 0), "limit 10 a second from one address");
  EXPECT_EQ(enter("192.0.2.2:1", milliseconds(99)), Refusal::kNone);
  EXPECT_EQ(enter("192.0.2.1:1", milliseconds(100)), Refusal::kNone);
  EXPECT_EQ(enter("192.0.2.1:1", milliseconds(100)), Refusal::kTooFast);
}

TEST(Admission, AListenerHasSoMany) {
  Admission admission({.of_listeners = {{}, {.connections_max = 1}}});
  EXPECT_EQ(admission.EnterListener(1, kStart), Refusal::kNone);
  EXPECT_EQ(admission.EnterListener(1, kStart), Refusal::kOfListener);
  EXPECT_EQ(admission.Describe(Refusal::kOfListener, 1), "limit 1 on this port");
  EXPECT_EQ(admission.EnterListener(0, kStart), Refusal::kNone);
  admission.LeaveListener(1);
  EXPECT_EQ(admission.EnterListener(1, kStart), Refusal::kNone);
}

TEST(Admission, AllTogetherWaitWhenTheyAreTooFast) {
  Admission admission({.connects_per_second_max = 100});
  int taken = 0;
  Admission::Room room;
  while ((room = admission.RoomAt(0, kStart, {})).connections > 0) {
    for (int i = 0; i < room.connections; ++i, ++taken) {
      EXPECT_EQ(admission.EnterListener(0, kStart), Refusal::kNone);
    }
  }
  EXPECT_EQ(taken, 100);
  EXPECT_EQ(room.pause, milliseconds(10));
  EXPECT_EQ(admission.pauses_total().value(), 1U);
  EXPECT_EQ(admission.RoomAt(0, kStart + milliseconds(10), {}).connections, 1);
  EXPECT_EQ(admission.RoomAt(0, kStart + milliseconds(80), {}).connections, 8);
}

TEST(Admission, AListenerThatIsTooFastWaitsAndTheOthersDoNot) {
  Admission admission({.of_listeners = {{.connects_per_second_max = 10}, {}}});
  for (int i = 0; i < 10; ++i) {
    EXPECT_GT(admission.RoomAt(0, kStart, {}).connections, 0);
    EXPECT_EQ(admission.EnterListener(0, kStart), Refusal::kNone);
  }
  EXPECT_EQ(admission.RoomAt(0, kStart, {}).connections, 0);
  EXPECT_EQ(admission.RoomAt(0, kStart, {}).pause, milliseconds(100));
  EXPECT_EQ(admission.RoomAt(1, kStart, {}).connections, kAcceptsPerTurnMax);
  EXPECT_EQ(admission.RoomAt(0, kStart + milliseconds(100), {}).connections, 1);
  EXPECT_EQ(admission.RoomAt(0, kStart + milliseconds(200), {}).connections, 2);
  const AdmissionUse use = admission.Use(kStart);
  EXPECT_EQ(use.of_listeners[0].connects, 10U);
  EXPECT_EQ(use.of_listeners[0].pauses_total, 2U);
  EXPECT_EQ(use.of_listeners[1].pauses_total, 0U);
  EXPECT_EQ(use.pauses_total, 0U) << "all together are not too fast";
}

TEST(Admission, AListenerIsNotFasterThanAllTogether) {
  Admission admission(
      {.of_listeners = {{.connects_per_second_max = 100}}, .connects_per_second_max = 8});
  EXPECT_LE(admission.RoomAt(0, kStart, {}).connections, 8);
  EXPECT_GT(admission.RoomAt(0, kStart, {}).connections, 0);
  for (int i = 0; i < 8; ++i) admission.EnterListener(1, kStart);
  EXPECT_EQ(admission.RoomAt(0, kStart, {}).connections, 0);
  EXPECT_EQ(admission.Use(kStart).pauses_total, 1U);
  EXPECT_EQ(admission.Use(kStart).of_listeners[0].pauses_total, 0U);
}

TEST(Admission, WhileLoopsAreLateAFewComeIn) {
  Admission admission({});
  EXPECT_EQ(admission.RoomAt(0, kStart, kAcceptLagMax).connections, kAcceptsPerTurnMax);
  const base::Duration late = kAcceptLagMax + milliseconds(1);
  EXPECT_EQ(admission.RoomAt(0, kStart, late).connections, kAcceptsWhenLateMax);
  EXPECT_EQ(admission.RoomAt(0, kStart + milliseconds(40), late).connections, 0);
  EXPECT_EQ(admission.RoomAt(0, kStart + milliseconds(40), late).pause, milliseconds(10));
  EXPECT_EQ(admission.RoomAt(0, kStart + milliseconds(50), late).connections, kAcceptsWhenLateMax);
  EXPECT_EQ(admission.RoomAt(0, kStart + milliseconds(51), {}).connections, kAcceptsPerTurnMax);
}

TEST(Admission, NewQuotasHoldForWhoComes) {
  Admission admission({});
  for (int i = 0; i < 3; ++i) admission.EnterAddress(0, At("192.0.2.1:1"), kStart);
  admission.Replace({.of_listeners = {{.connections_per_address_max = 3}}});
  EXPECT_EQ(admission.EnterAddress(0, At("192.0.2.1:1"), kStart), Refusal::kOfAddress);
  admission.LeaveAddress(At("192.0.2.1:1"));
  EXPECT_EQ(admission.EnterAddress(0, At("192.0.2.1:1"), kStart), Refusal::kNone);
}

// A flood from very many addresses does not fill the memory.
TEST(Admission, AddressesOfWhichNothingMattersAreForgotten) {
  Admission admission({.of_listeners = {{.connects_per_second_per_address_max = 1}}});
  admission.EnterAddress(0, At("192.0.2.1:1"), kStart);
  base::TimePoint now = kStart;
  for (int i = 0; i < 100'000; ++i) {
    now += milliseconds(1);
    const SocketAddress one = At(base::StrCat("[2001:db8:", i / 10'000, ":", i % 10'000, "::1]:1"));
    ASSERT_EQ(admission.EnterAddress(0, one, now), Refusal::kNone);
    admission.LeaveAddress(one);
  }
  EXPECT_LT(admission.addresses(), 5'000U);
  EXPECT_EQ(admission.EnterAddress(0, At("192.0.2.1:1"), kStart), Refusal::kTooFast)
      << "who is there is not forgotten";
}

TEST(Admission, RefusalsHaveNames) {
  EXPECT_EQ(AdmissionRefusalText(Refusal::kNone), "");
  EXPECT_EQ(AdmissionRefusalText(Refusal::kOfListener), "listener");
  EXPECT_EQ(AdmissionRefusalText(Refusal::kOfAddress), "address");
  EXPECT_EQ(AdmissionRefusalText(Refusal::kTooFast), "address_rate");
}

TEST(AdmissionUse, SaysWhomEachListenerRefused) {
  Admission admission(
      {.of_listeners = {{.connections_max = 1}, {.connections_per_address_max = 1}}});
  admission.EnterListener(0, kStart);
  admission.EnterListener(0, kStart);
  for (int i = 0; i < 3; ++i) admission.EnterAddress(1, At("192.0.2.1:1"), kStart);
  const AdmissionUse use = admission.Use(kStart);
  const auto refused = [&use](size_t listener, Refusal refusal) {
    return use.of_listeners[listener].refused_total[static_cast<size_t>(refusal)];
  };
  EXPECT_EQ(refused(0, Refusal::kOfListener), 1U);
  EXPECT_EQ(refused(0, Refusal::kOfAddress), 0U);
  EXPECT_EQ(refused(1, Refusal::kOfListener), 0U);
  EXPECT_EQ(refused(1, Refusal::kOfAddress), 2U);
}

TEST(AdmissionUse, SaysHowManyThereAre) {
  Admission admission({.of_listeners = {{.connections_max = 7}}, .connects_per_second_max = 9});
  EXPECT_TRUE(admission.Use(kStart).of_listeners.empty());
  for (int i = 0; i < 2; ++i) {
    admission.EnterListener(1, kStart);
    admission.EnterAddress(1, At("192.0.2.1:5"), kStart);
  }
  AdmissionUse use = admission.Use(kStart);
  ASSERT_EQ(use.of_listeners.size(), 2U);
  EXPECT_EQ(use.of_listeners[0].connections, 0U);
  EXPECT_EQ(use.of_listeners[1].connections, 2U);
  EXPECT_EQ(use.connections_of_an_address, 2U);
  EXPECT_EQ(use.settings.of_listeners[0].connections_max, 7U);
  EXPECT_EQ(use.settings.connects_per_second_max, 9U);
  EXPECT_EQ(use.connects, 2U);
  admission.LeaveListener(1);
  admission.LeaveAddress(At("192.0.2.1:5"));
  use = admission.Use(kStart + std::chrono::seconds(1));
  EXPECT_EQ(use.connects, 0U);
  EXPECT_EQ(use.of_listeners[1].connections, 1U);
  EXPECT_EQ(use.connections_of_an_address, 1U);
}

}  // namespace
}  // namespace esockets::server

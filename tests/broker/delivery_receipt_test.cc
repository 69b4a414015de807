#include "broker/delivery_receipt.h"

#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/fake_sink.h"

namespace esockets::broker {
namespace {

TEST(DeliveryReceipt, CountsEachClientOnce) {
  auto receipt = base::MakeRefCounted<DeliveryReceipt>(6);
  std::map<uint64_t, tests::FakeSink> sinks;
  for (uint64_t id = 1; id <= 3; ++id) {
    sinks[id].set_session(id, nullptr);
    sinks[id].set_window(0);
    sinks[id].SendAnswer(Answer::kPong, id);
    receipt->OnQueued(sinks[id]);
  }
  receipt->OnLost(GapReason::kConflated);
  receipt->OnLost(GapReason::kExpired);
  receipt->OnGone();
  const auto find = [&](uint64_t id) { return sinks.contains(id) ? &sinks[id] : nullptr; };
  size_t looks = 100;
  receipt->Look(find, &looks);
  EXPECT_FALSE(receipt->is_settled());
  EXPECT_EQ(receipt->delivery().queued, 3U);

  sinks[1].Read(1'000);
  sinks[1].Flush();
  sinks.erase(2);
  receipt->Look(find, &looks);
  EXPECT_FALSE(receipt->is_settled()) << "the third one still waits";
  sinks[3].Read(1'000);
  sinks[3].Flush();
  receipt->Look(find, &looks);
  EXPECT_TRUE(receipt->is_settled());
  const Delivery all = receipt->delivery();
  EXPECT_EQ(all.matched, 6U);
  EXPECT_EQ(all.written, 2U);
  EXPECT_EQ(all.queued, 0U);
  EXPECT_EQ(all.conflated, 1U);
  EXPECT_EQ(all.dropped, 1U);
  EXPECT_EQ(all.gone, 2U);
}

TEST(DeliveryReceipt, LooksAtAFewAndGoesOnThereTheNextTime) {
  constexpr uint64_t kClients = 10;
  auto receipt = base::MakeRefCounted<DeliveryReceipt>(kClients);
  tests::FakeSink sink;
  for (uint64_t id = 1; id <= kClients; ++id) {
    sink.set_session(id, nullptr);
    receipt->OnQueued(sink);
  }
  size_t asked = 0;
  const auto find = [&](uint64_t) -> const SessionSink* {
    ++asked;
    return &sink;
  };
  for (uint64_t turn = 1; turn <= kClients / 2; ++turn) {
    size_t looks = 2;
    receipt->Look(find, &looks);
    EXPECT_EQ(looks, 0U);
    EXPECT_EQ(receipt->delivery().written, 2 * turn);
  }
  EXPECT_EQ(asked, kClients);
}

}  // namespace
}  // namespace esockets::broker

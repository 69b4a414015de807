#include "broker/class_shares.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/client_classes.h"
#include "broker/local_authenticator.h"
#include "broker/settings_change.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/cluster_test.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

TEST(ClassShares, CountsWhatEachHas) {
  ClassShares shares;
  shares.Add(3, 100);
  shares.Add(3, 50);
  shares.Add(0, 7);
  EXPECT_EQ(shares.of(3).messages, 2U);
  EXPECT_EQ(shares.of(3).bytes, 150U);
  EXPECT_EQ(shares.of(0).bytes, 7U);
  EXPECT_EQ(shares.of(2).messages, 0U);
  EXPECT_EQ(shares.of(255).messages, 0U);
  shares.Remove(3, 100);
  EXPECT_EQ(shares.of(3).messages, 1U);
  EXPECT_EQ(shares.of(3).bytes, 50U);
}

TEST(ClassShares, IsOverWithMoreThanItMayHave) {
  ClassShares shares;
  for (int i = 0; i < 3; ++i) shares.Add(1, 10), shares.Add(2, 10), shares.Add(7, 10);
  EXPECT_FALSE(shares.IsOver(1)) << "without limits";
  shares.SetLimits({{}, {.messages_max = 2}, {.bytes_max = 30}});
  EXPECT_TRUE(shares.IsOver(1));
  EXPECT_FALSE(shares.IsOver(2));
  shares.Add(2, 1);
  EXPECT_TRUE(shares.IsOver(2));
  EXPECT_FALSE(shares.IsOver(0));
  EXPECT_FALSE(shares.IsOver(7));
  EXPECT_FALSE(shares.IsOver(255)) << "nothing is known of it";
  shares.SetLimits({});
  EXPECT_FALSE(shares.IsOver(1)) << "they are gone";
}

TEST(ClassShares, KnowsWhereTheOldestMayBe) {
  ClassShares shares;
  shares.Add(1, 10), shares.Add(2, 10);
  EXPECT_EQ(shares.oldest_from(1), 0U);
  shares.NoteLost(1, 5);
  shares.NoteLost(1, 9);
  EXPECT_EQ(shares.oldest_from(1), 10U);
  EXPECT_EQ(shares.oldest_from(2), 0U);
  EXPECT_EQ(shares.of(1).retired_total, 2U);
}

// --- in a broker --------------------------------------------------------------------------------

class ClassShareTest : public tests::ClusterTest {
 protected:
  ClassShareTest() {
    settings_.streams = {{.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}}};
    settings_.limits.high_watermark_bytes = 200;
    auto users = std::make_shared<LocalAuthenticator>();
    for (const char* user : {"guest", "member"}) {
      users->AddToken(user, user, false);
      users->SetGroups(user, {user});
    }
    settings_.authenticator = users;
    Classes({Class("guest", {.stream_messages_max = 2})});
  }
  static ClientClass Class(std::string name, KeptLimits kept) {
    ClientClass one{.name = name, .kept = kept};
    one.who.groups = {std::move(name)};
    return one;
  }
  void Classes(std::vector<ClientClass> classes) {
    settings_.classes = ClientClasses(std::move(classes));
  }
  void Reload() {
    ForEachLoop([this](Shard& shard) {
      tests::PretendOnLoop();
      ReplaceSettings(&shard, settings_);
    });
  }
  std::unique_ptr<tests::SimClient> Come(std::string_view user, std::string_view id) {
    auto client = Show(id, user);
    client->Lines();
    return client;
  }
  // Subscribes and returns what comes.
  Lines Subscribed(tests::SimClient& client, std::string_view filter,
                   const tests::SimClient::Options& options) {
    tests::PretendOnLoop();
    client.Subscribe(filter, options);
    Settle();
    return client.Lines();
  }
  Lines All(std::string_view filter = "chat/#") {
    const auto reader = Come("member", "reader");
    Lines lines = Subscribed(*reader, filter, {.start = START_AT_TIME, .start_at = 1});
    lines.erase(lines.begin());
    return lines;
  }
};

INSTANTIATE_TEST_SUITE_P(Loops, ClassShareTest, tests::LoopCounts(), tests::LoopCountName);

TEST_P(ClassShareTest, GuestsPushOutTheirOwnAndNobodyElses) {
  Start();
  const auto one = Come("guest", "one"), other = Come("guest", "other");
  const auto member = Come("member", "member");
  Publish(*member, "chat/1", 1, 1);
  Publish(*one, "chat/1", 2, 3);
  Publish(*member, "chat/1", 4, 4);
  Publish(*other, "chat/2", 5, 6);
  EXPECT_EQ(All(), (Lines{"1 chat/1=1", "4 chat/1=4", "5 chat/2=5", "6 chat/2=6"}));
  Publish(*one, "chat/1", 7, 100);
  Publish(*member, "chat/1", 101, 101);
  EXPECT_EQ(All(), (Lines{"1 chat/1=1", "4 chat/1=4", "99 chat/1=99", "100 chat/1=100",
                          "101 chat/1=101"}));
}

TEST_P(ClassShareTest, ALastWillIsOfItsClientsClass) {
  Start();
  tests::PretendOnLoop();
  auto guest = std::make_unique<tests::SimClient>(&cluster_->loop(NextLoop()));
  ClientFrame frame;
  frame.mutable_connect()->set_protocol_version(1);
  frame.mutable_connect()->set_token("guest");
  frame.mutable_connect()->mutable_will()->mutable_message()->set_topic("chat/will");
  guest->Send(frame);
  Settle();
  Publish(*guest, "chat/1", 1, 2);
  guest->Vanish();
  Settle();
  EXPECT_EQ(All(), (Lines{"2 chat/1=2", "3 chat/will="}));
}

// Its messages stay its own, whatever number it would have had; and what is new holds at once.
TEST_P(ClassShareTest, AReloadLeavesToEachClassWhatIsItsOwn) {
  Start();
  const auto guest = Come("guest", "guest"), member = Come("member", "member");
  Publish(*guest, "chat/1", 1, 2);
  Publish(*member, "chat/1", 3, 5);
  Classes({Class("member", {}), Class("guest", {.stream_messages_max = 3})});
  Reload();
  Publish(*guest, "chat/1", 6, 7);
  EXPECT_EQ(All(), (Lines{"2 chat/1=2", "3 chat/1=3", "4 chat/1=4", "5 chat/1=5", "6 chat/1=6",
                          "7 chat/1=7"}));
  Classes({Class("guest", {.stream_messages_max = 1})});
  Reload();
  EXPECT_EQ(All(), (Lines{"3 chat/1=3", "4 chat/1=4", "5 chat/1=5", "7 chat/1=7"}));
  Publish(*member, "chat/1", 8, 9);
  Classes({});
  Reload();
  Publish(*guest, "chat/1", 10, 12);
  EXPECT_EQ(All().size(), 9U) << "there is no limit any more";
}

// Whoever is behind hears of what has gone meanwhile, once; who reads only what is there does not.
TEST_P(ClassShareTest, WhatGoesInFrontOfAReaderIsAGap) {
  Start();
  const auto guest = Come("guest", "guest"), member = Come("member", "member");
  const auto slow = Come("member", "slow"), other = Come("member", "other");
  Subscribed(*slow, "chat/#", {.overflow = OVERFLOW_REPLAY});
  Subscribed(*other, "chat/members", {.overflow = OVERFLOW_REPLAY});
  slow->sink.set_window(0);
  other->sink.set_window(0);
  for (int i = 1; i <= 200; ++i)
    Publish(i % 2 == 1 ? *member : *guest, i % 2 == 1 ? "chat/members" : "chat/guests", i, i);
  slow->sink.Read(tests::FakeSink::kUnlimited);
  other->sink.Read(tests::FakeSink::kUnlimited);
  Settle();
  uint64_t missing = 0;
  int last = 0, came = 0;
  for (const ServerFrame& frame : slow->sink.TakeFrames()) {
    if (frame.has_gap()) {
      missing += frame.gap().messages();
      EXPECT_EQ(frame.gap().reason(), esockets::Gap::RETENTION);
      continue;
    }
    ++came;
    ASSERT_GT(std::stoi(frame.message().payload()), last);
    last = std::stoi(frame.message().payload());
  }
  EXPECT_EQ(last, 200);
  EXPECT_EQ(static_cast<uint64_t>(came) + missing, 200U);
  EXPECT_GT(missing, 50U);
  const Lines theirs = other->Lines();
  ASSERT_EQ(theirs.size(), 100U) << "and no Gap";
  EXPECT_EQ(theirs.back(), "199 chat/members=199");
}

TEST_P(ClassShareTest, OneLastValueTooManyIsRefusedAndTheOthersStay) {
  settings_.streams.push_back({.name = "state",
                               .filter = "state/#",
                               .limits = {.messages_per_topic_max = 1},
                               .last_values = LastValueLimits()});
  Classes({Class("guest", {.last_value_topics_max = 1})});
  Start();
  const auto guest = Come("guest", "guest"), member = Come("member", "member");
  Publish(*guest, "state/1", 1, 2);
  EXPECT_EQ(guest->Lines(), Lines{});
  Publish(*guest, "state/2", 3, 3);
  EXPECT_EQ(guest->Lines(), Lines{"error 0 128"});
  Publish(*member, "state/2", 4, 4);
  tests::PretendOnLoop();
  member->Subscribe("state/#");
  Settle();
  Lines lines = member->Lines();
  std::ranges::sort(lines);
  ASSERT_EQ(lines.size(), 4U) << "with the answer and the end";
  EXPECT_TRUE(lines[0].ends_with("state/1=2")) << lines[0];
  EXPECT_TRUE(lines[1].ends_with("state/2=4")) << lines[1];
}

}  // namespace
}  // namespace esockets::broker

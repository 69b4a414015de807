#include "broker/client_inboxes.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "broker/shard.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/cluster_test.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using tests::SimClient;

class ClientInboxesTest : public tests::ClusterTest {
 protected:
  ClientInboxesTest() {
    settings_.streams = {{.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}}};
    settings_.limits.high_watermark_bytes = 200;
  }

  struct Member {
    std::unique_ptr<SimClient> client;
    std::string inbox;  // as Connected told
  };
  // On loops that take turns.
  Member Enter(std::string_view client_id) {
    tests::PretendOnLoop();
    auto client = std::make_unique<SimClient>(&cluster_->loop(next_loop_));
    next_loop_ = (next_loop_ + 1) % cluster_->size();
    client->Connect(client_id);
    Settle();
    const std::vector<ServerFrame> frames = client->sink.TakeFrames();
    EXPECT_EQ(frames.size(), 1U);
    return {std::move(client), frames.at(0).connected().inbox()};
  }
  Lines Arrived(const Member& member) {
    Settle();
    return member.client->Lines();
  }
  void Listen(const Member& member, std::string_view filter) {
    tests::PretendOnLoop();
    member.client->Subscribe(filter);
    Settle();
    EXPECT_EQ(member.client->Lines().size(), 1U);
  }
  void Ask(const Member& member, std::string_view topic, const std::string& reply_to,
           uint32_t confirm_ms = 0) {
    tests::PretendOnLoop();
    member.client->PublishAcked(topic, "?", {.reply_to = reply_to, .confirm_ms = confirm_ms});
  }
  size_t Inboxes() {
    size_t inboxes = 0;
    ForEachLoop([&](Shard& shard) { inboxes += shard.client_inboxes.size(); });
    return inboxes;
  }

 private:
  uint32_t next_loop_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Loops, ClientInboxesTest, tests::LoopCounts(), tests::LoopCountName);

TEST_P(ClientInboxesTest, AReplyComesToWhoAskedAndToNobodyElse) {
  Start();
  const Member ann = Enter("ann"), bob = Enter("bob"), eve = Enter("eve");
  Listen(bob, "time");
  Listen(eve, "#");
  Ask(ann, "time", ann.inbox + "/1");
  EXPECT_EQ(Arrived(ann), Lines{"published 1"});
  const std::vector<ServerFrame> asked = bob.client->sink.TakeFrames();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].message().reply_to(), ann.inbox + "/1");
  EXPECT_EQ(Arrived(eve), Lines{"time=?"});
  bob.client->Publish(asked[0].message().reply_to(), "noon");
  bob.client->PublishAcked(ann.inbox, "and more");
  EXPECT_EQ(Arrived(ann), (Lines{ann.inbox + "/1=noon", ann.inbox + "=and more"}));
  EXPECT_EQ(Arrived(bob), Lines{"published 2"});
  EXPECT_EQ(Arrived(eve), Lines{});
}

TEST_P(ClientInboxesTest, CostNothingUntilAReplyComesAndNothingAfterTheSession) {
  Start();
  const Member ann = Enter("ann"), bob = Enter("bob");
  EXPECT_EQ(Inboxes(), 0U);
  bob.client->Publish(ann.inbox, "x");
  bob.client->Publish(ann.inbox + "/2", "y");
  Settle();
  EXPECT_EQ(Inboxes(), 1U);
  ann.client->Vanish();
  Settle();
  EXPECT_EQ(Inboxes(), 0U);
}

TEST_P(ClientInboxesTest, AreNotAnnounced) {
  Start();
  const Member ann = Enter("ann"), bob = Enter("bob");
  std::vector<uint64_t> before;
  ForEachLoop([&](Shard& shard) { before.push_back(shard.router.interest().version()); });
  bob.client->Publish(ann.inbox + "/1", "x");
  EXPECT_EQ(Arrived(ann).size(), 1U);
  size_t loop = 0;
  ForEachLoop([&](Shard& shard) {
    EXPECT_EQ(shard.router.interest().version(), before[loop++]);
    EXPECT_EQ(shard.router.interest().literals_of_others(), 0U);
  });
}

TEST_P(ClientInboxesTest, OrderIsKeptWithOtherMessages) {
  Start();
  const Member ann = Enter("ann"), bob = Enter("bob");
  Listen(ann, "news");
  bob.client->Cork();
  for (const std::string_view text : {"1", "2", "3"}) {
    bob.client->Publish("news", text);
    bob.client->Publish(ann.inbox + "/a", text);
  }
  bob.client->Uncork();
  const std::string inbox = ann.inbox + "/a=";
  EXPECT_EQ(Arrived(ann),
            (Lines{"news=1", inbox + "1", "news=2", inbox + "2", "news=3", inbox + "3"}));
}

TEST_P(ClientInboxesTest, AReplyToAnInboxThatIsGoneIsRefused) {
  Start();
  const Member bob = Enter("bob"), eve = Enter("eve");
  Member ann = Enter("ann");
  Listen(bob, "news");
  ann.client->Vanish();
  Settle();
  bob.client->PublishAcked(ann.inbox + "/1", "late");
  EXPECT_EQ(Arrived(bob), Lines{"error 2 151"});
  bob.client->Publish(ann.inbox + "/1", "late");
  EXPECT_EQ(Arrived(bob), Lines{"error 0 151"});
  bob.client->PublishAcked(ann.inbox + "/1", "late", {.confirm_ms = 1000});
  EXPECT_EQ(Arrived(bob), Lines{"error 3 151"});
  eve.client->Publish("news", "goes on");
  EXPECT_EQ(Arrived(bob), Lines{"news=goes on"});
}

TEST_P(ClientInboxesTest, AWrongNameIsRefused) {
  Start();
  const Member ann = Enter("ann"), bob = Enter("bob");
  std::string forged = ann.inbox;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  for (const std::string& topic :
       {forged, forged + "/1", std::string("$INBOX/"), std::string("$INBOX/ann/1")}) {
    const uint64_t id = bob.client->PublishAcked(topic, "x");
    bob.client->Publish(topic, "x");
    EXPECT_EQ(Arrived(bob), (Lines{base::StrCat("error ", id, " 151"), "error 0 151"})) << topic;
  }
  EXPECT_EQ(Arrived(ann), Lines{});
}

TEST_P(ClientInboxesTest, ReplyToMustBeTheClientsOwnInbox) {
  Start();
  const Member ann = Enter("ann"), bob = Enter("bob");
  Listen(bob, "time");
  Ask(bob, "time", ann.inbox + "/1");
  Ask(bob, "time", "$INBOX/mine");
  bob.client->Publish("time", "?", {.reply_to = ann.inbox});
  EXPECT_EQ(Arrived(bob), (Lines{"error 2 152", "error 3 152", "error 0 152"}));
  // The broker itself answers to the client alone, whatever name that gives.
  bob.client->PublishAcked("$SYS/nothing", "", {.reply_to = "$INBOX/mine"});
  EXPECT_EQ(Arrived(bob), Lines{"error 4 141"});
}

TEST_P(ClientInboxesTest, NobodySubscribesToOne) {
  Start();
  const Member ann = Enter("ann"), bob = Enter("bob");
  for (const std::string& filter :
       {std::string("$INBOX/#"), std::string("$INBOX/+"), ann.inbox, bob.inbox + "/#"}) {
    bob.client->Subscribe(filter);
  }
  EXPECT_EQ(Arrived(bob), (Lines{"error 1 152", "error 2 152", "error 3 152", "error 4 152"}));
}

TEST_P(ClientInboxesTest, ARequestThatNobodyCanAnswerIsRefusedAtOnce) {
  Start();
  const Member ann = Enter("ann"), bob = Enter("bob");
  Ask(ann, "time", ann.inbox + "/1");
  EXPECT_EQ(Arrived(ann), Lines{"error 1 150"});
  // No request: nobody waits for an answer.
  ann.client->PublishAcked("time", "x");
  Ask(ann, "time", "answers");
  ann.client->Publish("time", "?", {.reply_to = ann.inbox});
  EXPECT_EQ(Arrived(ann), (Lines{"published 2", "published 3"}));
  Ask(ann, "time", ann.inbox, /*confirm_ms=*/1000);
  EXPECT_EQ(Arrived(ann), Lines{"error 4 150"});
  Listen(bob, "+");
  Ask(ann, "time", ann.inbox + "/2");
  EXPECT_EQ(Arrived(ann), Lines{"published 5"});
  bob.client->Unsubscribe("+");
  Settle();
  Ask(ann, "time", ann.inbox + "/3");
  EXPECT_EQ(Arrived(ann), Lines{"error 6 150"});
  Listen(ann, "other");
  EXPECT_EQ(Arrived(bob), (Lines{"time=?", "unsubscribed 2"}));
}

TEST_P(ClientInboxesTest, ARequestOnAStreamIsStored) {
  Start();
  const Member ann = Enter("ann"), bob = Enter("bob");
  Ask(ann, "chat/1", ann.inbox + "/1");
  EXPECT_EQ(Arrived(ann), Lines{"published 1 at 1"});
  bob.client->PublishAcked(ann.inbox, "x", {.message_id = "1"});
  EXPECT_EQ(Arrived(bob), Lines{"error 1 124"});
}

TEST_P(ClientInboxesTest, SaysWhatBecameOfAReply) {
  Start();
  const Member ann = Enter("ann"), bob = Enter("bob");
  bob.client->PublishAcked(ann.inbox, "x", {.confirm_ms = 1000});
  for (int i = 0; i < 4; ++i) Pass(std::chrono::milliseconds(10));
  Settle();
  const std::vector<ServerFrame> frames = bob.client->sink.TakeFrames();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].published().delivery().matched(), 1U);
  EXPECT_EQ(frames[0].published().delivery().written(), 1U);
}

// What it loses stands in a Gap of the inbox; other subscriptions have contracts of their own.
TEST_P(ClientInboxesTest, AClientThatIsBehindLosesTheOldestAndIsTold) {
  settings_.limits.backlog_messages_max = 2;
  Start();
  const Member ann = Enter("ann"), bob = Enter("bob");
  Listen(ann, "news");
  ann.client->sink.set_window(0);
  bob.client->Publish(ann.inbox, std::string(200, '.'));
  Settle();
  for (const std::string_view text : {"1", "2", "3", "4", "5"}) {
    bob.client->Publish(ann.inbox + "/a", text);
    Settle();
  }
  bob.client->Publish("news", "6");
  Settle();
  ann.client->sink.set_window(1 << 20);
  const std::string inbox = ann.inbox + "/a=";
  EXPECT_EQ(Arrived(ann),
            (Lines{ann.inbox + "=" + std::string(200, '.'), base::StrCat("gap ", ann.inbox, " 3"),
                   inbox + "4", inbox + "5", "news=6"}));
}

TEST_P(ClientInboxesTest, AClientThatLeavesWhileRepliesWaitTakesThemAlong) {
  Start();
  Member ann = Enter("ann");
  const Member bob = Enter("bob");
  ann.client->sink.set_window(0);
  bob.client->Publish(ann.inbox, std::string(200, '.'));
  Settle();
  bob.client->Publish(ann.inbox, "waits");
  Settle();
  ann.client->Vanish();
  Settle();
  EXPECT_EQ(Inboxes(), 0U);
  EXPECT_EQ(cluster_->totals.backlog_memory_bytes.load(), 0U);
  bob.client->PublishAcked(ann.inbox, "x");
  EXPECT_EQ(Arrived(bob), Lines{"error 1 151"});
}

// A flood of replies pauses who sends them, and all arrive.
TEST_P(ClientInboxesTest, PublishersWaitForCredit) {
  settings_.limits.exchange_bytes_max = 1000;
  settings_.limits.high_watermark_bytes = 1 << 20;
  Start();
  const Member ann = Enter("ann"), bob = Enter("bob");
  for (int i = 0; i < 300; ++i) bob.client->Publish(ann.inbox, base::StrCat(i));
  for (int i = 0; i < 20; ++i) Settle();
  const Lines lines = Arrived(ann);
  ASSERT_EQ(lines.size(), 300U);
  EXPECT_EQ(lines.back(), ann.inbox + "=299");
}

}  // namespace
}  // namespace esockets::broker

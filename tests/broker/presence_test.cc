#include "broker/presence.h"

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "broker/errors.h"
#include "broker/limits.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "proto/presence.pb.h"
#include "tests/support/presence_cluster.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::kRoom;
using tests::kRoomPresence;
using tests::LineOf;
using tests::PretendOnLoop;
using tests::SimClient;

class PresenceTest : public tests::PresenceCluster {};

INSTANTIATE_TEST_SUITE_P(Loops, PresenceTest, tests::LoopCounts(), tests::LoopCountName);

TEST_P(PresenceTest, TellsWhoCameAndWhoLeft) {
  Start();
  const auto watcher = Watch();
  const auto ann = Enter("ann");
  const auto bob = Enter("bob");
  EXPECT_EQ(UpdateLines(*watcher), Lines{});
  const Lines both = NextUpdates(*watcher);
  ASSERT_EQ(both.size(), 1U);
  EXPECT_TRUE(both[0] == "1: +ann +bob (2)" || both[0] == "1: +bob +ann (2)") << both[0];
  PretendOnLoop();
  ann->Unsubscribe(kRoom);
  EXPECT_EQ(NextUpdates(*watcher), Lines{"2: -ann (1)"});
  PretendOnLoop();
  bob->Disconnect("");
  EXPECT_EQ(NextUpdates(*watcher), Lines{"3: -bob (0)"});
  PassAndSettle(seconds(30));
  EXPECT_EQ(UpdateLines(*watcher), Lines{});
  EXPECT_EQ(KeptNow(), Kept{});
}

TEST_P(PresenceTest, WhoSubscribesByWildcardIsNotThere) {
  Start();
  const auto watcher = Watch();
  const auto ann = Join("ann");
  PretendOnLoop();
  ann->Subscribe("room/+");
  ann->Subscribe("room/#");
  ann->Subscribe("elsewhere");
  EXPECT_EQ(NextUpdates(*watcher), Lines{});
  EXPECT_EQ(KeptNow(), Kept{});
}

TEST_P(PresenceTest, ToComeAndGoWithinAWindowIsNothing) {
  Start();
  const auto watcher = Watch();
  const auto ann = Enter("ann");
  PretendOnLoop();
  ann->Unsubscribe(kRoom);
  auto bob = Enter("bob");
  Break(&bob);
  EXPECT_EQ(NextUpdates(*watcher), Lines{});
  EXPECT_EQ(KeptNow(), Kept{});
}

TEST_P(PresenceTest, WhoComesBackWithinTheGraceWasNeverGone) {
  Start();
  const auto watcher = Watch();
  auto ann = Enter("ann");
  EXPECT_EQ(NextUpdates(*watcher), Lines{"1: +ann (1)"});
  Break(&ann);
  PassAndSettle(kGrace - milliseconds(1));
  ann = Enter("ann");
  PassAndSettle(kGrace + kWindow);
  EXPECT_EQ(UpdateLines(*watcher), Lines{});
  EXPECT_EQ(RosterLine(*watcher, 10), "1: ann (1)");
}

TEST_P(PresenceTest, WhoDoesNotHasLeftThen) {
  Start();
  const auto watcher = Watch();
  auto ann = Enter("ann");
  EXPECT_EQ(NextUpdates(*watcher), Lines{"1: +ann (1)"});
  Break(&ann);
  PassAndSettle(kGrace + kWindow - milliseconds(1));
  EXPECT_EQ(UpdateLines(*watcher), Lines{});
  PassAndSettle(milliseconds(1));
  EXPECT_EQ(UpdateLines(*watcher), Lines{"2: -ann (0)"});
  EXPECT_EQ(KeptNow(), Kept{});
}

// Its session ends with the other's coming, on another loop, and is reported by that one.
TEST_P(PresenceTest, ToTakeOverIsNothing) {
  Start();
  const auto watcher = Watch();
  const auto ann = Enter("ann");
  EXPECT_EQ(NextUpdates(*watcher), Lines{"1: +ann (1)"});
  const auto again = Enter("ann");
  EXPECT_EQ(ann->sink.closed()->code, CloseCode::kTakenOver);
  PassAndSettle(kGrace + kWindow);
  EXPECT_EQ(UpdateLines(*watcher), Lines{});
  PretendOnLoop();
  again->Unsubscribe(kRoom);
  EXPECT_EQ(NextUpdates(*watcher), Lines{"2: -ann (0)"});
}

TEST_P(PresenceTest, AnotherNameIsTold) {
  Start();
  const auto watcher = Watch();
  const auto enter = [this](std::string_view name) {
    PretendOnLoop();
    auto client = std::make_unique<SimClient>(&cluster_->loop(NextLoop()));
    ClientFrame frame;
    frame.mutable_connect()->set_protocol_version(1);
    frame.mutable_connect()->set_client_id("ann");
    frame.mutable_connect()->set_name(std::string(name));
    (*frame.mutable_connect()->mutable_metadata())["colour"] = "red";
    client->Send(frame);
    client->Subscribe(kRoom);
    Settle();
    return client;
  };
  auto ann = enter("Ann");
  EXPECT_EQ(NextUpdates(*watcher), Lines{"1: +ann (1)"});
  const auto same = enter("Ann");
  EXPECT_EQ(NextUpdates(*watcher), Lines{});
  const auto other = enter("Anna");
  EXPECT_EQ(NextUpdates(*watcher), Lines{"2: +ann (1)"});
  const PresenceRoster roster = Roster(*watcher, 10);
  ASSERT_EQ(roster.members_size(), 1);
  EXPECT_EQ(roster.members(0).name(), "Anna");
  EXPECT_EQ(roster.members(0).metadata().at("colour"), "red");
}

TEST_P(PresenceTest, TheRosterIsAsTheUpdatesHaveToldIt) {
  Start();
  const auto watcher = Watch();
  EXPECT_EQ(RosterLine(*watcher, 10), "0: (0)");
  const auto ann = Enter("ann");
  EXPECT_EQ(RosterLine(*watcher, 10), "0: (0)");
  PassAndSettle(kWindow);
  EXPECT_EQ(RosterLine(*watcher, 10), "1: ann (1)");
  const auto bob = Enter("bob");
  EXPECT_EQ(RosterLine(*watcher, 10), "1: ann (1)");
  PassAndSettle(kWindow);
  EXPECT_EQ(RosterLine(*watcher, 10), "2: ann bob (2)");
  EXPECT_EQ(RosterLine(*watcher, 0), "2: (2)");
}

TEST_P(PresenceTest, ComesInPages) {
  Start();
  const auto watcher = Watch();
  std::vector<std::unique_ptr<SimClient>> members;
  for (const char* id : {"e", "a", "d", "b", "c"}) members.push_back(Enter(id));
  PassAndSettle(kWindow);
  watcher->Lines();
  EXPECT_EQ(RosterLine(*watcher, 2), "1: a b (5) next b");
  EXPECT_EQ(RosterLine(*watcher, 2, "b"), "1: c d (5) next d");
  EXPECT_EQ(RosterLine(*watcher, 2, "d"), "1: e (5)");
  EXPECT_EQ(RosterLine(*watcher, 5), "1: a b c d e (5)");
  EXPECT_EQ(RosterLine(*watcher, 5, "e"), "1: (5)");
}

// What an update has told before the roster was made arrives before the roster.
TEST_P(PresenceTest, TheRosterComesBehindItsUpdates) {
  Start();
  const auto watcher = Watch();
  const auto ann = Enter("ann");
  Settle();
  Pass(kWindow);
  AskRoster(*watcher, 10);
  Settle();
  Lines lines;
  for (const ServerFrame& frame : watcher->sink.TakeFrames()) {
    if (frame.has_message()) lines.push_back(frame.message().topic());
  }
  EXPECT_EQ(lines, (Lines{std::string(kRoomPresence), "roster"}));
}

TEST_P(PresenceTest, MoreThanAnUpdateNamesAreInTheRoster) {
  Start();
  const auto watcher = Watch();
  std::vector<std::unique_ptr<SimClient>> members;
  for (size_t i = 0; i < kPresenceChangesMax + 100; ++i) {
    PretendOnLoop();
    members.push_back(std::make_unique<SimClient>(&cluster_->loop(NextLoop())));
    members.back()->Connect(base::StrCat("m", i));
    members.back()->Subscribe(kRoom);
  }
  PassAndSettle(kWindow);
  const std::vector<PresenceUpdate> updates = UpdatesOf(watcher->sink.TakeFrames());
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_TRUE(updates[0].incomplete());
  EXPECT_EQ(updates[0].count(), members.size());
  EXPECT_EQ(static_cast<size_t>(updates[0].joined_size()), kPresenceChangesMax);
  std::set<std::string> listed;
  for (std::string after; listed.empty() || !after.empty();) {
    const PresenceRoster roster = Roster(*watcher, 250, after);
    for (const auto& member : roster.members()) listed.insert(member.client_id());
    after = roster.next();
  }
  EXPECT_EQ(listed.size(), members.size());
}

TEST_P(PresenceTest, WhenNobodyIsLeftAnEpochEnds) {
  Start();
  const auto watcher = Watch();
  uint64_t last_epoch = 0;
  for (int round = 0; round < 3; ++round) {
    const auto ann = Enter("ann");
    PassAndSettle(kWindow);
    const std::vector<PresenceUpdate> came = UpdatesOf(watcher->sink.TakeFrames());
    ASSERT_EQ(came.size(), 1U);
    EXPECT_EQ(LineOf(came[0]), "1: +ann (1)");
    EXPECT_GT(came[0].epoch(), last_epoch);
    last_epoch = came[0].epoch();
    PretendOnLoop();
    ann->Disconnect("");
    EXPECT_EQ(NextUpdates(*watcher), Lines{"2: -ann (0)"});
  }
}

TEST_P(PresenceTest, TopicsAreToldApart) {
  Start();
  const auto watcher = Watch();
  const auto ann = Join("ann");
  PretendOnLoop();
  for (int i = 2; i < 12; ++i) ann->Subscribe(base::StrCat("room/", i));
  EXPECT_EQ(NextUpdates(*watcher), Lines{});
  PretendOnLoop();
  ann->Subscribe(kRoom);
  EXPECT_EQ(NextUpdates(*watcher), Lines{"1: +ann (1)"});
  EXPECT_EQ(KeptNow().members, 11U);
  EXPECT_EQ(KeptNow().sessions, 1U);
}

// The home is asked no more than it answers.
TEST_P(PresenceTest, AClientWaitsForSoManyRosters) {
  Start();
  const auto watcher = Watch();
  for (uint32_t i = 0; i < kPresenceAsksMax; ++i) AskRoster(*watcher, 0);
  PretendOnLoop();
  watcher->PublishAcked(kRoomPresence, "", {.reply_to = "roster"});
  // Its own loop answers at once.
  const bool is_home = cluster_->loop(0).shard.siblings.HomeOf(kRoom) == 0;
  Settle();
  size_t rosters = 0, refused = 0;
  for (const ServerFrame& frame : watcher->sink.TakeFrames()) {
    rosters += frame.message().topic() == "roster" ? 1 : 0;
    refused += frame.error().code() == static_cast<uint32_t>(ErrorCode::kBrokerBusy) ? 1 : 0;
  }
  EXPECT_EQ(rosters + refused, kPresenceAsksMax + 1);
  EXPECT_EQ(refused, is_home ? 0U : 1U);
  EXPECT_EQ(RosterLine(*watcher, 0), "0: (0)");
}

}  // namespace
}  // namespace esockets::broker

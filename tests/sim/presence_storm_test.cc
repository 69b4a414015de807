// Thousands of clients that lose their connections, and that come and go without end: what is told
// of them is bounded by windows, and what is kept by clients.
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/presence.pb.h"
#include "tests/support/presence_cluster.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class PresenceStormTest : public PresenceCluster {
 protected:
  PresenceStormTest() { settling_turns_ = 6; }

  using Crowd = std::vector<std::unique_ptr<SimClient>>;

  std::unique_ptr<SimClient> Come(size_t number) {
    PretendOnLoop();
    auto client = std::make_unique<SimClient>(&cluster_->loop(NextLoop()));
    client->Connect(base::StrCat("c", number));
    client->Subscribe(kRoom);
    return client;
  }
  Crowd ComeAll(size_t count) {
    Crowd crowd;
    for (size_t i = 0; i < count; ++i) crowd.push_back(Come(i));
    Settle();
    return crowd;
  }
  // Destroying them one by one would go through all the others each time.
  void BreakAll(Crowd* crowd) {
    PretendOnLoop();
    for (const auto& client : *crowd) client->Vanish();
    Turn();
    while (!crowd->empty()) crowd->pop_back();
    Settle();
  }
  // So many updates have come, in so much time.
  size_t UpdatesWithin(SimClient& watcher, base::Duration time) {
    size_t updates = 0;
    for (base::Duration passed{}; passed < time; passed += milliseconds(500)) {
      PassAndSettle(milliseconds(500));
      updates += UpdatesOf(watcher.sink.TakeFrames()).size();
    }
    return updates;
  }
};

INSTANTIATE_TEST_SUITE_P(Loops, PresenceStormTest, LoopCounts(), LoopCountName);

constexpr size_t kStorm = 5'000;

TEST_P(PresenceStormTest, FiveThousandWhoComeBackInTimeWereNeverGone) {
  Start();
  const auto watcher = Watch();
  Crowd crowd = ComeAll(kStorm);
  EXPECT_EQ(UpdatesWithin(*watcher, seconds(3)), 1U);
  EXPECT_EQ(Roster(*watcher, 0).count(), kStorm);
  BreakAll(&crowd);
  EXPECT_EQ(UpdatesWithin(*watcher, seconds(5)), 0U);
  crowd = ComeAll(kStorm);
  EXPECT_EQ(UpdatesWithin(*watcher, kGrace + seconds(5)), 0U);
  EXPECT_EQ(LineOf(Roster(*watcher, 0)), "1: (5000)");
}

// And come back over two seconds.
TEST_P(PresenceStormTest, FiveThousandWhoDoNotAreAHandfulOfUpdates) {
  Start();
  const auto watcher = Watch();
  Crowd crowd = ComeAll(kStorm);
  PassAndSettle(kWindow);
  watcher->Lines();
  BreakAll(&crowd);
  EXPECT_EQ(UpdatesWithin(*watcher, kGrace + seconds(5)), 1U);
  EXPECT_EQ(Roster(*watcher, 0).count(), 0U);
  size_t updates = 0;
  for (size_t i = 0; i < kStorm; ++i) {
    crowd.push_back(Come(i));
    if (i % 500 == 499) updates += UpdatesWithin(*watcher, milliseconds(200));
  }
  updates += UpdatesWithin(*watcher, seconds(3));
  EXPECT_LE(updates, 7U);
  EXPECT_EQ(Roster(*watcher, 0).count(), kStorm);
  BreakAll(&crowd);
}

// While the home of the topic has no time for anything.
TEST_P(PresenceStormTest, TenThousandWhoComeAndGoTenTimesASecond) {
  constexpr size_t kClients = 10'000;
  Start();
  const auto watcher = Watch();
  const uint32_t home = cluster_->loop(0).shard.siblings.HomeOf(kRoom);
  Crowd crowd;
  for (size_t i = 0; i < kClients; ++i) {
    PretendOnLoop();
    crowd.push_back(std::make_unique<SimClient>(&cluster_->loop(NextLoop())));
    crowd.back()->Connect(base::StrCat("c", i));
  }
  Settle();
  ASSERT_EQ(KeptNow(), Kept{});
  size_t updates = 0;
  const auto pass = [&](bool home_lags) {
    PretendOnLoop();
    for (uint32_t loop = 0; loop < cluster_->size(); ++loop) {
      SimExecutor& executor = cluster_->loop(loop).executor;
      if (loop == home && home_lags) {
        executor.PassWithoutTurn(milliseconds(50));
        continue;
      }
      executor.EndTurn();
      executor.Advance(milliseconds(50));
      executor.BeginTurn();
    }
    for (const auto& client : crowd) client->sink.TakeFrames();
    updates += UpdatesOf(watcher->sink.TakeFrames()).size();
    EXPECT_LE(KeptNow().waiting, kClients);
    EXPECT_LE(KeptNow().on_their_way, cluster_->size());
    EXPECT_LE(KeptNow().members, kClients);
  };
  constexpr int kTimes = 10;
  for (int time = 0; time < kTimes; ++time) {
    const bool home_lags = cluster_->size() > 1 && time < 8;
    PretendOnLoop();
    for (const auto& client : crowd) client->Subscribe(kRoom);
    pass(home_lags);
    PretendOnLoop();
    for (const auto& client : crowd) client->Unsubscribe(kRoom);
    pass(home_lags);
  }
  EXPECT_LE(updates, 3U);  // a second
  PretendOnLoop();
  for (size_t i = 0; i < kClients; i += 4) crowd[i]->Subscribe(kRoom);
  PassAndSettle(kWindow);
  PassAndSettle(kWindow);
  std::set<std::string> listed;
  for (std::string after; listed.empty() || !after.empty();) {
    const PresenceRoster page = Roster(*watcher, 1000, after);
    EXPECT_EQ(page.count(), kClients / 4);
    for (const auto& member : page.members()) listed.insert(member.client_id());
    after = page.next();
  }
  EXPECT_EQ(listed.size(), kClients / 4);
  EXPECT_TRUE(listed.contains("c4") && !listed.contains("c5"));
  PretendOnLoop();
  for (size_t i = 0; i < kClients; i += 4) crowd[i]->Unsubscribe(kRoom);
  PassAndSettle(kWindow);
  PassAndSettle(kWindow);
  EXPECT_EQ(KeptNow(), Kept{});
  while (!crowd.empty()) crowd.pop_back();
}

}  // namespace
}  // namespace esockets::tests

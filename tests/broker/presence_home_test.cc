#include "broker/presence_home.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "broker/limits.h"
#include "gtest/gtest.h"
#include "tests/support/lone_router.h"
#include "tests/support/presence_lines.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_wire_form.h"

namespace esockets::broker {
namespace {

using std::chrono::seconds;
using tests::PretendOnLoop;
using Kind = PresenceChange::Kind;

class PresenceHomeTest : public testing::Test, protected tests::LoneRouter {
 protected:
  PresenceHomeTest() : LoneRouter(&form_) { executor_.BeginTurn(); }

  void Take(Kind kind, const std::string& topic, const std::string& id) {
    PretendOnLoop();
    home_.Take({kind, topic, std::make_shared<const PresentClient>(PresentClient{1, id, "", {}})});
  }
  void Pass(base::Duration time) {
    executor_.EndTurn();
    executor_.Advance(time);
    executor_.BeginTurn();
  }
  std::string RosterLine(std::string_view topic) {
    PretendOnLoop();
    PresenceRequest request;
    request.set_limit(100);
    return tests::LineOf(home_.Roster(topic, request));
  }

  tests::SimWireForm form_{&executor_.clock(), 64 << 10};
  const PresenceRules rules_{{{.filter = "room/+"}, {.filter = "slow/+", .window = seconds(30)}}};
  PresenceHome home_{&executor_, &router_, &metrics_, &rules_};
};

TEST_F(PresenceHomeTest, CountsWhatItKeepsAndTells) {
  Take(Kind::kJoined, "room/1", "a");
  Take(Kind::kJoined, "room/2", "a");
  Take(Kind::kJoined, "slow/1", "a");
  EXPECT_EQ(metrics_.presence_topics.value(), 3U);
  EXPECT_EQ(metrics_.presence_changes_total.value(), 3U);
  EXPECT_EQ(metrics_.presence_members.value(), 0U);
  Pass(seconds(1));
  EXPECT_EQ(metrics_.presence_members.value(), 2U);
  EXPECT_EQ(metrics_.presence_updates_total.value(), 2U);
  EXPECT_EQ(RosterLine("room/1"), "1: a (1)");
  EXPECT_EQ(RosterLine("slow/1"), "0: (0)");
  Pass(seconds(29));
  EXPECT_EQ(RosterLine("slow/1"), "1: a (1)");
  Take(Kind::kLeft, "room/1", "a");
  Pass(seconds(1));
  EXPECT_EQ(metrics_.presence_topics.value(), 2U);
  EXPECT_EQ(metrics_.presence_members.value(), 2U);
  EXPECT_EQ(home_.topics(), 2U);
}

TEST_F(PresenceHomeTest, HasOneTimer) {
  for (int i = 0; i < 1000; ++i) {
    Take(Kind::kJoined, base::StrCat("slow/", i % 10), base::StrCat("c", i));
    Take(Kind::kJoined, base::StrCat("room/", i % 10), base::StrCat("c", i));
    EXPECT_EQ(executor_.timers(), 1U);
  }
  Pass(seconds(1));
  for (int i = 0; i < 1000; ++i) {
    Take(Kind::kLost, base::StrCat("room/", i % 10), base::StrCat("c", i));
  }
  EXPECT_EQ(executor_.timers(), 1U);
  Pass(seconds(30));
  EXPECT_EQ(executor_.timers(), 0U);
  EXPECT_EQ(home_.topics(), 10U);
  EXPECT_EQ(home_.members(), 1000U);
}

TEST_F(PresenceHomeTest, ManyTopicsAreToldInSeveralTurns) {
  const size_t topics = kPresenceTopicsPerTurn * 3;
  for (size_t i = 0; i < topics; ++i) Take(Kind::kJoined, base::StrCat("room/", i), "a");
  executor_.EndTurn();
  executor_.PassWithoutTurn(seconds(1));
  for (size_t turn = 1; turn <= 3; ++turn) {
    executor_.BeginTurn();
    executor_.EndTurn();
    EXPECT_EQ(home_.members(), turn * kPresenceTopicsPerTurn);
  }
  executor_.BeginTurn();
}

TEST_F(PresenceHomeTest, WhoIsNotThereCannotLeave) {
  Take(Kind::kLeft, "room/1", "a");
  EXPECT_EQ(home_.topics(), 0U);
  EXPECT_EQ(executor_.timers(), 0U);
}

}  // namespace
}  // namespace esockets::broker

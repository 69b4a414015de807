#include "broker/presence_reports.h"

#include <string>
#include <string_view>

#include "base/strings.h"
#include "broker/limits.h"
#include "broker/parcel.h"
#include "broker/siblings.h"
#include "gtest/gtest.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/recording_link.h"
#include "tests/support/sim_executor.h"

namespace esockets::broker {
namespace {

using tests::PretendOnLoop;

class PresenceReportsTest : public testing::Test {
 protected:
  PresenceReportsTest() {
    siblings_.set_inbox(&link_);
    executor_.BeginTurn();
    // One whose home is the other loop.
    while (siblings_.HomeOf(topic_) == 0) topic_ += "x";
  }

  void Join(uint64_t session, const std::string& id) {
    PretendOnLoop();
    reports_.Join(topic_, session, [&] { return PresentClient{session, id, "", {}}; });
  }
  void Leave(uint64_t session) {
    PretendOnLoop();
    reports_.Leave(topic_, session);
  }
  void Lose(uint64_t session) {
    PretendOnLoop();
    reports_.OnLost(session);
    reports_.Leave(topic_, session);
  }
  void Taken() {
    PretendOnLoop();
    reports_.OnTaken(1);
  }
  // "1 +a 2 -a", lost: "~a", of each report that was posted; with the loop it is for.
  std::string Posted() {
    PretendOnLoop();
    executor_.NextTurn();
    std::string line;
    for (const auto& [loop, report] : link_.Take<PresenceReportParcel>()) {
      EXPECT_EQ(loop, 1U);
      for (const PresenceChange& change : report.changes) {
        EXPECT_EQ(change.topic, topic_);
        line += std::string("+-~").substr(static_cast<size_t>(change.kind), 1);
        line += base::StrCat(change.client->client_id, change.client->session, " ");
      }
      line += "|";
    }
    return line;
  }

  tests::SimExecutor executor_;
  tests::RecordingLink link_;
  Siblings siblings_{0, 2, &link_};
  PresenceReports reports_{&executor_, &siblings_};
  std::string topic_ = "room/1";
};

TEST_F(PresenceReportsTest, GoesOutAtTheEndOfTheTurn) {
  Join(1, "a");
  EXPECT_EQ(reports_.on_their_way(), 0U);
  EXPECT_EQ(Posted(), "+a1 |");
  EXPECT_EQ(reports_.on_their_way(), 1U);
  Taken();
  EXPECT_EQ(reports_.on_their_way(), 0U);
  Leave(1);
  EXPECT_EQ(Posted(), "-a1 |");
  EXPECT_EQ(reports_.sessions(), 0U);
}

TEST_F(PresenceReportsTest, OneIsOnItsWayWhateverHappens) {
  Join(1, "a");
  EXPECT_EQ(Posted(), "+a1 |");
  for (uint64_t session = 1; session < 1000; ++session) {
    Lose(session);
    Join(session + 1, "a");
    EXPECT_EQ(Posted(), "");
    EXPECT_EQ(reports_.waiting(), 1U);
  }
  Taken();
  EXPECT_EQ(Posted(), "~a1 +a1000 |");
  EXPECT_EQ(reports_.waiting(), 0U);
}

TEST_F(PresenceReportsTest, WhatChangesBackIsNotReported) {
  Join(1, "a");
  Leave(1);
  EXPECT_EQ(Posted(), "");
  EXPECT_EQ(reports_.on_their_way(), 0U);
  EXPECT_EQ(reports_.waiting(), 0U);
}

// It was lost, came back unnoticed, and said goodbye: there is no grace to wait for.
TEST_F(PresenceReportsTest, TheLastWordHolds) {
  Join(1, "a");
  Posted();
  Lose(1);
  Join(2, "a");
  Leave(2);
  Taken();
  EXPECT_EQ(Posted(), "-a1 |");
}

TEST_F(PresenceReportsTest, ManyGoInSeveralReports) {
  for (uint64_t i = 1; i <= kPresenceReportMax + 5; ++i) Join(i, base::StrCat("c", i));
  Posted();
  EXPECT_EQ(reports_.waiting(), 5U);
  Taken();
  Posted();
  EXPECT_EQ(reports_.waiting(), 0U);
}

TEST_F(PresenceReportsTest, CountsTheTopicsOfASession) {
  PretendOnLoop();
  EXPECT_EQ(reports_.TopicsOf(1), 0U);
  for (const std::string_view topic : {"p", "q", "r"}) {
    reports_.Join(topic, 1, [] { return PresentClient{1, "a", "", {}}; });
  }
  EXPECT_EQ(reports_.TopicsOf(1), 3U);
  reports_.Leave("q", 1);
  EXPECT_EQ(reports_.TopicsOf(1), 2U);
  EXPECT_EQ(reports_.sessions(), 1U);
}

}  // namespace
}  // namespace esockets::broker

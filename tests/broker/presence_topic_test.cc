#include "broker/presence_topic.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/strings.h"
#include "broker/limits.h"
#include "gtest/gtest.h"
#include "tests/support/presence_lines.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = PresenceChange::Kind;

class PresenceTopicTest : public testing::Test {
 protected:
  static std::shared_ptr<const PresentClient> Client(const std::string& id, uint64_t session) {
    return std::make_shared<const PresentClient>(PresentClient{session, id, "", {}});
  }
  void Take(Kind kind, const std::string& id, uint64_t session) {
    topic_.Take({kind, "room/1", Client(id, session)}, now_);
  }
  // What is told by then: each update in a line.
  std::string Pass(base::Duration time) {
    std::string told;
    const base::TimePoint until = now_ + time;
    while (topic_.next() <= until) {
      now_ = topic_.next();
      if (const auto update = topic_.Advance(now_)) told += tests::LineOf(*update) + "\n";
    }
    now_ = until;
    return told;
  }
  std::string RosterLine(uint32_t limit, const std::string& after = "") {
    PresenceRequest request;
    request.set_limit(limit);
    request.set_after(after);
    return tests::LineOf(topic_.Roster(request));
  }

  const PresenceRule rule_{.filter = "room/+"};
  PresenceTopic topic_{"room/1", &rule_, 7};
  base::TimePoint now_{seconds(100)};
};

TEST_F(PresenceTopicTest, TellsOnceInAWindow) {
  EXPECT_EQ(topic_.next(), PresenceTopic::kNever);
  Take(Kind::kJoined, "a", 1);
  EXPECT_EQ(topic_.next(), now_ + rule_.window);
  EXPECT_EQ(Pass(milliseconds(999)), "");
  Take(Kind::kJoined, "b", 2);
  EXPECT_EQ(Pass(milliseconds(1)), "1: +a +b (2)\n");
  EXPECT_EQ(topic_.next(), PresenceTopic::kNever);
  Take(Kind::kLeft, "a", 1);
  EXPECT_EQ(Pass(seconds(5)), "2: -a (1)\n");
  EXPECT_FALSE(topic_.empty());
  Take(Kind::kLeft, "b", 2);
  EXPECT_EQ(topic_.count(), 1U);
  EXPECT_EQ(Pass(seconds(5)), "3: -b (0)\n");
  EXPECT_TRUE(topic_.empty());
}

// Two loops report, and the newer one may be heard first.
TEST_F(PresenceTopicTest, TheOrderOfTwoSessionsDoesNotMatter) {
  Take(Kind::kJoined, "a", 2);
  Take(Kind::kJoined, "a", 1);
  EXPECT_EQ(Pass(seconds(1)), "1: +a (1)\n");
  Take(Kind::kLost, "a", 1);
  EXPECT_EQ(Pass(seconds(20)), "");
  Take(Kind::kLeft, "a", 1);
  EXPECT_EQ(Pass(seconds(20)), "");
  Take(Kind::kLeft, "a", 2);
  EXPECT_EQ(Pass(seconds(1)), "2: -a (0)\n");
}

TEST_F(PresenceTopicTest, AGraceIsThatOfTheLastLoss) {
  Take(Kind::kJoined, "a", 1);
  Pass(seconds(1));
  for (uint64_t session = 1; session < 50; ++session) {
    Take(Kind::kLost, "a", session);
    EXPECT_EQ(Pass(seconds(9)), "");
    Take(Kind::kJoined, "a", session + 1);
  }
  EXPECT_EQ(Pass(seconds(100)), "");
  Take(Kind::kLost, "a", 50);
  EXPECT_EQ(Pass(rule_.grace + rule_.window - milliseconds(1)), "");
  EXPECT_EQ(Pass(milliseconds(1)), "2: -a (0)\n");
}

TEST_F(PresenceTopicTest, WhoIsLostBeforeAnybodyKnewItHasNoGrace) {
  Take(Kind::kJoined, "a", 1);
  Take(Kind::kLost, "a", 1);
  EXPECT_EQ(Pass(seconds(1)), "");
  EXPECT_TRUE(topic_.empty());
}

TEST_F(PresenceTopicTest, GracesEndOneByOne) {
  Take(Kind::kJoined, "a", 1);
  Take(Kind::kJoined, "b", 2);
  Pass(seconds(1));
  Take(Kind::kLost, "a", 1);
  Pass(seconds(5));
  Take(Kind::kLost, "b", 2);
  EXPECT_EQ(Pass(seconds(6)), "2: -a (1)\n");
  EXPECT_EQ(RosterLine(9), "2: b (1)");
  EXPECT_EQ(Pass(seconds(5)), "3: -b (0)\n");
  EXPECT_TRUE(topic_.empty());
}

TEST_F(PresenceTopicTest, WhatIsUnknownChangesNothing) {
  Take(Kind::kLeft, "a", 1);
  EXPECT_TRUE(topic_.empty());
  Take(Kind::kJoined, "a", 1);
  Take(Kind::kLeft, "a", 2);
  EXPECT_EQ(Pass(seconds(1)), "1: +a (1)\n");
}

TEST_F(PresenceTopicTest, BytesBoundUpdatesAndPages) {
  const std::string name(1000, 'x');
  for (uint64_t i = 0; i < 100; ++i) {
    topic_.Take({Kind::kJoined, "room/1",
                 std::make_shared<const PresentClient>(
                     PresentClient{i + 1, base::StrCat("c", 100 + i), name, {}})},
                now_);
  }
  now_ += rule_.window;
  const auto update = topic_.Advance(now_);
  ASSERT_TRUE(update);
  EXPECT_TRUE(update->incomplete());
  EXPECT_EQ(update->count(), 100U);
  EXPECT_LT(update->ByteSizeLong(), kPresenceBytesMax + 1000);
  PresenceRequest request;
  request.set_limit(1000);
  size_t listed = 0;
  do {
    const PresenceRoster page = topic_.Roster(request);
    EXPECT_LT(page.ByteSizeLong(), kPresenceBytesMax + 2000);
    EXPECT_EQ(page.count(), 100U);
    listed += static_cast<size_t>(page.members_size());
    request.set_after(page.next());
  } while (!request.after().empty());
  EXPECT_EQ(listed, 100U);
}

}  // namespace
}  // namespace esockets::broker

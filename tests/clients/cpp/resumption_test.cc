#include "clients/cpp/resumption.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/strings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace esockets::client {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Ear : Subscriber {
  void OnMessage(const MessageView&) override {}
  void OnEnd(const absl::Status&) override {}
};

class ResumptionTest : public testing::Test {
 protected:
  void Add(const std::string& filter, uint64_t position, const SubscribeOptions& options = {},
           const std::string& stream = "chat") {
    dispatcher_.Add(filter, options, {1, std::make_shared<Ear>()});
    if (stream.empty()) return;
    const StreamStart told{.filter = {},
                           .name = stream,
                           .epoch = 9,
                           .position = position,
                           .recovered = true,
                           .overflow = options.overflow};
    dispatcher_.Find({filter})->Begin(1, told);
  }
  // "chat/#@5 for chat/1", "chat/1 rides", "other".
  std::vector<std::string> Plan() {
    std::vector<std::string> lines;
    for (const Resumption& resumption : PlanResumptions(dispatcher_)) {
      std::string line = resumption.name.filter;
      if (resumption.rides) line += " rides";
      if (resumption.start.epoch() == 9) base::StrAppend(&line, "@", resumption.start.number());
      for (const SubscriptionName& rider : resumption.riders) {
        base::StrAppend(&line, " for ", rider.filter);
      }
      if (!resumption.name.group.empty()) base::StrAppend(&line, " in ", resumption.name.group);
      lines.push_back(line);
    }
    return lines;
  }

  Dispatcher dispatcher_;
};

TEST_F(ResumptionTest, EachGoesOnBehindWhatItHas) {
  EXPECT_THAT(Plan(), IsEmpty());
  Add("chat/1", 5);
  Add("chat/2/#", 7);
  Add("#", 0, {}, "");
  Add("news/1", 3, {}, "news");
  EXPECT_THAT(Plan(), UnorderedElementsAre("chat/1@5", "chat/2/#@7", "#", "news/1@3"));
}

TEST_F(ResumptionTest, TheWidestReadsForThoseThatItCovers) {
  Add("chat/1", 5);
  Add("chat/+", 7, {.start = Start::Last(1)});
  Add("chat/#", 9);
  const std::vector<std::string> plan = Plan();
  ASSERT_EQ(plan.size(), 3u);
  EXPECT_TRUE(plan[2].starts_with("chat/#@7 for ")) << plan[2];  // chat/1 heard all up to 9
  EXPECT_THAT(plan, testing::IsSupersetOf({"chat/1 rides", "chat/+ rides"}));
}

TEST_F(ResumptionTest, GroupsNeitherReadNorRide) {
  Add("chat/#", 9);
  Add("chat/#", 0, {.group = "workers"}, "");
  Add("chat/1", 0, {.group = "workers"}, "");
  EXPECT_THAT(Plan(), UnorderedElementsAre("chat/#@9", "chat/# in workers", "chat/1 in workers"));
}

TEST_F(ResumptionTest, OfTwoThatAreTheSameOneReads) {
  Add("#", 5, {.overflow = Overflow::kReplay}, "all");
  Add("+/#", 3, {.overflow = Overflow::kReplay}, "all");
  const std::vector<std::string> plan = Plan();
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_TRUE(plan[0].ends_with(" rides")) << plan[0];
  EXPECT_NE(plan[1].find("@3 for "), std::string::npos) << plan[1];
}

// Position 5 may have come in front of position 4.
TEST_F(ResumptionTest, WhatConflatesBeginsAnewAndReadsForNobody) {
  Add("chat/#", 5, {.overflow = Overflow::kConflate});
  Add("chat/1", 3);
  Add("chat/2", 4, {.overflow = Overflow::kConflate});
  EXPECT_THAT(Plan(), UnorderedElementsAre("chat/#", "chat/1@3", "chat/2"));
  for (const Resumption& resumption : PlanResumptions(dispatcher_)) {
    if (resumption.name.filter == "chat/1") continue;
    EXPECT_EQ(resumption.start.at(), Start::At::kLastOfEachTopic);
    EXPECT_EQ(resumption.start.number(), 1u);
  }
}

TEST_F(ResumptionTest, WhatWasNeverAnsweredIsAskedForAsAtFirst) {
  Add("chat/1", 0, {.start = Start::Last(3)}, "");
  const auto plan = PlanResumptions(dispatcher_);
  ASSERT_EQ(plan.size(), 1u);
  EXPECT_EQ(plan[0].start.at(), Start::At::kLast);
  EXPECT_EQ(plan[0].start.number(), 3u);
}

// Who may see it only while it is on the topic must be on it first.
TEST_F(ResumptionTest, PresenceComesLast) {
  for (int i = 0; i < 20; ++i) {
    Add(base::StrCat("room/", i), 0, {}, "");
    Add(base::StrCat("$presence/room/", i), 0, {}, "");
  }
  Add("room/+", 0, {}, "");
  const std::vector<std::string> plan = Plan();
  ASSERT_EQ(plan.size(), 41U);
  for (size_t i = 0; i < plan.size(); ++i) EXPECT_EQ(plan[i].starts_with("$presence/"), i >= 21);
}

}  // namespace
}  // namespace esockets::client

#include "app/plan_tickets.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>

#include "app/config.h"
#include "app/new_files.h"
#include "app/plan.h"
#include "base/clock.h"
#include "base/strings.h"
#include "broker/resume_tickets.h"
#include "gtest/gtest.h"

namespace esockets::app {
namespace {

class PlanTicketsTest : public testing::Test {
 protected:
  PlanTicketsTest()
      : path_(base::StrCat(testing::TempDir(), "/ticket_key_",
                           testing::UnitTest::GetInstance()->current_test_info()->name())) {
    ::unlink(path_.c_str());
  }
  ~PlanTicketsTest() override { ::unlink(path_.c_str()); }

  absl::StatusOr<Plan> Planned(std::string_view text) const {
    const absl::StatusOr<LoadedConfig> loaded = ParseConfig(std::string(text), "b.textproto");
    if (!loaded.ok()) return loaded.status();
    return MakePlan(*loaded);
  }
  absl::StatusOr<Plan> WithFile() const {
    auto plan = Planned(base::StrCat("ticket_key_file: \"", path_, "\""));
    if (!plan.ok()) return plan;
    if (absl::Status made = MakeNewFiles(*plan); !made.ok()) return made;
    return plan;
  }
  std::string Content() const {
    std::ostringstream content;
    content << std::ifstream(path_).rdbuf();
    return content.str();
  }
  // Does one take the other's?
  bool Takes(const Plan& plan, const Plan& of) const {
    const std::string ticket =
        of.broker.settings.tickets->Issue({.client_id = "id", .identity = {.user = "ann"}}, clock_);
    const auto opened = plan.broker.settings.tickets->Open(ticket, "id", clock_);
    return std::holds_alternative<broker::TicketHolder>(opened);
  }

  const std::string path_;
  base::SystemClock clock_;
};

TEST_F(PlanTicketsTest, WithoutAFileTheKeyIsTheProcesss) {
  const auto one = Planned(""), other = Planned("ticket_lifetime_seconds: 5");
  ASSERT_TRUE(one.ok() && other.ok()) << one.status() << other.status();
  EXPECT_TRUE(Takes(*one, *other)) << "a SIGHUP makes no ticket void";
}

TEST_F(PlanTicketsTest, AFileIsMadeForTheBrokerAloneAndReadAgain) {
  const auto first = WithFile();
  ASSERT_TRUE(first.ok()) << first.status();
  struct stat found {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  EXPECT_EQ(found.st_nlink, 1U) << "no second name of it is left";
  EXPECT_EQ(Content().size(), 65U);
  const auto again = WithFile();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(Takes(*again, *first)) << "after a restart";
  EXPECT_FALSE(Takes(*Planned(""), *first));
  EXPECT_TRUE(again->warnings.empty());
}

TEST_F(PlanTicketsTest, NoneIsMadeWhenItIsOnlyChecked) {
  ASSERT_TRUE(Planned(base::StrCat("ticket_key_file: \"", path_, "\"")).ok());
  EXPECT_EQ(Content(), "");
  struct stat found {};
  EXPECT_NE(::stat(path_.c_str(), &found), 0);
}

TEST_F(PlanTicketsTest, ANewKeyInFrontSignsAndTheOldOneCounts) {
  const auto before = WithFile();
  ASSERT_TRUE(before.ok());
  const std::string old_line = Content();
  std::ofstream(path_) << std::string(64, 'a') << "\n" << old_line;
  const auto after = WithFile();
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_TRUE(Takes(*after, *before));
  EXPECT_FALSE(Takes(*before, *after));
}

TEST_F(PlanTicketsTest, WithoutALifetimeThereAreNone) {
  const auto plan = Planned("ticket_lifetime_seconds: 0");
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->broker.settings.tickets, nullptr);
}

TEST_F(PlanTicketsTest, MistakesHaveTheirPlace) {
  EXPECT_EQ(Planned("ticket_lifetime_seconds: 2592001").status().message(),
            "b.textproto:1:1: ticket_lifetime_seconds: must be at most 2592000, not 2592001");
  const auto nowhere = Planned("ticket_key_file: \"/nowhere/key\"");
  ASSERT_TRUE(nowhere.ok()) << nowhere.status();
  EXPECT_EQ(MakeNewFiles(*nowhere).message(),
            "ticket_key_file: /nowhere/key: No such file or directory");
  std::ofstream(path_) << "xyz\n";
  EXPECT_EQ(WithFile().status().message(),
            "b.textproto:1:1: ticket_key_file: line 1: must be 64 hexadecimal digits");
}

TEST_F(PlanTicketsTest, WarnsWhenEverybodyMayReadIt) {
  ASSERT_TRUE(WithFile().ok());
  ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
  const auto plan = WithFile();
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->warnings.size(), 1U);
  EXPECT_EQ(plan->warnings[0],
            base::StrCat("everybody on this machine may read ", path_, ": chmod o= it"));
}

}  // namespace
}  // namespace esockets::app

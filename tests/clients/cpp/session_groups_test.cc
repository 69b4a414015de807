// How a session is a member of groups: what is handed to whom, and the next connection.
#include <string>

#include "base/strings.h"
#include "clients/cpp/session.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/clients/cpp/fake_transport.h"
#include "tests/clients/cpp/session_fixture.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::client {
namespace {

using base::StrCat;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class SessionGroupsTest : public SessionTest {
 protected:
  // Subscribed to jobs/# plainly, in the group workers and in the group auditors.
  void StartInGroups() {
    StartConnected();
    uint64_t id = kBufferedIdsAfter;
    for (const char* group : {"", "workers", "auditors"}) {
      last_ = Subscribe("jobs/#", {.group = group});
      Arrive(StrCat("subscribed { id: ", ++id, " }"));
    }
    transport_.TakeSent();
    TakeDiary();
  }
  void Message(const std::string& payload, const std::string& group) {
    Arrive(StrCat("message { topic: 'jobs/1' payload: '", payload, "' group: '", group, "' }"));
  }

  uint64_t last_ = 0;
};

TEST_F(SessionGroupsTest, EachDeliveryIsForOneSubscription) {
  StartInGroups();
  Message("1", "");
  Message("2", "auditors");
  Message("3", "workers");
  Message("4", "nobody");
  EXPECT_THAT(TakeDiary(), ElementsAre("jobs/1=1", "jobs/1=2 for jobs/# in auditors",
                                       "jobs/1=3 for jobs/# in workers"));
}

TEST_F(SessionGroupsTest, AGapNamesItsGroup) {
  StartInGroups();
  Arrive("gap { filter: 'jobs/#' messages: 1 group: 'workers' }");
  Arrive("gap { filter: 'jobs/#' messages: 1 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("gap jobs/# in workers", "gap jobs/#"));
}

TEST_F(SessionGroupsTest, LeavesOneOfThem) {
  StartInGroups();
  tests::PretendOnLoop();
  session_->Unsubscribe({"jobs/#", "auditors"}, last_);
  executor_.NextTurn();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("unsubscribe jobs/# in auditors"));
  TakeDiary();
  Message("1", "auditors");
  EXPECT_THAT(TakeDiary(), IsEmpty());
  Message("2", "workers");
  EXPECT_THAT(TakeDiary(), ElementsAre("jobs/1=2 for jobs/# in workers"));
}

TEST_F(SessionGroupsTest, IsAMemberAgainOnTheNextConnection) {
  StartInGroups();
  Reconnect();
  Lines sent = transport_.TakeSent();
  for (std::string& line : sent) line = line.substr(line.find_last_of("0123456789") + 1);
  EXPECT_THAT(sent, UnorderedElementsAre("connect me", " jobs/#", " jobs/# in workers",
                                         " jobs/# in auditors"));
  TakeDiary();
  for (const char* id : {"1", "2"}) Arrive(StrCat("subscribed { id: ", id, " }"));
  EXPECT_THAT(TakeDiary(), IsEmpty());
  Arrive("subscribed { id: 3 }");
  EXPECT_THAT(TakeDiary(), ElementsAre("connected"));
  Message("1", "workers");
  EXPECT_THAT(TakeDiary(), ElementsAre("jobs/1=1 for jobs/# in workers"));
}

// Others have made the group anew meanwhile, in another way.
TEST_F(SessionGroupsTest, WhatIsRefusedThenIsGoneAndToldSo) {
  StartConnected();
  Subscribe("jobs/#", {.group = "workers", .group_strategy = GroupStrategy::kHash});
  Arrive(StrCat("subscribed { id: ", kBufferedIdsAfter + 1, " }"));
  Reconnect();
  TakeDiary();
  Arrive("error { id: 1 code: 154 }");
  EXPECT_THAT(TakeDiary(),
              ElementsAre("end of jobs/#: FAILED_PRECONDITION", "error 154", "connected"));
}

}  // namespace
}  // namespace esockets::client

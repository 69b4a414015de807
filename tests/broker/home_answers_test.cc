#include "broker/home_answers.h"

#include <utility>
#include <vector>

#include "broker/siblings.h"
#include "gtest/gtest.h"
#include "tests/support/lone_router.h"
#include "tests/support/recording_link.h"
#include "tests/support/sim_wire_form.h"

namespace esockets::broker {
namespace {

class HomeAnswersTest : public ::testing::Test, protected tests::LoneRouter {
 protected:
  HomeAnswersTest() : LoneRouter(nullptr) {
    siblings_of_three_.set_inbox(&link_);
    executor_.BeginTurn();
  }

  tests::RecordingLink link_;
  Siblings siblings_of_three_{1, 3, &link_};
  HomeAnswers answers_{&executor_, &siblings_of_three_, &router_};
};

TEST_F(HomeAnswersTest, ArePostedAtTheEndOfTheTurnInTheirOrder) {
  executor_.AssertOnLoop();
  const StoreAsk first{.session = 7, .request_id = 70, .loop = 2, .message_id = {}};
  const StoreAsk second{.session = 8, .request_id = 80, .loop = 1, .message_id = {}};
  const ConfirmAsk confirm{.number = 5, .loop = 1, .time = {}};
  answers_.Accept({.store = &first}, {.epoch = 3, .position = 4, .repeated = true}, 1);
  answers_.Accept({.confirm = &confirm, .store = &second}, {}, 2);
  EXPECT_TRUE(link_.posted.empty());
  executor_.NextTurn();
  const auto posted = link_.Take<StoredParcel>();
  ASSERT_EQ(posted.size(), 2U);
  EXPECT_EQ(posted[0].first, 2U);
  EXPECT_EQ(posted[0].second.session, 7U);
  EXPECT_EQ(posted[0].second.request_id, 70U);
  EXPECT_EQ(posted[0].second.stored.position, 4U);
  EXPECT_TRUE(posted[0].second.stored.repeated);
  EXPECT_EQ(posted[0].second.confirm_number, 0U);
  EXPECT_EQ(posted[1].first, 1U);
  EXPECT_EQ(posted[1].second.confirm_number, 5U);
  EXPECT_EQ(posted[1].second.loops, 2U);
  executor_.NextTurn();
  EXPECT_TRUE(link_.posted.empty());
}

TEST_F(HomeAnswersTest, RefusesAlsoWhoDidNotAsk) {
  executor_.AssertOnLoop();
  const StoreAsk ask{.session = 7, .request_id = 70, .loop = 2, .message_id = {}};
  answers_.Refuse(2, {.publisher = 7, .store = &ask}, ErrorCode::kNoSuchInbox, "why");
  answers_.Refuse(0, {.publisher = 9}, ErrorCode::kNoSuchInbox, "why");
  executor_.NextTurn();
  const auto posted = link_.Take<StoredParcel>();
  ASSERT_EQ(posted.size(), 2U);
  EXPECT_EQ(posted[0].second.request_id, 70U);
  EXPECT_EQ(posted[0].second.refusal, ErrorCode::kNoSuchInbox);
  EXPECT_EQ(posted[0].second.detail, "why");
  EXPECT_EQ(posted[1].first, 0U);
  EXPECT_EQ(posted[1].second.session, 9U);
  EXPECT_EQ(posted[1].second.request_id, 0U);
}

}  // namespace
}  // namespace esockets::broker

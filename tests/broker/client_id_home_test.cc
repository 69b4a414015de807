#include "broker/client_id_home.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/recording_link.h"

namespace esockets::broker {
namespace {

using Outcome = ClientIdAnswerParcel::Outcome;
using tests::RecordingLink;

class ClientIdHomeTest : public testing::Test {
 protected:
  ClientIdHomeTest() { siblings_.set_inbox(&link_); }

  void Claim(uint32_t loop, uint64_t session, std::string_view user = "u", bool take_over = true) {
    tests::PretendOnLoop();
    home_.OnClaim(
        loop,
        {.client_id = "me", .user = std::string(user), .session = session, .take_over = take_over},
        kClientsMax);
  }
  void Release(uint64_t session) {
    tests::PretendOnLoop();
    home_.OnReleased({"me", session});
  }
  // What was posted, as "loop: what".
  std::vector<std::string> Posted() {
    std::vector<std::string> all;
    for (const auto& [loop, parcel] : link_.posted) {
      if (const auto* answer = std::get_if<ClientIdAnswerParcel>(&parcel)) {
        const std::string_view outcomes[] = {"granted", "taken", "other user", "too many"};
        all.push_back(base::StrCat(loop, ": ", answer->session, " ",
                                   outcomes[static_cast<size_t>(answer->outcome)]));
      } else if (const auto* evict = std::get_if<ClientIdEvictParcel>(&parcel)) {
        all.push_back(base::StrCat(loop, ": evict ", evict->session, " for ", evict->by_session));
      }
    }
    link_.posted.clear();
    return all;
  }

  static constexpr size_t kClientsMax = 1;
  RecordingLink link_;
  Siblings siblings_{0, 3, &link_};
  BrokerTotals totals_;
  ClientIdHome home_{&siblings_, &totals_};
};

using Lines = std::vector<std::string>;

TEST_F(ClientIdHomeTest, GrantsWhatNobodyHas) {
  Claim(1, 10);
  EXPECT_EQ(Posted(), Lines{"1: 10 granted"});
  ASSERT_NE(home_.Find("me"), nullptr);
  EXPECT_EQ(home_.Find("me")->session, 10u);
  EXPECT_EQ(totals_.clients, 1u);
  Release(10);
  EXPECT_EQ(home_.Find("me"), nullptr);
  EXPECT_EQ(totals_.clients, 0u);
}

TEST_F(ClientIdHomeTest, TheNewerGetsItWhenTheOlderHasGone) {
  Claim(1, 10);
  Claim(2, 20);
  Claim(0, 30);
  EXPECT_EQ(Posted(), (Lines{"1: 10 granted", "1: evict 10 for 20"})) << "asked once";
  Release(10);
  EXPECT_EQ(Posted(), (Lines{"2: 20 granted", "2: evict 20 for 30"}));
  Release(20);
  EXPECT_EQ(Posted(), Lines{"0: 30 granted"});
  EXPECT_EQ(totals_.clients, 1u) << "who takes over does not add to them";
}

TEST_F(ClientIdHomeTest, AnotherUsersIsKept) {
  tests::PretendOnLoop();
  Claim(1, 10);
  Claim(2, 20, "other");
  Claim(2, 21);
  Posted();
  home_.OnKept({"me", 10});
  EXPECT_EQ(Posted(), (Lines{"2: 20 other user", "1: evict 10 for 21"}));
  Release(10);
  EXPECT_EQ(Posted(), Lines{"2: 21 granted"});
}

TEST_F(ClientIdHomeTest, RefusesWhatWasMadeUpAndTaken) {
  Claim(1, 10);
  Claim(2, 20, "u", false);
  EXPECT_EQ(Posted(), (Lines{"1: 10 granted", "2: 20 taken"}));
}

TEST_F(ClientIdHomeTest, RefusesMoreThanTheBrokerMayHave) {
  tests::PretendOnLoop();
  Claim(1, 10);
  home_.OnClaim(1, {.client_id = "you", .user = "u", .session = 11, .take_over = true}, 1);
  EXPECT_EQ(Posted(), (Lines{"1: 10 granted", "1: 11 too many"}));
  EXPECT_EQ(totals_.clients, 1u);
}

}  // namespace
}  // namespace esockets::broker

#include "clients/cpp/pending_requests.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

class PendingRequestsTest : public testing::Test {
 protected:
  void Add(uint64_t id, uint64_t end_offset, std::string reply_topic = "") {
    requests_.Add({.id = id,
                   .reply_topic = std::move(reply_topic),
                   .done =
                       [this, id](const absl::StatusOr<Answer>& answer) {
                         answers_.push_back(
                             std::to_string(id) + ":" +
                             (answer.ok() ? answer->payload : answer.status().ToString()));
                       },
                   .end_offset = end_offset});
  }

  PendingRequests requests_;
  std::vector<std::string> answers_;
};

TEST_F(PendingRequestsTest, AnswersOnceById) {
  Add(7, 10);
  EXPECT_FALSE(requests_.Complete(8, Answer()));
  EXPECT_TRUE(requests_.Complete(7, Answer()));
  EXPECT_FALSE(requests_.Complete(7, Answer()));
  EXPECT_EQ(answers_, std::vector<std::string>{"7:"});
}

TEST_F(PendingRequestsTest, ARequestWithAReplyWaitsForIt) {
  Add(7, 10, "inbox/1");
  EXPECT_TRUE(requests_.Complete(7, Answer()));  // Published
  EXPECT_FALSE(requests_.CompleteReply("inbox/2", "no"));
  EXPECT_TRUE(requests_.CompleteReply("inbox/1", "yes"));
  EXPECT_FALSE(requests_.CompleteReply("inbox/1", "again"));
  EXPECT_EQ(answers_, std::vector<std::string>{"7:yes"});
  Add(8, 20, "inbox/2");
  EXPECT_TRUE(requests_.Complete(8, absl::NotFoundError("who")));
  EXPECT_FALSE(requests_.CompleteReply("inbox/2", "late"));
  EXPECT_EQ(answers_.back(), "8:NOT_FOUND: who");
}

TEST_F(PendingRequestsTest, ABrokenConnectionFailsWhatWasSent) {
  Add(1, 10);
  Add(2, 20, "inbox");
  Add(3, 30);
  requests_.FailSent(20, absl::UnavailableError("gone"));
  EXPECT_EQ(answers_.size(), 2u);
  EXPECT_EQ(requests_.size(), 1u);
  requests_.FailAll(absl::UnavailableError("over"));
  EXPECT_EQ(answers_.back(), "3:UNAVAILABLE: over");
}

TEST_F(PendingRequestsTest, ForgottenOnesAreNotCalled) {
  Add(1, 10, "inbox");
  requests_.Forget(1);
  requests_.Forget(2);
  EXPECT_FALSE(requests_.CompleteReply("inbox", "late"));
  requests_.FailAll(absl::UnavailableError("over"));
  EXPECT_TRUE(answers_.empty());
}

}  // namespace
}  // namespace esockets::client

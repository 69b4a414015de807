#include "clients/cpp/pending_requests.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

class PendingRequestsTest : public testing::Test {
 protected:
  void Add(uint64_t id, uint64_t end_offset) {
    requests_.Add({.id = id,
                   .done = [this, id](const auto& answer) { Note(id, answer.status(), ""); },
                   .end_offset = end_offset});
  }
  std::shared_ptr<ReplyCollector> AddRequest(uint64_t id, uint64_t end_offset,
                                             std::string reply_topic, size_t replies_max = 1) {
    const auto replies = std::make_shared<ReplyCollector>(replies_max, [this, id](const auto& all) {
      std::string text;
      for (size_t i = 0; all.ok() && i < all->size(); ++i) text += (*all)[i].payload;
      Note(id, all.status(), text);
    });
    requests_.Add({.id = id,
                   .replies = replies,
                   .reply_topic = std::move(reply_topic),
                   .end_offset = end_offset});
    return replies;
  }
  bool Reply(std::string_view topic, std::string_view payload) {
    MessageView view;
    view.topic = topic;
    view.payload = payload;
    return requests_.TakeReply(view);
  }
  void Note(uint64_t id, const absl::Status& status, const std::string& text) {
    answers_.push_back(std::to_string(id) + ":" + (status.ok() ? text : status.ToString()));
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
  AddRequest(7, 10, "inbox/1");
  EXPECT_TRUE(requests_.WantsReplies(7));
  EXPECT_TRUE(requests_.Complete(7, Answer()));  // Published
  EXPECT_FALSE(Reply("inbox/2", "no"));
  EXPECT_TRUE(Reply("inbox/1", "yes"));
  EXPECT_FALSE(Reply("inbox/1", "again"));
  EXPECT_FALSE(requests_.WantsReplies(7));
  EXPECT_EQ(answers_, std::vector<std::string>{"7:yes"});
  AddRequest(8, 20, "inbox/2");
  EXPECT_TRUE(requests_.Complete(8, absl::NotFoundError("who")));
  EXPECT_FALSE(Reply("inbox/2", "late"));
  EXPECT_EQ(answers_.back(), "8:NOT_FOUND: who");
}

TEST_F(PendingRequestsTest, ARequestWithSeveralRepliesWaitsForAllOfThem) {
  AddRequest(7, 10, "inbox/1", 3);
  EXPECT_TRUE(Reply("inbox/1", "a"));
  EXPECT_TRUE(Reply("inbox/1", "b"));
  EXPECT_TRUE(answers_.empty());
  EXPECT_TRUE(Reply("inbox/1", "c"));
  EXPECT_FALSE(Reply("inbox/1", "d"));
  EXPECT_EQ(answers_, std::vector<std::string>{"7:abc"});
  EXPECT_EQ(requests_.size(), 0u);
}

TEST_F(PendingRequestsTest, WhoseTimeIsOverBeforeItIsSentDoesNotWait) {
  const auto replies = std::make_shared<ReplyCollector>(1, [](const auto&) {});
  replies->OnTimeout();
  requests_.Add({.id = 7, .replies = replies, .reply_topic = "inbox/1"});
  EXPECT_FALSE(Reply("inbox/1", "late"));
  EXPECT_EQ(requests_.size(), 0u);
}

TEST_F(PendingRequestsTest, ABrokenConnectionFailsWhatWasSent) {
  Add(1, 10);
  AddRequest(2, 20, "inbox");
  Add(3, 30);
  requests_.FailSent(20, absl::UnavailableError("gone"));
  EXPECT_EQ(answers_.size(), 2u);
  EXPECT_EQ(requests_.size(), 1u);
  requests_.FailAll(absl::UnavailableError("over"));
  EXPECT_EQ(answers_.back(), "3:UNAVAILABLE: over");
}

TEST_F(PendingRequestsTest, ForgottenOnesAreNotCalled) {
  AddRequest(1, 10, "inbox");
  requests_.Forget(1);
  requests_.Forget(2);
  EXPECT_FALSE(Reply("inbox", "late"));
  requests_.FailAll(absl::UnavailableError("over"));
  EXPECT_TRUE(answers_.empty());
}

}  // namespace
}  // namespace esockets::client

#include "clients/cpp/reply_collector.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

class ReplyCollectorTest : public testing::Test {
 protected:
  void Begin(size_t replies_max) {
    outcomes_.clear();
    ends_ = 0;
    replies_ = std::make_unique<ReplyCollector>(replies_max, [this](const auto& all) {
      EXPECT_EQ(ends_, 1);
      std::string text = all.ok() ? "" : all.status().ToString();
      for (size_t i = 0; all.ok() && i < all->size(); ++i) text += (*all)[i].payload;
      outcomes_.push_back(text);
    });
    replies_->set_on_end([this] { ++ends_; });
  }
  void Reply(std::string_view payload) {
    MessageView view;
    view.payload = payload;
    replies_->OnReply(view);
  }
  // Whatever happens afterwards has no effect.
  std::string Outcome() {
    Reply("x");
    replies_->OnTimeout();
    replies_->Fail(absl::UnavailableError("over"));
    EXPECT_TRUE(replies_->ended());
    EXPECT_EQ(outcomes_.size(), 1U);
    return outcomes_.empty() ? "" : outcomes_[0];
  }

  std::unique_ptr<ReplyCollector> replies_;
  std::vector<std::string> outcomes_;
  int ends_ = 0;
};

TEST_F(ReplyCollectorTest, EndsWhenThereAreEnough) {
  Begin(2);
  Reply("a");
  EXPECT_FALSE(replies_->ended());
  Reply("b");
  EXPECT_EQ(Outcome(), "ab");
}

TEST_F(ReplyCollectorTest, EndsWhenItsTimeIsOver) {
  for (const size_t replies_max : {size_t{0}, size_t{9}}) {
    Begin(replies_max);
    for (const std::string_view payload : {"a", "b", "c"}) Reply(payload);
    EXPECT_FALSE(replies_->ended());
    replies_->OnTimeout();
    EXPECT_EQ(Outcome(), "abc");
  }
}

TEST_F(ReplyCollectorTest, WithoutAReplyItIsAnError) {
  Begin(0);
  replies_->OnTimeout();
  EXPECT_EQ(Outcome(), "DEADLINE_EXCEEDED: no answer in time");
}

TEST_F(ReplyCollectorTest, FailsWithWhateverItHas) {
  Begin(2);
  Reply("a");
  replies_->Fail(absl::UnavailableError("lost"));
  EXPECT_EQ(Outcome(), "UNAVAILABLE: lost");
}

}  // namespace
}  // namespace esockets::client

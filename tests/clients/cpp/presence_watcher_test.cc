#include "clients/cpp/presence_watcher.h"

#include <memory>
#include <string>
#include <vector>

#include "base/strings.h"
#include "clients/cpp/limits.h"
#include "clients/cpp/status.h"
#include "gtest/gtest.h"
#include "proto/presence.pb.h"
#include "tests/support/sim_executor.h"

namespace esockets::client {
namespace {

class PresenceWatcherTest : public testing::Test {
 protected:
  PresenceWatcherTest() { loop_.BeginTurn(); }
  ~PresenceWatcherTest() override { watcher_.reset(); }

  void Subscribed() {
    loop_.AssertOnLoop();
    watcher_->OnSubscribed();
  }
  // To the last question.
  void Answer(uint64_t version, const std::string& id, uint64_t count,
              const std::string& next = "") {
    esockets::PresenceRoster page;
    page.set_epoch(9);
    page.set_version(version);
    page.set_count(count);
    page.set_next(next);
    page.add_members()->set_client_id(id);
    answers_.back()(page.SerializeAsString());
  }
  void Update(uint64_t version, const std::string& joined, bool incomplete = false) {
    esockets::PresenceUpdate update;
    update.set_epoch(9);
    update.set_version(version);
    update.set_incomplete(incomplete);
    update.add_joined()->set_client_id(joined);
    Message(update);
  }
  void Message(const esockets::PresenceUpdate& update) {
    const std::string payload = update.SerializeAsString();
    MessageView view;
    view.payload = payload;
    watcher_->OnMessage(view);
  }
  std::string News() {
    std::string text;
    for (const PresenceNews& news : std::exchange(news_, {})) {
      if (!news.ended.ok()) text += std::string(news.ended.message()) + "|";
      for (const auto& member : news.joined) text += "+" + member.client_id;
      for (const auto& member : news.left) text += "-" + member.client_id;
      text += " ";
    }
    return text;
  }

  tests::SimExecutor loop_;
  std::vector<esockets::PresenceRequest> asked_;
  std::vector<PresenceWatcher::Answer> answers_;
  std::vector<PresenceNews> news_;
  std::shared_ptr<PresenceWatcher> watcher_ = std::make_shared<PresenceWatcher>(
      &loop_,
      [this](const std::string& payload, PresenceWatcher::Answer answer) {
        asked_.emplace_back().ParseFromString(payload);
        answers_.push_back(std::move(answer));
      },
      [this](const PresenceNews& news) { news_.push_back(news); });
};

TEST_F(PresenceWatcherTest, ReadsPageAfterPage) {
  Subscribed();
  ASSERT_EQ(asked_.size(), 1U);
  EXPECT_EQ(asked_[0].limit(), kPresencePageMembers);
  EXPECT_EQ(asked_[0].after(), "");
  Answer(3, "a", 2, "a");
  ASSERT_EQ(asked_.size(), 2U);
  EXPECT_EQ(asked_[1].after(), "a");
  Answer(3, "b", 2);
  EXPECT_EQ(asked_.size(), 2U);
  EXPECT_EQ(News(), "+a+b ");
  Update(4, "c");
  EXPECT_EQ(News(), "+c ");
}

TEST_F(PresenceWatcherTest, ReadsAgainWhenSomethingWasMissed) {
  Subscribed();
  Answer(3, "a", 1);
  Update(5, "c");
  ASSERT_EQ(asked_.size(), 2U);
  Answer(5, "b", 1);
  EXPECT_EQ(News(), "+a +b-a ");
  Update(6, "c", /*incomplete=*/true);
  EXPECT_EQ(asked_.size(), 3U);
  Answer(6, "c", 1);
  EXPECT_EQ(News(), "+c -b ");
  loop_.AssertOnLoop();
  watcher_->OnGap();
  watcher_->OnGap();
  EXPECT_EQ(asked_.size(), 4U);
}

TEST_F(PresenceWatcherTest, ANewConnectionIsReadAnewAndTellsDifferences) {
  Subscribed();
  Answer(3, "a", 1);
  Subscribed();
  const auto late = answers_.back();
  Subscribed();
  ASSERT_EQ(asked_.size(), 3U);
  late(std::string("nonsense"));
  Answer(7, "b", 1);
  EXPECT_EQ(News(), "+a +b-a ");
  Subscribed();
  Answer(7, "b", 1);
  EXPECT_EQ(News(), "");
}

TEST_F(PresenceWatcherTest, AsksAgainLater) {
  Subscribed();
  answers_.back()(absl::DeadlineExceededError("late"));
  EXPECT_EQ(asked_.size(), 1U);
  loop_.EndTurn();
  loop_.Advance(kPresencePause);
  loop_.BeginTurn();
  EXPECT_EQ(asked_.size(), 2U);
  answers_.back()(ToStatus({.code = 122, .retryable = true}));
  loop_.EndTurn();
  loop_.Advance(kPresencePause);
  loop_.BeginTurn();
  ASSERT_EQ(asked_.size(), 3U);
  Answer(1, "a", 1);
  EXPECT_EQ(News(), "+a ");
}

// The next connection tells it to.
TEST_F(PresenceWatcherTest, ALostConnectionIsWaitedFor) {
  Subscribed();
  answers_.back()(absl::UnavailableError("the connection broke"));
  loop_.EndTurn();
  loop_.Advance(kPresencePause * 5);
  loop_.BeginTurn();
  EXPECT_EQ(asked_.size(), 1U);
  Subscribed();
  EXPECT_EQ(asked_.size(), 2U);
}

TEST_F(PresenceWatcherTest, TellsItsEndOnce) {
  Subscribed();
  esockets::PresenceUpdate last;
  last.set_ended(true);
  Message(last);
  watcher_->OnEnd(absl::CancelledError("x"));
  EXPECT_EQ(News(), "not on the topic any more| ");
  Subscribed();
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(PresenceWatcherTest, ARefusalIsTheEnd) {
  Subscribed();
  answers_.back()(ToStatus({.code = 120, .text = "no"}));
  EXPECT_EQ(News(), "code 120: no| ");
}

TEST_F(PresenceWatcherTest, StoppedItTellsNothing) {
  Subscribed();
  loop_.AssertOnLoop();
  watcher_->Stop();
  Answer(1, "a", 1);
  watcher_->OnEnd(absl::CancelledError("x"));
  EXPECT_EQ(News(), "");
  // Nor before it has begun: the call has failed, and says so.
  watcher_ = std::make_shared<PresenceWatcher>(
      &loop_, [](const std::string&, const PresenceWatcher::Answer&) {},
      [this](const PresenceNews& news) { news_.push_back(news); });
  watcher_->OnEnd(absl::CancelledError("x"));
  EXPECT_EQ(News(), "");
}

}  // namespace
}  // namespace esockets::client

// The client library and streams, against the real broker on one loop and two: history, going on
// after a lost connection, a reader that stops, and messages that are published again.
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/broker_server.h"
#include "clients/cpp/client.h"
#include "gtest/gtest.h"
#include "server/connection.h"

namespace esockets::client {
namespace {

constexpr base::Duration kPatience = std::chrono::seconds(20);

// What a client tells of its connection, to be waited for.
class Watcher {
 public:
  // `on_lost` runs on the client's loop: until it returns the client does not come back.
  explicit Watcher(std::function<void()> on_lost = {}) : on_lost_(std::move(on_lost)) {}

  ClientEvents events() {
    return {.on_state_change =
                [this](State state, const absl::Status&) {
                  if (state == State::kWaiting && on_lost_) std::exchange(on_lost_, {})();
                },
            .on_gap =
                [this](const Gap& gap) {
                  const std::lock_guard lock(mutex_);
                  gaps_ += gap.messages;
                },
            .on_snapshot_end =
                [this](const std::string& filter) {
                  {
                    const std::lock_guard lock(mutex_);
                    snapshots_.insert(filter);
                  }
                  changed_.notify_all();
                },
            .on_resumed =
                [this](const StreamStart& resumed) {
                  {
                    const std::lock_guard lock(mutex_);
                    resumed_.push_back(resumed);
                  }
                  changed_.notify_all();
                }};
  }
  // All that were told, when there are so many.
  std::vector<StreamStart> AwaitResumed(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return resumed_.size() >= count; }));
    return resumed_;
  }
  void AwaitSnapshot(const std::string& filter) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return snapshots_.contains(filter); }));
  }
  uint64_t gaps() {
    const std::lock_guard lock(mutex_);
    return gaps_;
  }

 private:
  std::function<void()> on_lost_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<StreamStart> resumed_;
  std::set<std::string> snapshots_;
  uint64_t gaps_ = 0;
};

class ClientStreams : public testing::TestWithParam<int> {
 protected:
  ClientStreams() {
    options_.server.loops = GetParam();
    options_.server.port = 0;
    options_.settings.streams = {
        {.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}},
        {.name = "state/+",
         .filter = "state/+",
         .limits = {.messages_per_topic_max = 1},
         .message_ids = {},
         .last_values = broker::LastValueLimits()}};
    StartBroker();
    options_.server.port = broker_->server().port();
    publisher_ = Connect();
  }

  void StartBroker() {
    broker_ = std::make_unique<app::BrokerServer>(options_);
    const absl::Status status = broker_->Start();
    ASSERT_TRUE(status.ok()) << status;
  }
  std::unique_ptr<Client> Connect(ClientEvents events = {}) {
    auto client = Client::Connect({.address = "127.0.0.1:" + std::to_string(options_.server.port),
                                   .backoff_min = std::chrono::milliseconds(1),
                                   .backoff_max = std::chrono::milliseconds(20)},
                                  std::move(events));
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? *std::move(client) : nullptr;
  }
  // The connection that was made last.
  void Cut() {
    const auto clients = broker_->server().clients();
    ASSERT_FALSE(clients.empty());
    clients.rbegin()->second->Close(server::CloseMode::kNow);
  }
  // Payloads are the numbers from `first` to `last`.
  void Publish(const std::string& topic, int first, int last) {
    for (int i = first; i <= last; ++i) {
      ASSERT_TRUE(publisher_->Publish(topic, std::to_string(i)).ok());
    }
    ASSERT_TRUE(publisher_->PublishAndStore("other", "").ok());
    ASSERT_TRUE(publisher_->PublishAndStore("chat/end", "").ok());
  }
  // The payloads of what comes next, up to this one; those of chat/end are left out.
  static std::vector<int> Received(PullSubscription& pull, int last) {
    std::vector<int> payloads;
    uint64_t position = 0;
    while (payloads.empty() || payloads.back() != last) {
      const auto message = pull.Receive(kPatience);
      EXPECT_TRUE(message.ok()) << message.status();
      if (!message.ok()) break;
      EXPECT_GT(message->position, position);
      position = message->position;
      if (message->topic != "chat/end") payloads.push_back(std::stoi(message->payload));
    }
    return payloads;
  }
  static std::vector<int> Numbers(int first, int last) {
    std::vector<int> numbers;
    for (int i = first; i <= last; ++i) numbers.push_back(i);
    return numbers;
  }

  app::BrokerOptions options_;
  std::unique_ptr<app::BrokerServer> broker_;
  std::unique_ptr<Client> publisher_;
};

INSTANTIATE_TEST_SUITE_P(Loops, ClientStreams, testing::Values(1, 2),
                         [](const auto& loops) { return std::to_string(loops.param); });

TEST_P(ClientStreams, BeginsWithHistoryAndGoesOn) {
  Publish("chat/1", 1, 10);
  const auto client = Connect();
  auto last = client->Subscribe("chat/1", {.start = Start::Last(3)});
  ASSERT_TRUE(last.ok()) << last.status();
  ASSERT_TRUE((*last)->stream());
  EXPECT_EQ((*last)->stream()->name, "chat");
  EXPECT_EQ((*last)->stream()->position, 7u);
  EXPECT_TRUE((*last)->stream()->recovered);
  Publish("chat/1", 11, 12);
  EXPECT_EQ(Received(**last, 12), Numbers(8, 12));

  const uint64_t epoch = (*last)->stream()->epoch;
  const auto other = Connect();
  auto after = other->Subscribe("chat/#", {.start = Start::AfterPosition(4, epoch)});
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(Received(**after, 12), Numbers(5, 12));
  const auto third = Connect();
  auto all = third->Subscribe("chat/+", {.start = Start::AtTime(1)});
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(Received(**all, 12), Numbers(1, 12));
  const auto fourth = Connect();
  auto each = fourth->Subscribe("chat/1", {.start = Start::LastOfEachTopic(1)});
  ASSERT_TRUE(each.ok()) << each.status();
  EXPECT_EQ(Received(**each, 12), Numbers(12, 12));
  EXPECT_FALSE((*client->Subscribe("other"))->stream());
  EXPECT_EQ(BrokerCode(client->Subscribe("other", {.start = Start::Last(1)}).status()), 124u);
}

TEST_P(ClientStreams, ALostConnectionLosesNothing) {
  Watcher watcher([this] { Publish("chat/1", 101, 2000); });
  const auto client = Connect(watcher.events());
  auto pull = client->Subscribe("chat/1", {.receive_queue_messages_max = 10'000});
  ASSERT_TRUE(pull.ok()) << pull.status();
  Publish("chat/1", 1, 100);
  EXPECT_EQ(Received(**pull, 100), Numbers(1, 100));
  Cut();
  const auto resumed = watcher.AwaitResumed(1);
  ASSERT_EQ(resumed.size(), 1u);
  EXPECT_EQ(resumed[0].filter, "chat/1");
  EXPECT_EQ(resumed[0].position, 100u);
  EXPECT_TRUE(resumed[0].recovered);
  Publish("chat/1", 2001, 2100);
  EXPECT_EQ(Received(**pull, 2100), Numbers(101, 2100));
}

// Pages of the one bring what is still to come in a page of the other.
TEST_P(ClientStreams, NorDoesOneOfSubscriptionsThatOverlap) {
  const std::string padding(1000, ' ');
  const auto publish = [&](int first, int last) {
    for (int i = first; i <= last; ++i) {
      const std::string topic = "chat/" + std::to_string(i % 3);
      ASSERT_TRUE(publisher_->Publish(topic, std::to_string(i) + padding).ok());
    }
    ASSERT_TRUE(publisher_->PublishAndStore("chat/end", "").ok());
  };
  Watcher watcher([&] { publish(31, 900); });
  const auto client = Connect(watcher.events());
  const SubscribeOptions options{.receive_queue_messages_max = 10'000};
  auto all = client->Subscribe("chat/#", options);
  auto one = client->Subscribe("chat/1", options);
  ASSERT_TRUE(all.ok() && one.ok());
  publish(1, 30);
  EXPECT_EQ(Received(**all, 30), Numbers(1, 30));
  EXPECT_EQ(Received(**one, 28).size(), 10u);
  Cut();
  EXPECT_EQ(watcher.AwaitResumed(2).size(), 2u);
  publish(901, 960);
  EXPECT_EQ(Received(**all, 960), Numbers(31, 960));
  std::vector<int> ones;
  for (int i = 31; i <= 958; i += 3) ones.push_back(i);
  EXPECT_EQ(Received(**one, 958), ones);
}

// It may have got the newest of one topic before an older one of another.
TEST_P(ClientStreams, WhatConflatesComesBackWithTheLatestOfEachTopic) {
  Watcher watcher([this] {
    Publish("chat/1", 11, 20);
    Publish("chat/2", 21, 30);
  });
  const auto client = Connect(watcher.events());
  auto pull = client->Subscribe("chat/+", {.overflow = Overflow::kConflate});
  ASSERT_TRUE(pull.ok()) << pull.status();
  EXPECT_EQ((*pull)->stream()->overflow, Overflow::kConflate);
  Publish("chat/3", 1, 10);
  EXPECT_EQ(Received(**pull, 10), Numbers(1, 10));
  EXPECT_EQ((*pull)->Receive(kPatience)->topic, "chat/end");
  Cut();
  EXPECT_EQ(watcher.AwaitResumed(1).size(), 1u);
  EXPECT_EQ(Received(**pull, 30), (std::vector<int>{10, 20, 30}));
}

TEST_P(ClientStreams, LastValuesComeFirst) {
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(publisher_->PublishAndWait("state/1", std::to_string(i)).ok());
  }
  Watcher watcher;
  const auto client = Connect(watcher.events());
  auto pull = client->Subscribe("state/#");
  ASSERT_TRUE(pull.ok()) << pull.status();
  EXPECT_TRUE((*pull)->last_values());
  EXPECT_EQ((*pull)->Receive(kPatience)->payload, "3");
  watcher.AwaitSnapshot("state/#");
  ASSERT_TRUE(publisher_->PublishAndWait("state/2", "4").ok());
  EXPECT_EQ((*pull)->Receive(kPatience)->payload, "4");

  auto literal = client->Subscribe("state/2", {.last_values = false});
  ASSERT_TRUE(literal.ok()) << literal.status();
  EXPECT_FALSE((*literal)->last_values());
  ASSERT_TRUE(publisher_->PublishAndWait("state/2", "").ok());
  EXPECT_EQ((*literal)->Receive(kPatience)->payload, "");
  const auto other = Connect();
  auto late = other->Subscribe("state/+");
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ((*late)->Receive(kPatience)->topic, "state/1");
  ASSERT_TRUE(publisher_->PublishAndWait("state/3", "5").ok());
  EXPECT_EQ((*late)->Receive(kPatience)->topic, "state/3");
}

TEST_P(ClientStreams, AnotherEpochIsSaidAndReadFromItsBeginning) {
  Watcher watcher;
  const auto client = Connect(watcher.events());
  auto pull = client->Subscribe("chat/1");
  ASSERT_TRUE(pull.ok()) << pull.status();
  Publish("chat/1", 1, 50);
  EXPECT_EQ(Received(**pull, 50), Numbers(1, 50));
  broker_.reset();
  StartBroker();
  Publish("chat/1", 51, 60);
  const auto resumed = watcher.AwaitResumed(1);
  ASSERT_EQ(resumed.size(), 1u);
  EXPECT_FALSE(resumed[0].recovered);
  EXPECT_EQ(resumed[0].position, 0u);
  EXPECT_NE(resumed[0].epoch, (*pull)->stream()->epoch);
  EXPECT_EQ(Received(**pull, 60), Numbers(51, 60));
}

TEST_P(ClientStreams, UnderReplayAReaderThatStopsGetsEverythingInOrder) {
  constexpr int kMessages = 3000;
  Watcher watcher;
  const auto client = Connect(watcher.events());
  auto pull = client->Subscribe(
      "chat/#",
      {.overflow = Overflow::kReplay, .max_backlog_messages = 10, .receive_queue_messages_max = 5});
  ASSERT_TRUE(pull.ok()) << pull.status();
  const std::string padding(16'000, ' ');
  for (int i = 1; i <= kMessages; ++i) {
    ASSERT_TRUE(publisher_->Publish("chat/1", std::to_string(i) + padding).ok());
  }
  ASSERT_TRUE(publisher_->PublishAndStore("chat/1", std::to_string(kMessages + 1)).ok());
  EXPECT_EQ(Received(**pull, kMessages + 1), Numbers(1, kMessages + 1));
  EXPECT_EQ(watcher.gaps(), 0u);
}

TEST_P(ClientStreams, AMessageThatIsPublishedAgainIsStoredOnce) {
  const PublishOptions options{.message_id = "order 17"};
  const auto first = publisher_->PublishAndStore("chat/1", "17", options);
  ASSERT_TRUE(first.ok() && *first) << first.status();
  EXPECT_EQ((*first)->position, 1u);
  EXPECT_FALSE((*first)->repeated);
  const auto other = Connect();
  const auto again = other->PublishAndStore("chat/1", "17", options);
  ASSERT_TRUE(again.ok() && *again) << again.status();
  EXPECT_EQ((*again)->position, 1u);
  EXPECT_EQ((*again)->epoch, (*first)->epoch);
  EXPECT_TRUE((*again)->repeated);
  const auto confirmed = other->PublishAndConfirm("chat/1", "18", kPatience);
  ASSERT_TRUE(confirmed.ok() && confirmed->stored) << confirmed.status();
  EXPECT_EQ(confirmed->stored->position, 2u);

  const auto elsewhere = publisher_->PublishAndStore("other", "");
  EXPECT_TRUE(elsewhere.ok() && !*elsewhere) << elsewhere.status();
  EXPECT_EQ(BrokerCode(publisher_->PublishAndStore("other", "", options).status()), 124u);
  EXPECT_EQ(BrokerCode(publisher_->PublishAndStore("chat/1", "x", options).status()), 127u);
  EXPECT_TRUE(absl::IsInvalidArgument(publisher_->Publish("chat/1", "17", options)));
  const PublishOptions long_id{.message_id = std::string(65, 'x')};
  EXPECT_TRUE(absl::IsInvalidArgument(publisher_->PublishAndWait("chat/1", "17", long_id)));
}

}  // namespace
}  // namespace esockets::client

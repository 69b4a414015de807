// Presence, with the client library against the real broker on one loop, two and four: who is
// there, who comes and goes, a lost connection on either side, and who may know.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/broker_server.h"
#include "broker/local_authenticator.h"
#include "clients/cpp/client.h"
#include "gtest/gtest.h"
#include "server/connection.h"

namespace esockets::client {
namespace {

constexpr base::Duration kPatience = std::chrono::seconds(60);
constexpr auto kWindow = std::chrono::milliseconds(20);

// What the news add up to.
class Room {
 public:
  PresenceCallback callback() {
    return [this](const PresenceNews& news) {
      const std::lock_guard lock(mutex_);
      if (!news.ended.ok()) ended_ = news.ended;
      for (const auto& member : news.left) members_.erase(member.client_id);
      for (const auto& member : news.joined) members_.insert(member.client_id);
      if (news.first) ++firsts_;
      if (news.ended.ok()) count_ = news.count;
      changed_.notify_all();
    };
  }
  bool Await(const std::set<std::string>& members) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] {
      return firsts_ == 1 && members_ == members && count_ == members.size();
    });
  }
  absl::Status AwaitEnd() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return !ended_.ok(); });
    return ended_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> members_;
  uint64_t count_ = 0;
  int firsts_ = 0;
  absl::Status ended_;
};

class Presence : public testing::TestWithParam<int> {
 protected:
  void Start(broker::PresenceRule rule = {.filter = "room/+", .window = kWindow},
             bool users = false) {
    options_.server.loops = GetParam();
    options_.server.port = 0;
    options_.settings.presence = {std::move(rule)};
    if (users) {
      auto authenticator = std::make_shared<broker::LocalAuthenticator>();
      authenticator->AddToken("anybody", "token", false);
      options_.settings.authenticator = std::move(authenticator);
    }
    broker_ = std::make_unique<app::BrokerServer>(options_);
    const absl::Status status = broker_->Start();
    EXPECT_TRUE(status.ok()) << status;
    options_.server.port = broker_->server().port();
  }
  void BreakConnections() {
    for (const auto& [id, connection] : broker_->server().clients()) {
      connection->Close(server::CloseMode::kNow);
    }
  }
  std::unique_ptr<Client> Connect(const std::string& id) {
    auto client = Client::Connect({.address = "127.0.0.1:" + std::to_string(options_.server.port),
                                   .client_id = id,
                                   .token = "token",
                                   .backoff_min = std::chrono::milliseconds(1),
                                   .backoff_max = std::chrono::milliseconds(20)});
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? *std::move(client) : nullptr;
  }
  std::unique_ptr<Client> Enter(const std::string& id, const std::string& topic = "room/1") {
    auto client = Connect(id);
    EXPECT_TRUE(client->Subscribe(topic, {}, [](const MessageView&) {}).ok());
    return client;
  }

  app::BrokerOptions options_;
  std::unique_ptr<app::BrokerServer> broker_;
};

INSTANTIATE_TEST_SUITE_P(Loops, Presence, testing::Values(1, 2, 4),
                         [](const auto& loops) { return std::to_string(loops.param); });

TEST_P(Presence, TellsWhoIsThereWhoComesAndWhoGoes) {
  Start();
  const auto ann = Enter("ann");
  const auto watcher = Connect("watcher");
  Room room;
  const auto watch = watcher->WatchPresence("room/1", room.callback());
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_EQ((*watch)->topic(), "room/1");
  EXPECT_TRUE(room.Await({"ann"}));
  const auto bob = Enter("bob");
  EXPECT_TRUE(room.Await({"ann", "bob"}));
  ASSERT_TRUE(ann->Close(kPatience).ok());
  EXPECT_TRUE(room.Await({"bob"}));
}

TEST_P(Presence, OfManyIsReadInPages) {
  Start({.filter = "room/+", .window = kWindow});
  std::vector<std::unique_ptr<Client>> clients;
  std::set<std::string> ids;
  // A page has 64 KiB.
  for (int i = 0; i < 130; ++i) {
    ids.insert("client-" + std::to_string(i));
    clients.push_back(
        Client::Create({.address = "127.0.0.1:" + std::to_string(options_.server.port),
                        .client_id = "client-" + std::to_string(i),
                        .metadata = {{"long", std::string(900, 'x')}}}));
    ASSERT_TRUE(clients.back()->Subscribe("room/1", {}, [](const MessageView&) {}).ok());
  }
  const auto watcher = Connect("watcher");
  Room room;
  const auto watch = watcher->WatchPresence("room/1", room.callback());
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_TRUE(room.Await(ids));
}

// Everybody's connection breaks, again and again: the members were never gone, and the watcher
// knows what it knew.
TEST_P(Presence, OutlivesLostConnections) {
  Start();
  const auto watcher = Connect("watcher");
  Room room;
  const auto watch = watcher->WatchPresence("room/1", room.callback());
  ASSERT_TRUE(watch.ok()) << watch.status();
  std::vector<std::unique_ptr<Client>> members;
  std::set<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    ids.insert("m" + std::to_string(i));
    members.push_back(Enter("m" + std::to_string(i)));
    BreakConnections();
  }
  EXPECT_TRUE(room.Await(ids));
  BreakConnections();
  const auto late = Enter("late");
  ids.insert("late");
  EXPECT_TRUE(room.Await(ids));
}

TEST_P(Presence, WhoIsLostHasLeftWhenTheGraceIsOver) {
  Start({.filter = "room/+", .window = kWindow, .grace = std::chrono::milliseconds(50)});
  const auto watcher = Connect("watcher");
  Room room;
  const auto watch = watcher->WatchPresence("room/1", room.callback());
  ASSERT_TRUE(watch.ok()) << watch.status();
  auto ann = Enter("ann");
  EXPECT_TRUE(room.Await({"ann"}));
  ann.reset();
  EXPECT_TRUE(room.Await({}));
}

TEST_P(Presence, IsForMembersAndEndsWithTheirMembership) {
  Start({.filter = "room/+", .window = kWindow}, /*users=*/true);
  const auto ann = Connect("ann");
  Room room;
  EXPECT_TRUE(absl::IsPermissionDenied(ann->WatchPresence("room/1", room.callback()).status()));
  const auto subscription = ann->Subscribe("room/1", {}, [](const MessageView&) {});
  const auto watch = ann->WatchPresence("room/1", room.callback());
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_TRUE(room.Await({"ann"}));
  // Both are subscribed again, the topic first.
  BreakConnections();
  const auto bob = Enter("bob");
  EXPECT_TRUE(room.Await({"ann", "bob"}));
  (*subscription)->Unsubscribe();
  EXPECT_TRUE(absl::IsPermissionDenied(room.AwaitEnd()));
}

TEST_P(Presence, WhatIsNotConfiguredOrNoTopicIsRefused) {
  Start();
  const auto client = Connect("client");
  const auto refused = [&](const std::string& topic) {
    return client->WatchPresence(topic, [](const PresenceNews&) { FAIL(); }).status();
  };
  EXPECT_TRUE(absl::IsFailedPrecondition(refused("other")));
  EXPECT_EQ(BrokerCode(refused("other")), 160U);
  EXPECT_TRUE(absl::IsInvalidArgument(refused("room/+")));
  EXPECT_TRUE(absl::IsInvalidArgument(refused("room/#/x")));
}

TEST_P(Presence, StoppedTellsNothing) {
  Start();
  const auto client = Connect("client");
  const auto ann = Enter("ann");
  Room room;
  auto watch = client->WatchPresence("room/1", room.callback());
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_TRUE(room.Await({"ann"}));
  watch->reset();
  const auto bob = Enter("bob");
  Room again;
  watch = client->WatchPresence("room/1", again.callback());
  EXPECT_TRUE(again.Await({"ann", "bob"}));
  EXPECT_TRUE(room.Await({"ann"}));
}

}  // namespace
}  // namespace esockets::client

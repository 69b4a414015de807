// Groups, with the client library against the real broker on one loop and two: who gets a message,
// who stands in for whom, and what becomes of what a member did not get.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/broker_server.h"
#include "base/clock.h"
#include "clients/cpp/client.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "server/connection.h"
#include "server/socket_address.h"
#include "tests/support/native_peer.h"

namespace esockets::client {
namespace {

constexpr base::Duration kPatience = std::chrono::seconds(20);

struct Line {
  std::string worker;
  std::string group;
  std::string key;
  int number = 0;
};
using Lines = std::vector<Line>;

int NumberIn(std::string_view payload) { return std::stoi(std::string(payload)); }

// Who got what, in order for each worker; to be waited for.
class Ledger {
 public:
  MessageCallback Pen(std::string worker) {
    return [this, worker = std::move(worker)](const MessageView& message) {
      {
        const std::lock_guard lock(mutex_);
        workers_.insert(worker);
        lines_.push_back({worker, std::string(message.group), std::string(message.key),
                          NumberIn(message.payload)});
      }
      changed_.notify_all();
    };
  }
  // All of them, when there are so many.
  Lines Await(size_t count) {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, kPatience, [&] { return lines_.size() >= count; });
    EXPECT_TRUE(came) << lines_.size() << " of " << count;
    return lines_;
  }
  void AwaitOneOf(const std::string& worker) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return workers_.contains(worker); }));
  }
  size_t size() {
    const std::lock_guard lock(mutex_);
    return lines_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Lines lines_;
  std::set<std::string> workers_;
};

std::map<std::string, int> CountsByWorker(const Lines& lines) {
  std::map<std::string, int> counts;
  for (const Line& line : lines) ++counts[line.worker];
  return counts;
}

std::vector<int> SortedNumbers(const Lines& lines) {
  std::vector<int> numbers;
  for (const Line& line : lines) numbers.push_back(line.number);
  std::ranges::sort(numbers);
  return numbers;
}

std::vector<int> Numbers(int count) {
  std::vector<int> numbers(static_cast<size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

struct Worker {
  std::unique_ptr<Client> client;
  std::shared_ptr<Subscription> subscription;
};

class Groups : public testing::TestWithParam<int> {
 protected:
  Groups() {
    options_.server.loops = GetParam();
    options_.server.port = 0;
    broker_ = std::make_unique<app::BrokerServer>(options_);
    const absl::Status status = broker_->Start();
    EXPECT_TRUE(status.ok()) << status;
    publisher_ = Connect();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(broker_->server().port()); }
  std::unique_ptr<Client> Connect(ClientEvents events = {}) {
    auto client = Client::Connect({.address = address(),
                                   .backoff_min = std::chrono::milliseconds(1),
                                   .backoff_max = std::chrono::milliseconds(20)},
                                  std::move(events));
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? *std::move(client) : nullptr;
  }
  Worker Join(const std::string& name, const SubscribeOptions& options = {.group = "workers"},
              ClientEvents events = {}) {
    Worker worker{.client = Connect(std::move(events)), .subscription = nullptr};
    auto subscription = worker.client->Subscribe("jobs/#", options, ledger_.Pen(name));
    EXPECT_TRUE(subscription.ok()) << subscription.status();
    if (subscription.ok()) worker.subscription = *std::move(subscription);
    return worker;
  }
  // Payloads begin with the numbers from `first` on. Returns when the broker has them.
  void Publish(int first, int count, const std::string& padding = "") {
    for (int i = first; i < first + count; ++i) {
      const PublishOptions options{.key = keys_ == 0 ? "" : std::to_string(i % keys_)};
      ASSERT_TRUE(publisher_->Publish("jobs/1", std::to_string(i) + padding, options).ok());
    }
    ASSERT_TRUE(publisher_->Flush(kPatience).ok());
  }
  // The connection that was made last.
  void Cut() {
    const auto clients = broker_->server().clients();
    ASSERT_FALSE(clients.empty());
    clients.rbegin()->second->Close(server::CloseMode::kNow);
  }

  app::BrokerOptions options_;
  std::unique_ptr<app::BrokerServer> broker_;
  Ledger ledger_;
  std::unique_ptr<Client> publisher_;
  int keys_ = 0;  // of what is published, in turn; 0: none
};

INSTANTIATE_TEST_SUITE_P(Loops, Groups, testing::Values(1, 2),
                         [](const auto& loops) { return std::to_string(loops.param); });

TEST_P(Groups, EachMessageComesToOneMember) {
  const Worker a = Join("a");
  const Worker b = Join("b");
  const Worker c = Join("c");
  Publish(0, 300);
  ledger_.Await(300);
  Publish(300, 30);  // one that came twice would take the place of one of these
  const Lines lines = ledger_.Await(330);
  EXPECT_EQ(SortedNumbers(lines), Numbers(330));
  for (const Line& line : lines) EXPECT_EQ(line.group, "workers");
  for (const std::string worker : {"a", "b", "c"}) {
    EXPECT_GE(CountsByWorker(lines)[worker], 50) << worker;
  }
}

TEST_P(Groups, AreDeliveriesOfTheirOwn) {
  const Worker plain = Join("plain", {});
  const Worker worker = Join("worker");
  const Worker auditor = Join("auditor", {.group = "auditors"});
  const auto both = worker.client->Subscribe("jobs/+", {}, ledger_.Pen("both"));
  ASSERT_TRUE(both.ok()) << both.status();
  Publish(0, 50);
  ledger_.Await(200);
  Publish(50, 50);
  const Lines lines = ledger_.Await(400);
  EXPECT_EQ(CountsByWorker(lines),
            (std::map<std::string, int>{
                {"auditor", 100}, {"both", 100}, {"plain", 100}, {"worker", 100}}));
  for (const Line& line : lines) {
    const std::string group = line.worker == "auditor"  ? "auditors"
                              : line.worker == "worker" ? "workers"
                                                        : "";
    EXPECT_EQ(line.group, group) << line.worker;
  }
}

TEST_P(Groups, UnderHashAKeyStaysWithItsMemberInOrder) {
  const SubscribeOptions hash{.group = "workers", .group_strategy = GroupStrategy::kHash};
  const Worker a = Join("a", hash);
  const Worker b = Join("b", hash);
  const Worker c = Join("c", hash);
  constexpr int kKeys = 20;
  constexpr int kMessages = 400;
  for (int i = 0; i < kMessages; ++i) {
    const PublishOptions options{.key = std::to_string(i % kKeys)};
    ASSERT_TRUE(
        publisher_->Publish("jobs/" + std::to_string(i % 3), std::to_string(i), options).ok());
  }
  const Lines lines = ledger_.Await(kMessages);
  EXPECT_EQ(SortedNumbers(lines), Numbers(kMessages));
  std::map<std::string, Line> last;  // by key
  std::set<std::string> workers;
  for (const Line& line : lines) {
    workers.insert(line.worker);
    const auto [before, is_first] = last.emplace(line.key, line);
    if (is_first) continue;
    EXPECT_EQ(before->second.worker, line.worker) << "key " << line.key;
    EXPECT_LT(before->second.number, line.number) << "key " << line.key;
    before->second = line;
  }
  EXPECT_EQ(last.size(), size_t{kKeys});
  EXPECT_GT(workers.size(), 1U);
}

TEST_P(Groups, UnderHashWithoutAKeyItIsThePublisher) {
  const SubscribeOptions hash{.group = "workers", .group_strategy = GroupStrategy::kHash};
  const Worker a = Join("a", hash);
  const Worker b = Join("b", hash);
  Publish(0, 100);
  EXPECT_EQ(CountsByWorker(ledger_.Await(100)).size(), 1U);
}

TEST_P(Groups, UnderFirstTheNextInLineTakesOver) {
  const SubscribeOptions first{.group = "workers", .group_strategy = GroupStrategy::kFirst};
  Worker a = Join("a", first);
  const Worker b = Join("b", first);
  const Worker c = Join("c", first);
  using Counts = std::map<std::string, int>;
  Publish(0, 100);
  EXPECT_EQ(CountsByWorker(ledger_.Await(100)), (Counts{{"a", 100}}));
  ASSERT_TRUE(a.client->Close(kPatience).ok());
  Publish(100, 100);
  EXPECT_EQ(CountsByWorker(ledger_.Await(200)), (Counts{{"a", 100}, {"b", 100}}));
  // Whoever comes back stands at the end of the line.
  const Worker again = Join("a", first);
  Publish(200, 100);
  EXPECT_EQ(CountsByWorker(ledger_.Await(300)), (Counts{{"a", 100}, {"b", 200}}));
}

TEST_P(Groups, WhoLeavesInGoodOrderLosesNothing) {
  const Worker stays = Join("stays");
  std::atomic<bool> stop{false};
  int published = 0;
  std::thread publishing([&] {
    constexpr int kAtOnce = 1000;  // fewer than a group lets wait
    while (!stop && !HasFailure()) {
      Publish(published, kAtOnce, std::string(200, ' '));
      ledger_.Await(static_cast<size_t>(published));
      published += kAtOnce;
    }
  });
  for (int i = 0; i < 30 && !HasFailure(); ++i) {
    const std::string name = "leaves " + std::to_string(i);
    const Worker leaves = Join(name);
    ledger_.AwaitOneOf(name);
    EXPECT_TRUE(leaves.client->Close(kPatience).ok());
  }
  stop = true;
  publishing.join();
  const Lines lines = ledger_.Await(static_cast<size_t>(published));
  EXPECT_EQ(SortedNumbers(lines), Numbers(published));
}

TEST_P(Groups, WhoUnsubscribesGetsNoMore) {
  const Worker a = Join("a");
  const Worker b = Join("b");
  a.subscription->Unsubscribe();
  ASSERT_TRUE(a.client->Flush(kPatience).ok());
  Publish(0, 100);
  EXPECT_EQ(CountsByWorker(ledger_.Await(100)), (std::map<std::string, int>{{"b", 100}}));
}

// A member that does not read, seen from both sides: what the kernel took for it, and the rest.
class StalledMember : public Groups {
 protected:
  static constexpr int kMessages = 300;

  explicit StalledMember(esockets::GroupStrategy strategy = GROUP_STRATEGY_UNSPECIFIED)
      : peer_(server::SocketAddress::Parse(address()).value(), small_) {
    EXPECT_TRUE(peer_.Connect());
    ClientFrame subscribe = tests::SubscribeFrame(peer_.NextId(), "jobs/#");
    subscribe.mutable_subscribe()->set_group("workers");
    subscribe.mutable_subscribe()->set_group_strategy(strategy);
    EXPECT_TRUE(peer_.Send(subscribe));
    const auto answer = peer_.ReceiveAnswer();
    EXPECT_TRUE(answer && answer->has_subscribed()) << (answer ? answer->ShortDebugString() : "");
  }
  // Many times what the buffers on the way to the peer hold: the worker gets all the others, though
  // the peer is still a member. No more at once than a group lets wait.
  void PublishMuch() {
    constexpr int kAtOnce = 20;
    for (int first = 0; first < kMessages; first += kAtOnce) {
      Publish(first, kAtOnce, std::string(64'000, ' '));
      ledger_.Await(static_cast<size_t>(std::max(0, first + kAtOnce - peers_max_)));
    }
  }
  // Until all have come to one of them.
  void ReadAll() {
    const base::TimePoint deadline = base::SystemClock().Now() + kPatience;
    // What comes to it in front of a Pong was given to it before.
    while (peers_.size() + ledger_.size() < size_t{kMessages} &&
           base::SystemClock().Now() < deadline) {
      ASSERT_TRUE(peer_.Send(tests::PingFrame(1)));
      for (bool ponged = false; !ponged;) {
        const auto frame = peer_.Receive();
        ASSERT_TRUE(frame);
        Note(*frame);
        ponged = frame->has_pong();
      }
    }
  }
  void Note(const ServerFrame& frame) {
    if (frame.has_message()) peers_.push_back(NumberIn(frame.message().payload()));
    EXPECT_FALSE(frame.has_gap()) << frame.ShortDebugString();
  }
  // What each got; nothing twice. In any order: the peer stands in for the worker, too, if that is
  // slow.
  std::vector<int> AllNumbers(const Lines& lines) {
    std::vector<int> numbers = SortedNumbers(lines);
    numbers.insert(numbers.end(), peers_.begin(), peers_.end());
    std::ranges::sort(numbers);
    EXPECT_EQ(std::ranges::adjacent_find(numbers), numbers.end()) << "twice";
    return numbers;
  }

  const tests::PeerOptions small_{.receive_buffer_bytes = 16 << 10};
  tests::NativePeer peer_;
  std::vector<int> peers_;
  int peers_max_ = 60;  // more do not find room on the way to it
};

INSTANTIATE_TEST_SUITE_P(Loops, StalledMember, testing::Values(1, 2),
                         [](const auto& loops) { return std::to_string(loops.param); });

TEST_P(StalledMember, IsPassedOverAndLosesNothing) {
  const Worker worker = Join("worker");
  PublishMuch();
  ReadAll();
  const Lines lines = ledger_.Await(size_t{kMessages} - peers_.size());
  EXPECT_EQ(AllNumbers(lines), Numbers(kMessages));
  EXPECT_FALSE(peers_.empty());
}

class StalledUnderHash : public StalledMember {
 protected:
  // What is behind those of its keys that are on their way waits for it, too.
  StalledUnderHash() : StalledMember(GROUP_STRATEGY_HASH) { keys_ = 20, peers_max_ = 100; }

  // Those of a key rise, for one member.
  void ExpectOrder(const std::vector<int>& numbers) {
    std::map<int, int> last;  // by key
    for (const int number : numbers) {
      const auto [before, is_first] = last.emplace(number % keys_, number);
      EXPECT_TRUE(is_first || before->second < number) << before->second << " " << number;
      before->second = number;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Loops, StalledUnderHash, testing::Values(1, 2),
                         [](const auto& loops) { return std::to_string(loops.param); });

TEST_P(StalledUnderHash, WhatEachGetsOfAKeyIsInOrder) {
  const Worker worker =
      Join("worker", {.group = "workers", .group_strategy = GroupStrategy::kHash});
  PublishMuch();
  ReadAll();
  const Lines lines = ledger_.Await(size_t{kMessages} - peers_.size());
  std::vector<int> workers;
  for (const Line& line : lines) workers.push_back(line.number);
  ExpectOrder(workers);
  ExpectOrder(peers_);
  EXPECT_EQ(AllNumbers(lines), Numbers(kMessages));
  EXPECT_FALSE(peers_.empty());
}

TEST_P(StalledMember, LeavesToTheOthersWhatItWasNotSent) {
  const Worker worker = Join("worker");
  PublishMuch();
  // Its connection is not the last one: the worker's is.
  const auto clients = broker_->server().clients();
  std::next(clients.rbegin())->second->Close(server::CloseMode::kNow);
  while (const auto frame = peer_.Receive()) Note(*frame);
  // One message may have been cut by the end of the connection.
  const Lines lines = ledger_.Await(size_t{kMessages} - peers_.size() - 1);
  EXPECT_GE(AllNumbers(lines).size(), size_t{kMessages} - 1);
  EXPECT_FALSE(peers_.empty());
  const size_t before = ledger_.size();
  Publish(kMessages, 100);
  EXPECT_EQ(SortedNumbers(ledger_.Await(before + 100)).back(), kMessages + 99);
}

TEST_P(Groups, AGapTellsOneMemberWhatTheGroupHasLost) {
  constexpr int kMessages = 600;
  std::mutex mutex;
  uint64_t lost = 0;
  const auto member = Connect({.on_gap = [&](const Gap& gap) {
    EXPECT_EQ(gap.filter, "jobs/#");
    EXPECT_EQ(gap.group, "workers");
    const std::lock_guard lock(mutex);
    lost += gap.messages;
  }});
  const auto pull = member->Subscribe(
      "jobs/#", {.group = "workers", .max_backlog_messages = 10, .receive_queue_messages_max = 1});
  ASSERT_TRUE(pull.ok()) << pull.status();
  Publish(0, kMessages, std::string(64'000, ' '));
  uint64_t received = 0;
  for (int number = -1; number < kMessages - 1;) {
    const auto message = (*pull)->Receive(kPatience);
    ASSERT_TRUE(message.ok()) << message.status();
    EXPECT_GT(NumberIn(message->payload), number);
    number = NumberIn(message->payload);
    ++received;
  }
  const std::lock_guard lock(mutex);
  EXPECT_GT(lost, 0U);
  EXPECT_EQ(received + lost, uint64_t{kMessages});
}

TEST_P(Groups, AMemberThatDiffersIsRefused) {
  std::optional<Worker> a = Join("a", {.group = "workers",
                                       .group_strategy = GroupStrategy::kHash,
                                       .overflow = Overflow::kDropOldest});
  const auto b = Connect();
  const SubscribeOptions others[] = {
      {.group = "workers", .group_strategy = GroupStrategy::kRoundRobin},
      {.group = "workers", .group_strategy = GroupStrategy::kFirst},
      {.group = "workers", .overflow = Overflow::kDropNewest}};
  for (const SubscribeOptions& options : others) {
    const absl::Status status = b->Subscribe("jobs/#", options).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_EQ(BrokerCode(status), 154U);
  }
  // Another filter or another name is another group.
  EXPECT_TRUE(b->Subscribe("tasks/#", others[0]).ok());
  EXPECT_TRUE(b->Subscribe("jobs/#", {.group = "b", .overflow = Overflow::kDropNewest}).ok());
  EXPECT_TRUE(b->Subscribe("jobs/#", {.group = "workers"}).ok());
  EXPECT_TRUE(
      b->Subscribe("jobs/#", {.group = "workers", .group_strategy = GroupStrategy::kHash}).ok());
  // When nobody is left the next one decides. The broker may need a moment to see that.
  a.reset();
  const base::TimePoint deadline = base::SystemClock().Now() + kPatience;
  absl::Status status = b->Subscribe("jobs/#", others[0]).status();
  while (!status.ok() && base::SystemClock().Now() < deadline) {
    ASSERT_EQ(BrokerCode(status), 154U) << status;
    status = b->Subscribe("jobs/#", others[0]).status();
  }
  EXPECT_TRUE(status.ok()) << status;
}

TEST_P(Groups, AClientIsInAGroupOnceForEachTopic) {
  const Worker a = Join("a");
  for (const std::string filter : {"jobs/#", "jobs/1", "+/1"}) {
    const absl::Status status = a.client->Subscribe(filter, {.group = "workers"}).status();
    EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  }
  const auto strategy_alone = publisher_->Subscribe("a", {.group_strategy = GroupStrategy::kHash});
  EXPECT_TRUE(absl::IsInvalidArgument(strategy_alone.status()));
  EXPECT_EQ(BrokerCode(strategy_alone.status()), 0U);
  a.subscription->Unsubscribe();
  EXPECT_TRUE(a.client->Subscribe("jobs/1", {.group = "workers"}).ok());
}

TEST_P(Groups, AfterALostConnectionAMemberIsOneAgain) {
  std::mutex mutex;
  std::condition_variable changed;
  int connected = 0;
  const Worker b = Join("b");
  const Worker a =
      Join("a", {.group = "workers"}, {.on_state_change = [&](State state, const absl::Status&) {
             const std::lock_guard lock(mutex);
             connected += state == State::kConnected ? 1 : 0;
             changed.notify_all();
           }});
  for (int round = 0; round < 3; ++round) {
    Cut();
    {
      std::unique_lock lock(mutex);
      ASSERT_TRUE(changed.wait_for(lock, kPatience, [&] { return connected == round + 2; }));
    }
    const size_t before = ledger_.size();
    Publish(static_cast<int>(before), 100);
    const Lines lines = ledger_.Await(before + 100);
    EXPECT_EQ(SortedNumbers(lines), Numbers(static_cast<int>(before) + 100));
    EXPECT_GT(CountsByWorker(lines)["a"], 20 * (round + 1));
  }
}

TEST_P(Groups, ARequestIsAnsweredOnce) {
  std::vector<Worker> responders;
  for (int i = 0; i < 3; ++i) {
    Worker responder{.client = Connect(), .subscription = nullptr};
    auto subscription = responder.client->Subscribe(
        "upper/+", {.group = "responders"},
        [pen = ledger_.Pen(std::to_string(i)),
         client = responder.client.get()](const MessageView& message) {
          pen(message);
          EXPECT_TRUE(client->Publish(message.reply_to, message.payload).ok());
        });
    ASSERT_TRUE(subscription.ok()) << subscription.status();
    responder.subscription = *std::move(subscription);
    responders.push_back(std::move(responder));
  }
  for (int i = 0; i < 90; ++i) {
    const auto reply = publisher_->Request("upper/a", std::to_string(i), kPatience);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(*reply, std::to_string(i));
  }
  EXPECT_EQ(SortedNumbers(ledger_.Await(90)), Numbers(90));
  EXPECT_EQ(CountsByWorker(ledger_.Await(90)).size(), 3U);
}

}  // namespace
}  // namespace esockets::client

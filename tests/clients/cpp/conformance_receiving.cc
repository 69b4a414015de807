// Scenarios: to receive, and to be told of what was not.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/connection.h"
#include "tests/clients/cpp/conformance_scenarios.h"
#include "tests/clients/cpp/conformance_world.h"

namespace esockets::client::scenarios {
namespace {

using Strings = std::vector<std::string>;

Strings Numbers(int first, int last) {
  Strings numbers;
  for (int i = first; i <= last; ++i) numbers.push_back(base::StrCat(i));
  return numbers;
}

// The payloads of what comes next, up to this one.
Strings ReceiveUntil(PullSubscription& pull, std::string_view last) {
  Strings payloads;
  while (payloads.empty() || payloads.back() != last) {
    auto message = pull.Receive(kPatience);
    EXPECT_TRUE(message.ok()) << message.status();
    if (!message.ok()) break;
    payloads.push_back(std::move(message->payload));
  }
  return payloads;
}

// So many messages of so many bytes are more than sockets and kernels hold.
constexpr int kBulkMessages = 2500;
constexpr size_t kBulkBytes = 16'000;

// What a subscriber gets that reads nothing from the first of the messages until all are published.
// They are the numbers from 1, with the keys "0" and "1" in turns, and with padding behind.
struct Bulk {
  Strings numbers{};
  std::vector<Gap> gaps{};
  uint64_t gap_messages = 0;
  bool closed_as_slow = false;
};

class LateReader {
 public:
  ClientEvents events() {
    return {.on_gap =
                [this](const Gap& gap) {
                  Change([&gap](Bulk* bulk) {
                    bulk->gaps.push_back(gap);
                    bulk->gap_messages += gap.messages;
                  });
                },
            .on_close =
                [this](const BrokerError& close) {
                  Change([&close](Bulk* bulk) { bulk->closed_as_slow = close.code == 241; });
                }};
  }
  MessageCallback callback() {
    return [this, all_published = all_published_.get_future().share()](const MessageView& message) {
      all_published.wait();
      Change([&message](Bulk* bulk) {
        bulk->numbers.emplace_back(message.payload.substr(0, message.payload.find(' ')));
      });
    };
  }
  // Reads on, until each message is accounted for, or the connection is closed.
  Bulk Read() {
    all_published_.set_value();
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [this] {
      return bulk_.closed_as_slow || bulk_.numbers.size() + bulk_.gap_messages == kBulkMessages;
    }));
    return bulk_;
  }

 private:
  void Change(const std::function<void(Bulk*)>& change) {
    {
      const std::lock_guard lock(mutex_);
      change(&bulk_);
    }
    changed_.notify_all();
  }

  std::promise<void> all_published_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Bulk bulk_;  // guarded by mutex_
};

Bulk ReadLate(Overflow overflow) {
  const World world;
  LateReader reader;
  const auto subscriber = world.Connect(reader.events());
  const auto publisher = world.Connect();
  EXPECT_TRUE(subscriber && publisher);
  const auto subscription = subscriber->Subscribe(
      "bulk", {.overflow = overflow, .max_backlog_messages = 10}, reader.callback());
  EXPECT_TRUE(subscription.ok()) << subscription.status();
  const std::string padding(kBulkBytes, ' ');
  for (int i = 1; i <= kBulkMessages; ++i) {
    const PublishOptions options{.key = base::StrCat(i % 2)};
    EXPECT_TRUE(publisher->Publish("bulk", base::StrCat(i, padding), options).ok());
  }
  EXPECT_TRUE(publisher->Flush(kPatience).ok());
  return reader.Read();
}

}  // namespace

void Subscribe() {
  const World world;
  Diary diary;
  const auto client = world.Connect();
  ASSERT_NE(client, nullptr);
  std::vector<std::shared_ptr<Subscription>> subscriptions;
  for (const std::string filter : {"a/b", "a/+", "#", "a/b", "+/b/#", "a", "b/+"}) {
    auto subscription =
        client->Subscribe(filter, {}, [&diary, filter](const MessageView&) { diary.Note(filter); });
    ASSERT_TRUE(subscription.ok()) << subscription.status();
    subscriptions.push_back(*std::move(subscription));
  }
  ASSERT_TRUE(client->PublishAndWait("a/b", "1").ok());
  Strings heard = diary.AwaitLines(5);
  std::ranges::sort(heard);
  EXPECT_EQ(heard, (Strings{"#", "+/b/#", "a/+", "a/b", "a/b"}));
  // Of two with one filter the other one goes on.
  for (const size_t i : {0, 1, 2, 4}) subscriptions[i]->Unsubscribe();
  ASSERT_TRUE(client->PublishAndWait("a/b", "2").ok());
  EXPECT_EQ(diary.AwaitLines(1), Strings{"a/b"});
  EXPECT_TRUE(absl::IsInvalidArgument(client->Subscribe("a/#/b").status()));
  EXPECT_EQ(BrokerCode(client->Subscribe("$INBOX/x").status()), kInboxNotAllowedCode);
}

void SubscribePull() {
  const World world;
  const auto client = world.Connect();
  ASSERT_NE(client, nullptr);
  const auto pull = client->Subscribe("a/+");
  ASSERT_TRUE(pull.ok()) << pull.status();
  EXPECT_TRUE(absl::IsDeadlineExceeded((*pull)->Receive(std::chrono::milliseconds(1)).status()));
  for (const std::string& number : Numbers(1, 3)) {
    ASSERT_TRUE(client->PublishAndWait("a/b", number).ok());
  }
  EXPECT_EQ((*pull)->Receive(kPatience)->payload, "1");
  EXPECT_EQ((*pull)->Receive(kPatience)->payload, "2");
  (*pull)->Unsubscribe();
  EXPECT_EQ((*pull)->Receive(kPatience)->payload, "3");
  EXPECT_TRUE(absl::IsCancelled((*pull)->Receive(kPatience).status()));
}

void OverflowContracts() {
  const Bulk oldest = ReadLate(Overflow::kDropOldest);
  EXPECT_GT(oldest.gap_messages, 0U);
  EXPECT_EQ(oldest.numbers.back(), base::StrCat(kBulkMessages));

  const Bulk newest = ReadLate(Overflow::kDropNewest);
  EXPECT_GT(newest.gap_messages, 0U);
  EXPECT_EQ(newest.numbers.front(), "1");

  const Bulk conflated = ReadLate(Overflow::kConflate);
  ASSERT_GE(conflated.numbers.size(), 2U);
  // Of the two keys; each in the place of the first of it that waited.
  Strings latest(conflated.numbers.end() - 2, conflated.numbers.end());
  std::ranges::sort(latest);
  EXPECT_EQ(latest, Numbers(kBulkMessages - 1, kBulkMessages));
  for (const Gap& gap : conflated.gaps) EXPECT_EQ(gap.conflated, gap.messages);

  EXPECT_TRUE(ReadLate(Overflow::kDisconnect).closed_as_slow);
}

void Gaps() {
  const Bulk bulk = ReadLate(Overflow::kDropOldest);
  ASSERT_FALSE(bulk.gaps.empty());
  for (const Gap& gap : bulk.gaps) {
    EXPECT_EQ(gap.filter, "bulk");
    EXPECT_EQ(gap.reason, "BACKLOG_FULL");
    EXPECT_GT(gap.bytes, gap.messages * kBulkBytes);
    EXPECT_GT(gap.from_us, 0U);
    EXPECT_GE(gap.to_us, gap.from_us);
    EXPECT_EQ(gap.conflated + gap.expired, 0U);
  }
  EXPECT_EQ(bulk.numbers.size() + bulk.gap_messages, kBulkMessages);
}

void Groups() {
  const World world;
  const auto publisher = world.Connect();
  const auto ann = world.Connect();
  const auto bob = world.Connect();
  ASSERT_TRUE(publisher && ann && bob);
  const SubscribeOptions options{.group = "workers", .group_strategy = GroupStrategy::kRoundRobin};
  const auto anns = ann->Subscribe("jobs/+", options);
  const auto bobs = bob->Subscribe("jobs/+", options);
  ASSERT_TRUE(anns.ok() && bobs.ok());
  for (const std::string& number : Numbers(1, 10)) {
    ASSERT_TRUE(publisher->PublishAndWait("jobs/1", number).ok());
  }
  Strings done;
  for (int i = 0; i < 5; ++i) {
    for (const auto& pull : {*anns, *bobs}) {
      const auto message = pull->Receive(kPatience);
      ASSERT_TRUE(message.ok()) << message.status();
      EXPECT_EQ(message->group, "workers");
      done.push_back(message->payload);
    }
  }
  std::ranges::sort(done, {}, [](const std::string& number) { return std::stoi(number); });
  EXPECT_EQ(done, Numbers(1, 10));
  const auto differs =
      publisher->Subscribe("jobs/+", {.group = "workers", .group_strategy = GroupStrategy::kFirst});
  EXPECT_EQ(BrokerCode(differs.status()), 154U) << differs.status();
  EXPECT_TRUE(absl::IsAlreadyExists(ann->Subscribe("jobs/1", options).status()));
}

void StreamStarts() {
  const World world;
  const auto publisher = world.Connect();
  ASSERT_NE(publisher, nullptr);
  for (const std::string& number : Numbers(1, 10)) {
    ASSERT_TRUE(publisher->PublishAndWait("chat/" + number.substr(number.size() - 1), number).ok());
  }
  const uint64_t epoch = (*publisher->PublishAndStore("chat/0", "end"))->epoch;
  struct Case {
    Start start;
    Strings payloads;
  };
  Strings all = Numbers(1, 10);
  all.push_back("end");
  const Case cases[] = {
      {Start::AfterPosition(8, epoch), {"9", "10", "end"}},
      {Start::AtTime(1), all},
      {Start::Last(2), {"10", "end"}},
      {Start::LastOfEachTopic(1), {"1", "2", "3", "4", "5", "6", "7", "8", "9", "end"}},
  };
  for (const Case& c : cases) {
    const auto client = world.Connect();
    const auto pull = client->Subscribe("chat/#", {.start = c.start});
    ASSERT_TRUE(pull.ok()) << pull.status();
    ASSERT_TRUE((*pull)->stream());
    EXPECT_EQ((*pull)->stream()->name, "chat");
    EXPECT_EQ((*pull)->stream()->epoch, epoch);
    EXPECT_EQ(ReceiveUntil(**pull, "end"), c.payloads);
  }
  const auto now = publisher->Subscribe("chat/#");
  ASSERT_TRUE(now.ok()) << now.status();
  EXPECT_EQ((*now)->stream()->position, 11U);
  EXPECT_EQ(BrokerCode(publisher->Subscribe("other", {.start = Start::Last(1)}).status()), 124U);
}

void Resume() {
  World world;
  Diary diary;
  const auto subscriber = world.Connect(diary.events());
  const auto publisher = world.Connect();
  ASSERT_TRUE(subscriber && publisher);
  const auto pull = subscriber->Subscribe("chat/1");
  ASSERT_TRUE(pull.ok()) << pull.status();
  const auto publish = [&publisher](int first, int last) {
    for (const std::string& number : Numbers(first, last)) {
      ASSERT_TRUE(publisher->Publish("chat/1", number).ok());
    }
    ASSERT_TRUE(publisher->Flush(kPatience).ok());
  };
  publish(1, 50);
  EXPECT_EQ(ReceiveUntil(**pull, "50"), Numbers(1, 50));
  const auto clients = world.broker().server().clients();
  clients.begin()->second->Close(server::CloseMode::kNow);  // the subscriber connected first
  publish(51, 500);
  ASSERT_TRUE(diary.Await("resumed chat/1"));
  EXPECT_TRUE(diary.resumed().recovered);
  EXPECT_EQ(diary.resumed().position, 50U);
  publish(501, 550);
  EXPECT_EQ(ReceiveUntil(**pull, "550"), Numbers(51, 550));

  const uint64_t epoch = (*pull)->stream()->epoch;
  world.KillBroker();
  world.StartBroker();
  ASSERT_TRUE(diary.Await("resumed chat/1"));
  EXPECT_FALSE(diary.resumed().recovered);
  EXPECT_NE(diary.resumed().epoch, epoch);
  publish(551, 560);
  EXPECT_EQ(ReceiveUntil(**pull, "560"), Numbers(551, 560));
}

void LastValues() {
  const World world;
  const auto publisher = world.Connect();
  ASSERT_NE(publisher, nullptr);
  for (const std::string& number : Numbers(1, 3)) {
    ASSERT_TRUE(publisher->PublishAndWait("state/1", number).ok());
  }
  Diary diary;
  const auto client = world.Connect(diary.events());
  const auto heard = client->Subscribe("state/#", {}, diary.Pen());
  ASSERT_TRUE(heard.ok()) << heard.status();
  EXPECT_TRUE((*heard)->last_values());
  EXPECT_EQ(diary.AwaitLines(4),
            (Strings{"connecting", "connected", "state/1=3", "snapshot state/#"}));
  ASSERT_TRUE(publisher->PublishAndWait("state/2", "4").ok());
  EXPECT_TRUE(diary.Await("state/2=4"));
  const auto without = client->Subscribe("state/1", {.last_values = false});
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_FALSE((*without)->last_values());
  ASSERT_TRUE(publisher->PublishAndWait("state/1", "5").ok());
  EXPECT_EQ((*without)->Receive(kPatience)->payload, "5");
}

}  // namespace esockets::client::scenarios

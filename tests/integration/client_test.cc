// The client library against the real broker, over real sockets.
#include "clients/cpp/client.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/broker_server.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"

namespace esockets::client {
namespace {

constexpr base::Duration kPatience = std::chrono::seconds(20);

// A broker that can be killed and started again on its port.
class Broker {
 public:
  explicit Broker(app::BrokerOptions options = {}) : options_(std::move(options)) {
    options_.server.port = 0;
    Start();
    options_.server.port = broker_->server().port();
  }

  void Start() {
    broker_ = std::make_unique<app::BrokerServer>(options_);
    const absl::Status status = broker_->Start();
    ASSERT_TRUE(status.ok()) << status;
  }
  void Kill() { broker_.reset(); }
  void Drain() { broker_->Drain(kPatience); }

  ClientOptions options() const {
    return {.address = "127.0.0.1:" + std::to_string(options_.server.port),
            .backoff_min = std::chrono::milliseconds(1),
            .backoff_max = std::chrono::milliseconds(20)};
  }

 private:
  app::BrokerOptions options_;
  std::unique_ptr<app::BrokerServer> broker_;
};

// What a client told, to be waited for.
class Diary {
 public:
  ClientEvents events() {
    return {.on_state_change = [this](State state,
                                      const absl::Status&) { Note(std::string(StateName(state))); },
            .on_gap =
                [this](const Gap& gap) {
                  const std::lock_guard lock(mutex_);
                  gap_messages_ += gap.messages;
                },
            .on_close =
                [this](const BrokerError& close) { Note("close " + std::to_string(close.code)); },
            .on_go_away =
                [this](const BrokerError& away) { Note("go away " + std::to_string(away.code)); },
            .on_error =
                [this](const absl::Status& error) {
                  Note("error " + std::to_string(BrokerCode(error)));
                }};
  }

  void Note(std::string line) {
    {
      const std::lock_guard lock(mutex_);
      lines_.push_back(std::move(line));
    }
    changed_.notify_all();
  }

  // Waits for `line`, and forgets all up to it.
  bool Await(const std::string& line) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] {
      while (!lines_.empty()) {
        const bool found = lines_.front() == line;
        lines_.pop_front();
        if (found) return true;
      }
      return false;
    });
  }

  uint64_t gap_messages() {
    const std::lock_guard lock(mutex_);
    return gap_messages_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  uint64_t gap_messages_ = 0;
};

std::unique_ptr<Client> ConnectTo(const Broker& broker, ClientEvents events = {}) {
  auto client = Client::Connect(broker.options(), std::move(events));
  EXPECT_TRUE(client.ok()) << client.status();
  return client.ok() ? *std::move(client) : nullptr;
}

TEST(Client, PublishesAndReceives) {
  Broker broker;
  const auto client = ConnectTo(broker);
  ASSERT_NE(client, nullptr);
  auto pull = client->Subscribe("room/+/chat");
  ASSERT_TRUE(pull.ok()) << pull.status();
  const PublishOptions options{
      .headers = {{"a", "1"}, {"a", "2"}}, .reply_to = "answers", .key = "k", .ttl_ms = 5};
  EXPECT_TRUE(client->Publish("room/42/chat", "hello", options).ok());
  const auto message = (*pull)->Receive(kPatience);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->topic, "room/42/chat");
  EXPECT_EQ(message->payload, "hello");
  EXPECT_EQ(message->headers, options.headers);
  EXPECT_EQ(message->reply_to, "answers");
  EXPECT_EQ(message->key, "k");
  EXPECT_EQ(message->ttl_ms, 5u);
  EXPECT_TRUE(client->Close(kPatience).ok());
  EXPECT_EQ(client->state(), State::kClosed);
  EXPECT_FALSE(client->Publish("room/42/chat", "late").ok());
}

TEST(Client, TellsWhatBecameOfAMessage) {
  Broker broker;
  const auto client = ConnectTo(broker);
  const auto other = ConnectTo(broker);
  ASSERT_TRUE(client != nullptr && other != nullptr);
  const auto nobody = client->PublishAndConfirm("a/b", "1", kPatience);
  ASSERT_TRUE(nobody.ok()) << nobody.status();
  EXPECT_EQ(nobody->matched, 0u);
  const auto mine = client->Subscribe("a/b");
  const auto others = other->Subscribe("a/#");
  ASSERT_TRUE(mine.ok() && others.ok());
  const auto both = client->PublishAndConfirm("a/b", "2", kPatience);
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ(both->matched, 2u);
  EXPECT_EQ(both->written, 2u);
  Diary diary;
  ASSERT_TRUE(client
                  ->PublishAndConfirmAsync("a/c", "3", kPatience,
                                           [&diary](const absl::StatusOr<Delivery>& delivery) {
                                             diary.Note(delivery.ok() && delivery->written == 1
                                                            ? "written"
                                                            : delivery.status().ToString());
                                           })
                  .ok());
  EXPECT_TRUE(diary.Await("written"));
}

TEST(Client, EveryMatchingCallbackGetsAMessageOnce) {
  Broker broker;
  Diary diary;
  const auto client = ConnectTo(broker);
  ASSERT_NE(client, nullptr);
  std::vector<std::shared_ptr<Subscription>> subscriptions;
  for (const std::string filter : {"a/b", "a/+", "#", "a/b", "c"}) {
    auto subscription = client->Subscribe(filter, {}, [&diary, filter](const MessageView& message) {
      diary.Note(filter + " " + std::string(message.payload));
    });
    ASSERT_TRUE(subscription.ok()) << subscription.status();
    subscriptions.push_back(*subscription);
  }
  ASSERT_TRUE(client->PublishAndWait("a/b", "1").ok());
  ASSERT_TRUE(client->Flush(kPatience).ok());
  for (const char* line : {"a/b 1", "a/b 1"}) EXPECT_TRUE(diary.Await(line));
  // Of two subscriptions to one filter the other one goes on.
  subscriptions[0]->Unsubscribe();
  ASSERT_TRUE(client->PublishAndWait("a/b", "2").ok());
  EXPECT_TRUE(diary.Await("a/b 2"));
  for (const auto& subscription : subscriptions) subscription->Unsubscribe();
  ASSERT_TRUE(client->PublishAndWait("a/b", "3").ok());
  ASSERT_TRUE(client->Flush(kPatience).ok());
  diary.Note("end");
  EXPECT_TRUE(diary.Await("end"));
}

TEST(Client, RefusalsCarryCodeAndAdvice) {
  Broker broker;
  Diary diary;
  const auto client = ConnectTo(broker, diary.events());
  ASSERT_NE(client, nullptr);
  const absl::Status reserved = client->PublishAndWait("$other", "x");
  EXPECT_EQ(BrokerCode(reserved), 113u) << reserved;
  EXPECT_FALSE(BrokerAdvice(reserved).empty());
  EXPECT_TRUE(absl::IsPermissionDenied(reserved));
  // Nobody waits for this one.
  EXPECT_TRUE(client->Publish("$other", "x").ok());
  EXPECT_TRUE(diary.Await("error 113"));

  const auto unsupported = client->Subscribe("a", {.overflow = static_cast<Overflow>(9)});
  EXPECT_EQ(BrokerCode(unsupported.status()), 102u) << unsupported.status();
  EXPECT_EQ(BrokerCode(client->Request("$SYS/nothing", "").status()), 141u);

  // What would end the connection is not sent at all.
  for (const std::string topic : {"", "a/+", "a\xff"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(client->Publish(topic, "x"))) << topic;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(client->Subscribe("a/#/b").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(client->Publish("a", std::string(2'000'000, 'x'))));
  EXPECT_TRUE(client->PublishAndWait("a", "x").ok());
}

TEST(Client, AdministersByRequest) {
  Broker broker;
  ClientOptions options = broker.options();
  options.client_id = "me";
  options.metadata = {{"place", "attic"}};
  auto client = Client::Connect(options);
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ((*client)->client_id(), "me");
  const auto reply = (*client)->Request("$SYS/clients", "");
  ASSERT_TRUE(reply.ok()) << reply.status();
  admin::Clients clients;
  ASSERT_TRUE(clients.ParseFromString(*reply));
  ASSERT_EQ(clients.clients_size(), 1);
  EXPECT_EQ(clients.clients(0).client_id(), "me");
  EXPECT_EQ(clients.clients(0).metadata().at("place"), "attic");
}

TEST(Client, ComesBackAndSubscribesAgain) {
  Broker broker;
  Diary diary;
  const auto client = ConnectTo(broker, diary.events());
  ASSERT_NE(client, nullptr);
  auto pull = client->Subscribe("a/#");
  ASSERT_TRUE(pull.ok()) << pull.status();
  for (uint64_t round = 1; round <= 5; ++round) {
    ASSERT_TRUE(diary.Await("connected"));
    broker.Kill();
    ASSERT_TRUE(diary.Await("waiting"));
    // What is published now waits in the outgoing buffer.
    const std::string payload = std::to_string(round);
    ASSERT_TRUE(client->Publish("a/b", payload).ok());
    broker.Start();
    const auto message = (*pull)->Receive(kPatience);
    ASSERT_TRUE(message.ok()) << message.status();
    EXPECT_EQ(message->payload, payload);
    EXPECT_EQ(client->connects_total(), round + 1);
    EXPECT_FALSE(client->reason().ok());
  }
}

TEST(Client, WaitsForABrokerThatIsNotThereYet) {
  Broker broker;
  broker.Kill();
  const auto client = Client::Create(broker.options());
  std::thread starter([&broker] { broker.Start(); });
  EXPECT_TRUE(client->PublishAndWait("a", "x").ok());
  starter.join();
}

TEST(Client, SaysWhyItCannotConnect) {
  Broker broker;
  broker.Kill();
  ClientOptions options = broker.options();
  options.reconnect = false;
  const absl::Status refused = Client::Connect(options).status();
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_NE(refused.ToString().find(options.address), std::string::npos) << refused;
  options.address = "nowhere";
  EXPECT_TRUE(absl::IsInvalidArgument(Client::Connect(options).status()));
}

TEST(Client, WrongTokenIsNotRetried) {
  auto authenticator = std::make_shared<broker::LocalAuthenticator>();
  authenticator->AddToken("ann", "secret", /*admin=*/false);
  app::BrokerOptions broker_options;
  broker_options.settings.authenticator = authenticator;
  Broker broker(std::move(broker_options));
  ClientOptions options = broker.options();
  options.token = "wrong";
  Diary diary;
  const absl::Status refused = Client::Connect(options, diary.events()).status();
  EXPECT_EQ(BrokerCode(refused), 230u) << refused;
  EXPECT_TRUE(absl::IsUnauthenticated(refused)) << refused;
  EXPECT_TRUE(diary.Await("close 230"));
  EXPECT_TRUE(diary.Await("closed"));
  options.token = "secret";
  auto client = Client::Connect(options);
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(BrokerCode((*client)->Request("$SYS/clients", "").status()), 120u);
}

TEST(Client, TakenOverIdIsNotRetried) {
  Broker broker;
  ClientOptions options = broker.options();
  options.client_id = "the-one";
  Diary diary;
  auto older = Client::Connect(options, diary.events());
  ASSERT_TRUE(older.ok()) << older.status();
  auto pull = (*older)->Subscribe("a");
  ASSERT_TRUE(pull.ok()) << pull.status();
  auto newer = Client::Connect(options);
  ASSERT_TRUE(newer.ok()) << newer.status();
  EXPECT_TRUE(diary.Await("close 231"));
  EXPECT_TRUE(diary.Await("closed"));
  EXPECT_EQ(BrokerCode((*older)->reason()), 231u);
  // Everything that waits or comes later is told the reason.
  EXPECT_EQ(BrokerCode((*pull)->Receive(kPatience).status()), 231u);
  EXPECT_EQ(BrokerCode((*older)->Publish("a", "x")), 231u);
  EXPECT_EQ((*newer)->state(), State::kConnected);
}

TEST(Client, LeavesABrokerThatDrains) {
  Broker broker;
  Diary diary;
  const auto client = ConnectTo(broker, diary.events());
  ASSERT_NE(client, nullptr);
  broker.Drain();
  EXPECT_TRUE(diary.Await("go away 250"));
  EXPECT_TRUE(diary.Await("close 250"));
  EXPECT_TRUE(diary.Await("waiting"));
  broker.Kill();
  broker.Start();
  EXPECT_TRUE(diary.Await("connected"));
}

TEST(Client, AFullBufferBlocksDropsOrRefuses) {
  Broker broker;
  broker.Kill();
  ClientOptions options = broker.options();
  options.outgoing_bytes_max = 1000;
  const std::string payload(300, 'x');

  options.when_full = WhenFull::kError;
  auto client = Client::Create(options);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client->Publish("a", payload).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(client->Publish("a", payload)));

  options.when_full = WhenFull::kDropNewest;
  client = Client::Create(options);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(client->Publish("a", payload).ok());
  EXPECT_EQ(client->dropped_messages_total(), 2u);
  EXPECT_LE(client->outgoing_bytes(), 1000u);

  options.when_full = WhenFull::kBlock;
  client = Client::Create(options);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client->Publish("a", payload).ok());
  std::thread publisher([&] { EXPECT_TRUE(client->Publish("a", payload).ok()); });
  broker.Start();
  publisher.join();
  EXPECT_TRUE(client->Flush(kPatience).ok());
}

// Waiting for room is a part of the call's time.
TEST(Client, WaitingForRoomCounts) {
  Broker broker;
  broker.Kill();
  ClientOptions options = broker.options();
  options.outgoing_bytes_max = 10;
  options.request_timeout = std::chrono::milliseconds(20);
  const auto client = Client::Create(options);
  ASSERT_TRUE(client->Publish("a", "x").ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(client->PublishAndWait("a", "a long message")));
}

TEST(Client, APublisherThatBlocksIsToldOfTheEnd) {
  Broker broker;
  broker.Kill();
  ClientOptions options = broker.options();
  options.outgoing_bytes_max = 10;
  const auto client = Client::Create(options);
  ASSERT_TRUE(client->Publish("a", "x").ok());
  std::thread publisher([&] { EXPECT_FALSE(client->Publish("a", "a long message").ok()); });
  EXPECT_TRUE(absl::IsDeadlineExceeded(client->Close(std::chrono::milliseconds(20))));
  publisher.join();
}

TEST(Client, CallbacksDoNotWaitForTheirOwnClient) {
  Broker broker;
  const auto client = ConnectTo(broker);
  ASSERT_NE(client, nullptr);
  auto answers = client->Subscribe("answer");
  ASSERT_TRUE(answers.ok());
  auto asked = client->Subscribe("question", {}, [&](const MessageView& message) {
    EXPECT_TRUE(absl::IsFailedPrecondition(client->PublishAndWait("x", "")));
    EXPECT_TRUE(absl::IsFailedPrecondition(
        client->PublishAndConfirm("x", "", std::chrono::seconds(1)).status()));
    EXPECT_TRUE(absl::IsFailedPrecondition(client->Flush(kPatience)));
    EXPECT_TRUE(absl::IsFailedPrecondition(client->Subscribe("y").status()));
    EXPECT_TRUE(client->Publish("answer", message.payload).ok());
  });
  ASSERT_TRUE(asked.ok());
  ASSERT_TRUE(client->Publish("question", "42").ok());
  const auto answer = (*answers)->Receive(kPatience);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->payload, "42");
}

// A reader that stops: the broker's contract applies, and every message is accounted for.
TEST(Client, DeliveredAndReportedIsWhatWasPublished) {
  constexpr int kMessages = 4000;
  Broker broker;
  Diary diary;
  const auto subscriber = ConnectTo(broker, diary.events());
  const auto publisher = ConnectTo(broker);
  ASSERT_NE(subscriber, nullptr);
  ASSERT_NE(publisher, nullptr);
  auto pull = subscriber->Subscribe("bulk/#",
                                    {.max_backlog_messages = 10, .receive_queue_messages_max = 5});
  ASSERT_TRUE(pull.ok());
  const std::string payload(16'000, 'x');
  for (int i = 0; i < kMessages; ++i) ASSERT_TRUE(publisher->Publish("bulk/1", payload).ok());
  ASSERT_TRUE(publisher->PublishAndWait("bulk/end", "").ok());
  uint64_t received = 0;
  while (true) {
    const auto message = (*pull)->Receive(kPatience);
    ASSERT_TRUE(message.ok()) << message.status();
    if (message->topic == "bulk/end") break;
    ++received;
    EXPECT_LE((*pull)->size(), 5u);
  }
  EXPECT_GT(diary.gap_messages(), 0u);
  EXPECT_EQ(received + diary.gap_messages(), kMessages);
}

TEST(Client, ManyThreadsPublishInOrder) {
  constexpr int kThreads = 4;
  constexpr int kMessages = 2000;
  Broker broker;
  const auto client = ConnectTo(broker);
  ASSERT_NE(client, nullptr);
  auto pull = client->Subscribe("t/+");
  ASSERT_TRUE(pull.ok());
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&client, t] {
      const std::string topic = "t/" + std::to_string(t);
      for (int i = 0; i < kMessages; ++i) {
        const auto status =
            i % 100 == 0
                ? client->PublishAsync(topic, std::to_string(i),
                                       [](const absl::Status& answer) { EXPECT_TRUE(answer.ok()); })
                : client->Publish(topic, std::to_string(i));
        EXPECT_TRUE(status.ok()) << status;
      }
    });
  }
  std::vector<int> next(kThreads, 0);
  for (int i = 0; i < kThreads * kMessages; ++i) {
    const auto message = (*pull)->Receive(kPatience);
    ASSERT_TRUE(message.ok()) << message.status();
    const int thread = message->topic.back() - '0';
    EXPECT_EQ(message->payload, std::to_string(next.at(static_cast<size_t>(thread))++));
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(client->Close(kPatience).ok());
}

TEST(Client, HandlesOutliveTheClient) {
  Broker broker;
  auto client = ConnectTo(broker);
  ASSERT_NE(client, nullptr);
  auto pull = client->Subscribe("a", {.receive_queue_messages_max = 1});
  auto callback = client->Subscribe("b", {}, [](const MessageView&) {});
  ASSERT_TRUE(pull.ok() && callback.ok());
  Diary diary;
  auto heard = client->Subscribe("a", {}, [&diary](const MessageView&) { diary.Note("heard"); });
  ASSERT_TRUE(heard.ok());
  ASSERT_TRUE(client->Publish("a", "left over").ok());
  ASSERT_TRUE(diary.Await("heard"));
  client.reset();
  EXPECT_EQ((*pull)->Receive(kPatience)->payload, "left over");
  EXPECT_FALSE((*pull)->Receive(kPatience).ok());
  (*callback)->Unsubscribe();
}

}  // namespace
}  // namespace esockets::client

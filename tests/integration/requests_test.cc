// Requests between clients, with the client library against the real broker on one loop, two and
// four: who answers, nobody, several, too late, and a connection that is lost.
#include <atomic>
#include <future>
#include <memory>
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
constexpr base::Duration kShort = std::chrono::milliseconds(50);

class Requests : public testing::TestWithParam<int> {
 protected:
  Requests() {
    options_.server.loops = GetParam();
    options_.server.port = 0;
    broker_ = std::make_unique<app::BrokerServer>(options_);
    const absl::Status status = broker_->Start();
    EXPECT_TRUE(status.ok()) << status;
    options_.server.port = broker_->server().port();
    asker_ = Connect();
  }

  std::unique_ptr<Client> Connect(ClientEvents events = {}) {
    auto client = Client::Connect({.address = "127.0.0.1:" + std::to_string(options_.server.port),
                                   .backoff_min = std::chrono::milliseconds(1),
                                   .backoff_max = std::chrono::milliseconds(20)},
                                  std::move(events));
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? *std::move(client) : nullptr;
  }
  struct Responder {
    std::unique_ptr<Client> client;
    std::shared_ptr<Subscription> subscription;
  };
  // Answers each with `prefix` and what was asked.
  Responder Respond(const std::string& topic, const std::string& prefix,
                    const PublishOptions& options = {}) {
    Responder responder{.client = Connect(), .subscription = nullptr};
    auto subscription = responder.client->Subscribe(
        topic, {}, [prefix, options, client = responder.client.get()](const MessageView& message) {
          const std::string payload = prefix + std::string(message.payload);
          EXPECT_TRUE(client->Publish(message.reply_to, payload, options).ok());
        });
    EXPECT_TRUE(subscription.ok()) << subscription.status();
    responder.subscription = *std::move(subscription);
    return responder;
  }

  app::BrokerOptions options_;
  std::unique_ptr<app::BrokerServer> broker_;
  std::unique_ptr<Client> asker_;
};

INSTANTIATE_TEST_SUITE_P(Loops, Requests, testing::Values(1, 2, 4),
                         [](const auto& loops) { return std::to_string(loops.param); });

TEST_P(Requests, AreAnswered) {
  const std::vector<Responder> responders = [this] {
    std::vector<Responder> all;
    for (int i = 0; i < 4; ++i) all.push_back(Respond("echo/" + std::to_string(i), "you said "));
    return all;
  }();
  for (int i = 0; i < 200; ++i) {
    const std::string text = std::to_string(i);
    const auto reply = asker_->Request("echo/" + std::to_string(i % 4), text, kPatience);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(*reply, "you said " + text);
  }
}

TEST_P(Requests, WithNobodyToAnswerFailAtOnce) {
  for (int i = 0; i < 3; ++i) {
    const auto reply = asker_->Request("nobody/here", "?", kPatience);
    EXPECT_TRUE(absl::IsUnavailable(reply.status())) << reply.status();
    EXPECT_EQ(BrokerCode(reply.status()), kNoRespondersCode);
  }
  EXPECT_EQ(BrokerCode(asker_->RequestMany("nobody", "?", {.timeout = kPatience}).status()),
            kNoRespondersCode);
  // It is the same with the Publish that others make of it.
  EXPECT_TRUE(asker_->PublishAndWait("nobody/here", "?").ok());
}

TEST_P(Requests, WithoutAnAnswerEndInTime) {
  const auto silent = Connect();
  const auto subscription = silent->Subscribe("silence", {}, [](const MessageView&) {});
  ASSERT_TRUE(subscription.ok());
  const auto one = asker_->Request("silence", "?", kShort);
  EXPECT_TRUE(absl::IsDeadlineExceeded(one.status())) << one.status();
  const auto many = asker_->RequestMany("silence", "?", {.timeout = kShort});
  EXPECT_TRUE(absl::IsDeadlineExceeded(many.status())) << many.status();
}

TEST_P(Requests, GatherUntilACountOrATime) {
  std::vector<Responder> responders;
  for (const std::string name : {"a", "b", "c", "d"}) {
    responders.push_back(Respond("roll/call", name));
  }
  const auto counted =
      asker_->RequestMany("roll/call", "!", {.replies_max = 4, .timeout = kPatience});
  ASSERT_TRUE(counted.ok()) << counted.status();
  std::set<std::string> all;
  for (const Message& reply : *counted) all.insert(reply.payload);
  EXPECT_EQ(all, (std::set<std::string>{"a!", "b!", "c!", "d!"}));
  const auto first =
      asker_->RequestMany("roll/call", "!", {.replies_max = 2, .timeout = kPatience});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->size(), 2U);
  // Those that are too many disturb no other request. What comes in a short time is not promised.
  const auto timed = asker_->RequestMany("roll/call", "!", {.timeout = std::chrono::seconds(1)});
  ASSERT_TRUE(timed.ok()) << timed.status();
  EXPECT_LE(timed->size(), 4U);
  EXPECT_GE(timed->size(), 1U);
}

TEST_P(Requests, FromACallback) {
  const Responder responder = Respond("echo", "");
  std::promise<std::string> answered;
  const auto relay = Connect();
  const auto subscription = relay->Subscribe("begin", {}, [&](const MessageView& message) {
    EXPECT_TRUE(absl::IsFailedPrecondition(relay->Request("echo", "?").status()));
    const absl::Status status = relay->RequestAsync(
        "echo", message.payload, {.replies_max = 1, .timeout = kPatience},
        [&answered](const absl::StatusOr<std::vector<Message>>& replies) {
          answered.set_value(replies.ok() ? replies->front().payload : replies.status().ToString());
        });
    EXPECT_TRUE(status.ok()) << status;
  });
  ASSERT_TRUE(subscription.ok());
  ASSERT_TRUE(asker_->Publish("begin", "go").ok());
  EXPECT_EQ(answered.get_future().get(), "go");
}

TEST_P(Requests, OfWhichOneFails) {
  const Responder responder =
      Respond("divide", "", {.headers = {{std::string(kErrorHeader), "by zero"}}});
  const auto reply = asker_->Request("divide", "1/0", kPatience);
  EXPECT_TRUE(absl::IsAborted(reply.status())) << reply.status();
  EXPECT_NE(reply.status().message().find("by zero"), std::string::npos);
  const auto replies = asker_->RequestMany("divide", "1/0", {.replies_max = 1});
  ASSERT_TRUE(replies.ok()) << replies.status();
  EXPECT_EQ(ErrorIn(replies->front()), "by zero");
}

TEST_P(Requests, AfterALostConnectionGoToTheNewInbox) {
  const Responder responder = Respond("echo", "");
  asker_ = Connect();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(asker_->Request("echo", "x", kPatience).ok());
    const uint64_t before = asker_->connects_total();
    const auto clients = broker_->server().clients();
    clients.rbegin()->second->Close(server::CloseMode::kNow);  // connected last
    // Fails, or is answered, by way of the one connection or the other; and then it is answered.
    while (asker_->connects_total() == before) {
      const auto reply = asker_->Request("echo", "y", kPatience);
      EXPECT_TRUE(reply.ok() || absl::IsUnavailable(reply.status())) << reply.status();
    }
    const auto reply = asker_->Request("echo", "z", kPatience);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(*reply, "z");
  }
}

// Whoever waits when the connection breaks is told; and so is who answers too late.
TEST_P(Requests, OfAClientThatIsGone) {
  std::promise<std::string> asked;
  std::promise<uint32_t> refused;
  const auto late = Connect({.on_error = [&refused](const absl::Status& error) {
    refused.set_value(BrokerCode(error));
  }});
  const auto subscription = late->Subscribe("late", {}, [&asked](const MessageView& message) {
    asked.set_value(std::string(message.reply_to));
  });
  ASSERT_TRUE(subscription.ok());
  std::promise<absl::Status> failed;
  ASSERT_TRUE(
      asker_
          ->RequestAsync("late", "?", {.timeout = kPatience},
                         [&failed](const auto& replies) { failed.set_value(replies.status()); })
          .ok());
  const std::string reply_to = asked.get_future().get();
  asker_.reset();
  EXPECT_FALSE(failed.get_future().get().ok());
  // The broker may not have seen yet that it is gone.
  absl::Status status;
  while (status.ok()) status = late->PublishAndWait(reply_to, "too late");
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_EQ(BrokerCode(status), 151U);
  ASSERT_TRUE(late->Publish(reply_to, "too late").ok());
  EXPECT_EQ(refused.get_future().get(), 151U);
}

TEST_P(Requests, OfAnotherInboxAreRefused) {
  std::promise<std::string> asked;
  const auto mallory = Connect();
  const auto subscription = mallory->Subscribe("time", {}, [&asked](const MessageView& message) {
    asked.set_value(std::string(message.reply_to));
  });
  ASSERT_TRUE(subscription.ok());
  ASSERT_TRUE(asker_->RequestAsync("time", "?", {.timeout = kPatience}, [](const auto&) {}).ok());
  const std::string inbox = asked.get_future().get();
  const absl::Status misled = mallory->PublishAndWait("elsewhere", "?", {.reply_to = inbox});
  EXPECT_TRUE(absl::IsPermissionDenied(misled)) << misled;
  EXPECT_EQ(BrokerCode(misled), kInboxNotAllowedCode);
  for (const std::string& filter : {inbox, std::string("$INBOX/#"), std::string("$INBOX")}) {
    EXPECT_EQ(BrokerCode(mallory->Subscribe(filter).status()), kInboxNotAllowedCode) << filter;
  }
}

TEST_P(Requests, ToTheBrokerGoOn) {
  EXPECT_TRUE(asker_->Request("$SYS/info", "").ok());
  EXPECT_EQ(BrokerCode(asker_->Request("$SYS/nothing", "").status()), 141U);
}

TEST_P(Requests, OfAClosedClientFail) {
  ASSERT_TRUE(asker_->Close(kPatience).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(asker_->Request("echo", "?").status()));
  EXPECT_FALSE(asker_->RequestAsync("echo", "?", {}, [](const auto&) { FAIL(); }).ok());
}

TEST(RequestsWithoutABroker, EndInTime) {
  const auto client = Client::Create({.address = "127.0.0.1:1"});
  const auto reply = client->Request("echo", "?", kShort);
  EXPECT_TRUE(absl::IsUnavailable(reply.status())) << reply.status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(client->Request("$SYS/info", "", kShort).status()));
}

}  // namespace
}  // namespace esockets::client

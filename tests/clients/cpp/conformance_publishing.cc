// Scenarios: to publish, and to hear what became of it.
#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "tests/clients/cpp/conformance_scenarios.h"
#include "tests/clients/cpp/conformance_world.h"

namespace esockets::client::scenarios {

void Publish() {
  World world;
  const auto subscriber = world.Connect();
  ASSERT_NE(subscriber, nullptr);
  const auto pull = subscriber->Subscribe("a/#");
  ASSERT_TRUE(pull.ok()) << pull.status();
  const auto publisher = world.Connect();
  ASSERT_NE(publisher, nullptr);
  EXPECT_TRUE(publisher->Publish("a/b", "hello").ok());
  EXPECT_EQ((*pull)->Receive(kPatience)->payload, "hello");

  world.KillBroker();
  const std::string payload(300, 'x');
  ClientOptions options = world.options();
  options.outgoing_bytes_max = 1000;
  options.when_full = WhenFull::kError;
  const auto refusing = Client::Create(options);
  options.when_full = WhenFull::kDropNewest;
  const auto dropping = Client::Create(options);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(refusing->Publish("b", payload).ok());
    EXPECT_TRUE(dropping->Publish("b", payload).ok());
  }
  EXPECT_TRUE(absl::IsResourceExhausted(refusing->Publish("b", payload)));
  EXPECT_TRUE(dropping->Publish("b", payload).ok());
  EXPECT_EQ(dropping->dropped_messages_total(), 1U);
  world.StartBroker();
  EXPECT_TRUE(refusing->Flush(kPatience).ok());
  EXPECT_EQ(refusing->outgoing_bytes(), 0U);
}

void PublishAndWait() {
  const World world;
  Diary diary;
  const auto client = world.Connect(diary.events());
  ASSERT_NE(client, nullptr);
  EXPECT_TRUE(client->PublishAndWait("a", "x").ok());
  const absl::Status reserved = client->PublishAndWait("$other", "x");
  EXPECT_EQ(BrokerCode(reserved), 113U) << reserved;
  EXPECT_FALSE(BrokerAdvice(reserved).empty());
  // Nobody waits for this one.
  EXPECT_TRUE(client->Publish("$other", "x").ok());
  EXPECT_TRUE(diary.Await("error 113"));
  ASSERT_TRUE(client
                  ->PublishAsync("a", "x",
                                 [&diary](const absl::Status& answer) {
                                   diary.Note(answer.ok() ? "published" : answer.ToString());
                                 })
                  .ok());
  EXPECT_TRUE(diary.Await("published"));
}

void PublishAndStore() {
  const World world;
  const auto client = world.Connect();
  const auto other = world.Connect();
  ASSERT_TRUE(client && other);
  const PublishOptions options{.message_id = "order 17"};
  const auto first = client->PublishAndStore("chat/1", "17", options);
  ASSERT_TRUE(first.ok() && *first) << first.status();
  EXPECT_EQ((*first)->position, 1U);
  EXPECT_FALSE((*first)->repeated);
  const auto again = other->PublishAndStore("chat/1", "17", options);
  ASSERT_TRUE(again.ok() && *again) << again.status();
  EXPECT_EQ((*again)->position, 1U);
  EXPECT_EQ((*again)->epoch, (*first)->epoch);
  EXPECT_TRUE((*again)->repeated);
  EXPECT_EQ((*client->PublishAndStore("chat/1", "18"))->position, 2U);
  const auto elsewhere = client->PublishAndStore("other", "");
  EXPECT_TRUE(elsewhere.ok() && !*elsewhere) << elsewhere.status();
  EXPECT_EQ(BrokerCode(client->PublishAndStore("chat/1", "x", options).status()), 127U);
}

void PublishAndConfirm() {
  const World world;
  const auto client = world.Connect();
  const auto other = world.Connect();
  ASSERT_TRUE(client && other);
  const auto nobody = client->PublishAndConfirm("a/b", "1", kPatience);
  ASSERT_TRUE(nobody.ok()) << nobody.status();
  EXPECT_EQ(nobody->matched, 0U);
  const auto mine = client->Subscribe("a/b");
  const auto others = other->Subscribe("a/#");
  ASSERT_TRUE(mine.ok() && others.ok());
  const auto both = client->PublishAndConfirm("a/b", "2", kPatience);
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ(both->matched, 2U);
  EXPECT_EQ(both->written, 2U);
  EXPECT_EQ(both->queued + both->conflated + both->dropped + both->gone, 0U);
}

void Headers() {
  const World world;
  const auto client = world.Connect();
  ASSERT_NE(client, nullptr);
  const auto pull = client->Subscribe("a");
  ASSERT_TRUE(pull.ok()) << pull.status();
  const PublishOptions options{.headers = {{"a", "1"}, {"a", "2"}, {"", ""}},
                               .reply_to = "answers",
                               .key = std::string("k\0", 2),
                               .ttl_ms = 60'000};
  ASSERT_TRUE(client->Publish("a", "x", options).ok());
  const auto message = (*pull)->Receive(kPatience);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->headers, options.headers);
  EXPECT_EQ(message->reply_to, options.reply_to);
  EXPECT_EQ(message->key, options.key);
  EXPECT_EQ(message->ttl_ms, options.ttl_ms);
  EXPECT_EQ(message->publisher, client->session_id());
}

void Will() {
  const World world;
  const auto watcher = world.Connect();
  ASSERT_NE(watcher, nullptr);
  const auto pull = watcher->Subscribe("wills/#");
  ASSERT_TRUE(pull.ok()) << pull.status();
  ClientOptions options = world.options();
  options.will = LastWill{.topic = "wills/closed", .payload = "x"};
  auto closed = world.Connect(options);
  ASSERT_NE(closed, nullptr);
  EXPECT_TRUE(closed->Close(kPatience).ok());
  options.will = LastWill{
      .topic = "wills/lost", .payload = "gone", .options = {.headers = {{"why", "crash"}}}};
  auto lost = world.Connect(options);
  ASSERT_NE(lost, nullptr);
  lost.reset();
  const auto message = (*pull)->Receive(kPatience);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->topic, "wills/lost");
  EXPECT_EQ(message->payload, "gone");
  EXPECT_EQ(message->headers, options.will->options.headers);
}

}  // namespace esockets::client::scenarios

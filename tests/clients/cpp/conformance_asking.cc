// Scenarios: to ask, to answer, and to see who is there.
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/clients/cpp/conformance_scenarios.h"
#include "tests/clients/cpp/conformance_world.h"

namespace esockets::client::scenarios {
namespace {

// Answers with `prefix` and what was asked, until both are gone.
struct Responder {
  Responder(const World& world, const std::string& topic, const std::string& prefix,
            const PublishOptions& options = {})
      : client(world.Connect()) {
    const auto answer = [this, prefix, options](const MessageView& message) {
      const std::string payload = prefix + std::string(message.payload);
      EXPECT_TRUE(client->Publish(message.reply_to, payload, options).ok());
    };
    const auto subscription = client->Subscribe(topic, {}, answer);
    EXPECT_TRUE(subscription.ok()) << subscription.status();
  }

  std::unique_ptr<Client> client;
};

// What the news of a watch add up to.
class Room {
 public:
  PresenceCallback callback() {
    return [this](const PresenceNews& news) {
      {
        const std::lock_guard lock(mutex_);
        for (const auto& member : news.left) members_.erase(member.client_id);
        for (const auto& member : news.joined) members_.insert(member.client_id);
        firsts_ += news.first ? 1 : 0;
      }
      changed_.notify_all();
    };
  }
  bool Await(const std::set<std::string>& members) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return firsts_ == 1 && members_ == members; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> members_;
  int firsts_ = 0;
};

}  // namespace

void Request() {
  const World world;
  const auto asker = world.Connect();
  ASSERT_NE(asker, nullptr);
  const auto nobody = asker->Request("echo", "?", kPatience);
  EXPECT_EQ(BrokerCode(nobody.status()), kNoRespondersCode) << nobody.status();
  const Responder responder(world, "echo", "you said ");
  for (const std::string text : {"a", "b"}) {
    const auto reply = asker->Request("echo", text, kPatience);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(*reply, "you said " + text);
  }
  const Responder failing(world, "divide", "",
                          {.headers = {{std::string(kErrorHeader), "by zero"}}});
  const auto error = asker->Request("divide", "1/0", kPatience);
  EXPECT_TRUE(absl::IsAborted(error.status())) << error.status();
  EXPECT_NE(error.status().message().find("by zero"), std::string::npos);
  const auto silent = asker->Subscribe("silence");
  ASSERT_TRUE(silent.ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      asker->Request("silence", "?", std::chrono::milliseconds(20)).status()));
}

void RequestMany() {
  const World world;
  const auto asker = world.Connect();
  ASSERT_NE(asker, nullptr);
  const Responder a(world, "roll/call", "a");
  const Responder b(world, "roll/call", "b");
  const Responder c(world, "roll/call", "c");
  const auto all = asker->RequestMany("roll/call", "!", {.replies_max = 3, .timeout = kPatience});
  ASSERT_TRUE(all.ok()) << all.status();
  std::set<std::string> payloads;
  for (const Message& reply : *all) payloads.insert(reply.payload);
  EXPECT_EQ(payloads, (std::set<std::string>{"a!", "b!", "c!"}));
  const auto two = asker->RequestMany("roll/call", "!", {.replies_max = 2, .timeout = kPatience});
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_EQ(two->size(), 2U);
  const auto in_time = asker->RequestMany("roll/call", "!", {.timeout = std::chrono::seconds(1)});
  ASSERT_TRUE(in_time.ok()) << in_time.status();
  EXPECT_GE(in_time->size(), 1U);
  EXPECT_LE(in_time->size(), 3U);
}

void Reply() {
  const World world;
  Diary diary;
  const auto asker = world.Connect();
  const auto answerer = world.Connect();
  ASSERT_TRUE(asker && answerer);
  const auto questions = answerer->Subscribe("question");
  ASSERT_TRUE(questions.ok()) << questions.status();
  const auto done = [&diary](const absl::StatusOr<std::vector<Message>>& replies) {
    diary.Note(replies.ok() ? replies->front().payload : replies.status().ToString());
  };
  ASSERT_TRUE(
      asker->RequestAsync("question", "?", {.replies_max = 1, .timeout = kPatience}, done).ok());
  const auto question = (*questions)->Receive(kPatience);
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_FALSE(question->reply_to.empty());
  EXPECT_TRUE(answerer->PublishAndWait(question->reply_to, "42").ok());
  EXPECT_TRUE(diary.Await("42"));
}

void Presence() {
  World world;
  const auto enter = [&world](const std::string& id) {
    ClientOptions options = world.options();
    options.client_id = id;
    auto client = world.Connect(options);
    EXPECT_TRUE(client->Subscribe("room/1", {}, [](const MessageView&) {}).ok());
    return client;
  };
  const auto ann = enter("ann");
  const auto watcher = world.Connect();
  ASSERT_TRUE(ann && watcher);
  Room room;
  const auto watch = watcher->WatchPresence("room/1", room.callback());
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_TRUE(room.Await({"ann"}));
  const auto bob = enter("bob");
  EXPECT_TRUE(room.Await({"ann", "bob"}));
  world.CutConnections();
  // Without a connection nobody says goodbye, and the broker would wait for ann.
  while (ann->connects_total() < 2) ann->Flush(kPatience).IgnoreError();
  ASSERT_TRUE(ann->Close(kPatience).ok());
  const auto eve = enter("eve");
  EXPECT_TRUE(room.Await({"bob", "eve"}));
  EXPECT_EQ(BrokerCode(watcher->WatchPresence("other", room.callback()).status()), 160U);
}

}  // namespace esockets::client::scenarios

// Scenarios: to connect, to stay, to lose the connection, to leave.
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "app/broker_server.h"
#include "base/strings.h"
#include "broker/authenticator.h"
#include "broker/local_authenticator.h"
#include "broker/resume_tickets.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "tests/clients/cpp/conformance_scenarios.h"
#include "tests/clients/cpp/conformance_world.h"
#include "tests/support/scripted_broker.h"
#include "tests/support/socket_path.h"

namespace esockets::client::scenarios {
namespace {

// A message to oneself comes.
void ExpectEcho(Client& client) {
  const auto pull = client.Subscribe("echo");
  ASSERT_TRUE(pull.ok()) << pull.status();
  ASSERT_TRUE(client.PublishAndWait("echo", "hello").ok());
  const auto message = (*pull)->Receive(kPatience);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->payload, "hello");
}

}  // namespace

void Connect() {
  app::BrokerOptions broker;
  broker.settings.limits.frame_bytes_max = 4000;
  const World world(broker);
  ClientOptions options = world.options();
  options.client_id = "me";
  options.name = "thermometer";
  options.metadata = {{"place", "attic"}};
  const auto client = world.Connect(options);
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(client->state(), State::kConnected);
  EXPECT_EQ(client->client_id(), "me");
  const auto reply = client->Request("$SYS/clients", "");
  ASSERT_TRUE(reply.ok()) << reply.status();
  admin::Clients clients;
  ASSERT_TRUE(clients.ParseFromString(*reply));
  ASSERT_EQ(clients.clients_size(), 1);
  EXPECT_EQ(clients.clients(0).session_id(), client->session_id());
  EXPECT_EQ(clients.clients(0).name(), "thermometer");
  EXPECT_EQ(clients.clients(0).metadata().at("place"), "attic");
  // A longer frame would end the connection.
  EXPECT_TRUE(absl::IsInvalidArgument(client->Publish("a", std::string(4000, 'x'))));
  EXPECT_TRUE(client->PublishAndWait("a", std::string(3000, 'x')).ok());
  const auto other = world.Connect();
  ASSERT_NE(other, nullptr);
  EXPECT_FALSE(other->client_id().empty());
  EXPECT_NE(other->session_id(), client->session_id());
}

void Credentials() {
  auto authenticator = std::make_shared<broker::LocalAuthenticator>();
  authenticator->AddToken("ann", "secret", /*admin=*/false);
  authenticator->AddPassword("bob", "open sesame", /*admin=*/false);
  app::BrokerOptions broker;
  broker.settings.authenticator = authenticator;
  const World world(broker);
  ClientOptions options = world.options();
  options.token = "secret";
  EXPECT_NE(world.Connect(options), nullptr);
  options.token = "";
  options.user = "bob";
  options.password = "open sesame";
  EXPECT_NE(world.Connect(options), nullptr);
  options.password = "wrong";
  Diary diary;
  const auto client = Client::Create(options, diary.events());
  EXPECT_TRUE(diary.Await("close 230"));
  EXPECT_TRUE(diary.Await("closed"));
  EXPECT_EQ(client->connects_total(), 0U);
  EXPECT_EQ(BrokerCode(client->Publish("a", "x")), 230U);
}

namespace {

// Tokens are for two seconds, each for one time.
class ShortLived final : public broker::Authenticator {
 public:
  bool open() const override { return false; }
  broker::Identity Describe(std::string_view user) const override {
    return {.user = std::string(user)};
  }
  void Authenticate(const broker::Credentials& credentials, const broker::AuthPlace& place,
                    Done done) const override {
    using std::chrono::microseconds;
    using std::chrono::seconds;
    const std::lock_guard lock(mutex_);
    if (!shown_.insert(std::string(credentials.token)).second) return done(broker::AuthRefusal{});
    const microseconds now(place.loop->clock().WallMicros());
    done(broker::Identity{
        .user = "ann",
        .expires_at = std::chrono::sys_seconds(std::chrono::ceil<seconds>(now)) + seconds(2)});
  }

 private:
  mutable std::mutex mutex_;
  mutable std::set<std::string> shown_;  // guarded by mutex_
};

}  // namespace

// A fresh token for each connection, and in time for the same one.
void TokenRefresh() {
  app::BrokerOptions broker;
  broker.settings.authenticator = std::make_shared<ShortLived>();
  World world(broker);
  ClientOptions options = world.options();
  Diary diary;
  std::atomic<int> asked{0};
  options.token_source = [&](const TellToken& tell) {
    diary.Note("asked");
    // Not on the client's thread: whoever fetches a token may take its time.
    std::thread([tell, token = base::StrCat("t", ++asked)] { tell(token); }).detach();
  };
  const auto client = world.Connect(options, diary.events());
  ASSERT_NE(client, nullptr);
  EXPECT_TRUE(diary.Await("connected"));
  // The second one was taken if a third one is asked for, and the connection is the same. A machine
  // that stood still meanwhile costs it; then there is a next one.
  for (uint64_t connects = 0; connects != client->connects_total();) {
    connects = client->connects_total();
    ASSERT_LT(connects, 20U);
    EXPECT_TRUE(diary.Await("asked"));
    EXPECT_TRUE(diary.Await("asked"));
  }
  const uint64_t before = client->connects_total();
  world.CutConnections();
  EXPECT_TRUE(diary.Await("waiting"));
  EXPECT_TRUE(diary.Await("asked"));
  EXPECT_TRUE(diary.Await("connected"));
  EXPECT_GT(client->connects_total(), before);
}

// The token is asked for once.
void Tickets() {
  auto users = std::make_shared<broker::LocalAuthenticator>();
  users->AddToken("ann", "t1", false);
  app::BrokerOptions broker;
  broker.settings.authenticator = std::move(users);
  broker.settings.tickets = std::make_shared<const broker::ResumeTickets>(
      broker::TicketKeys::Random(), std::chrono::hours(1));
  World world(broker);
  ClientOptions options = world.options();
  Diary diary;
  std::atomic<int> asked{0};
  options.token_source = [&](const TellToken& tell) { tell(base::StrCat("t", ++asked)); };
  const auto client = world.Connect(options, diary.events());
  ASSERT_NE(client, nullptr);
  EXPECT_TRUE(diary.Await("connected"));
  for (int times = 0; times < 2; ++times) {
    world.CutConnections();
    EXPECT_TRUE(diary.Await("waiting"));
    EXPECT_TRUE(diary.Await("connected"));
  }
  EXPECT_EQ(asked, 1);
}

void CloseCodes() {
  World world;
  ClientOptions options = world.options();
  options.client_id = "the-one";
  Diary diary;
  const auto older = world.Connect(options, diary.events());
  const auto newer = world.Connect(options);
  ASSERT_TRUE(older && newer);
  EXPECT_TRUE(diary.Await("close 231"));
  EXPECT_TRUE(diary.Await("closed"));
  EXPECT_FALSE(diary.close().retryable);
  EXPECT_FALSE(diary.close().text.empty());
  EXPECT_FALSE(diary.close().advice.empty());
  EXPECT_EQ(BrokerCode(older->reason()), 231U);
  EXPECT_EQ(BrokerAdvice(older->reason()), diary.close().advice);
  Diary third_diary;
  const auto third = world.Connect(third_diary.events());
  ASSERT_NE(third, nullptr);
  world.broker().Drain(kPatience);
  EXPECT_TRUE(third_diary.Await("go away 250"));
  EXPECT_TRUE(third_diary.Await("close 250"));
  EXPECT_TRUE(third_diary.close().retryable);
  EXPECT_TRUE(third_diary.Await("waiting"));
}

void Reconnect() {
  World world;
  std::atomic<int> throws{0};
  ClientOptions options = world.options();
  options.dice = [&throws] { return ++throws % 10 / 10.0; };
  Diary diary;
  const auto client = world.Connect(options, diary.events());
  ASSERT_NE(client, nullptr);
  const auto pull = client->Subscribe("a/#");
  const auto heard = client->Subscribe("a/b", {}, diary.Pen());
  ASSERT_TRUE(pull.ok() && heard.ok());
  for (uint64_t round = 1; round <= 3; ++round) {
    ASSERT_TRUE(diary.Await("connected"));
    world.KillBroker();
    ASSERT_TRUE(diary.Await("waiting"));
    EXPECT_FALSE(diary.reason().ok());
    ASSERT_TRUE(client->Publish("a/b", base::StrCat(round)).ok());
    ASSERT_TRUE(diary.Await("connecting"));
    world.StartBroker();
    EXPECT_TRUE(diary.Await(base::StrCat("a/b=", round)));
    EXPECT_EQ((*pull)->Receive(kPatience)->payload, base::StrCat(round));
    EXPECT_EQ(client->connects_total(), round + 1);
    EXPECT_GE(throws, static_cast<int>(round));
    diary.Note("connected");  // the one that was told is read over
  }
}

void KeepAlive() {
  tests::BrokerScript script;
  script.connected.set_keep_alive_ms(200);
  tests::ScriptedBroker broker(script);
  Diary diary;
  const auto client = World::Connect(
      {.address = broker.address(), .backoff_min = std::chrono::milliseconds(1)}, diary.events());
  ASSERT_NE(client, nullptr);
  broker.AwaitPings(3);
  ASSERT_TRUE(diary.Await("connected"));
  broker.StopAnsweringPings();
  EXPECT_TRUE(diary.Await("waiting"));
  EXPECT_TRUE(absl::IsUnavailable(diary.reason())) << diary.reason();
  broker.AwaitConnections(2);
}

void FlushAndClose() {
  constexpr int kMessages = 500;
  const World world;
  Diary diary;
  const auto subscriber = world.Connect();
  const auto client = world.Connect(diary.events());
  ASSERT_TRUE(subscriber && client);
  const auto pull = subscriber->Subscribe("#");
  ASSERT_TRUE(pull.ok());
  for (int i = 0; i < kMessages; ++i) ASSERT_TRUE(client->Publish("a", base::StrCat(i)).ok());
  EXPECT_TRUE(client->Flush(kPatience).ok());
  EXPECT_EQ(client->outgoing_bytes(), 0U);
  ASSERT_TRUE(client->Publish("a", base::StrCat(kMessages)).ok());
  EXPECT_TRUE(client->Close(kPatience).ok());
  for (int i = 0; i <= kMessages; ++i) {
    const auto message = (*pull)->Receive(kPatience);
    ASSERT_TRUE(message.ok()) << message.status();
    EXPECT_EQ(message->payload, base::StrCat(i));
  }
  EXPECT_TRUE(diary.Await("closed"));
  EXPECT_TRUE(diary.reason().ok()) << diary.reason();
  EXPECT_TRUE(absl::IsFailedPrecondition(client->Publish("a", "late")));
  EXPECT_TRUE(client->Close(kPatience).ok());
}

void Tcp() {
  const World world;
  const auto client = world.Connect();
  ASSERT_NE(client, nullptr);
  ExpectEcho(*client);
}

void Unix() {
  const tests::SocketPath path;
  app::BrokerOptions broker;
  broker.server.listen = {"unix:" + path.path()};
  const World world(broker);
  const auto client = World::Connect({.address = "unix:" + path.path()});
  ASSERT_NE(client, nullptr);
  ExpectEcho(*client);
}

}  // namespace esockets::client::scenarios

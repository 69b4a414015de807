// A broker with thousands of clients is restarted: each is told a time of its own, comes back at
// that time with its ticket and its position in one packet, and misses nothing of its stream.
// Nobody is authenticated again.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/histogram.h"
#include "base/strings.h"
#include "broker/local_authenticator.h"
#include "broker/resume_tickets.h"
#include "broker/stream_rules.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "server/event_loop.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"

namespace esockets::tests {
namespace {

using broker::CloseCode;

// A sanitizer makes each step slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kClients = 1'000;
#else
constexpr size_t kClients = 5'000;
#endif
constexpr uint32_t kPerSecond = 2'000;

// Counts whom it is asked about.
class AskedAuthenticator final : public broker::Authenticator {
 public:
  AskedAuthenticator() { users_.AddPassword("fleet", "secret", false); }
  bool open() const override { return false; }
  broker::Identity Describe(std::string_view user) const override { return users_.Describe(user); }
  std::optional<broker::Identity> Recall(broker::Identity identity) const override {
    return users_.Recall(std::move(identity));
  }
  void Authenticate(const broker::Credentials& credentials, const broker::AuthPlace& place,
                    Done done) const override {
    ++asked_;
    users_.Authenticate(credentials, place, std::move(done));
  }
  uint64_t asked() const { return asked_; }

 private:
  broker::LocalAuthenticator users_;
  mutable std::atomic<uint64_t> asked_{0};
};

struct FleetClient {
  std::string id;
  std::unique_ptr<NativePeer> peer{};
  std::string ticket{};
  uint32_t retry_after_ms = 0;
  uint64_t position = 0;
  uint64_t epoch = 0;
};

class Restart : public BrokerFixture {
 protected:
  app::BrokerOptions Options(int port) const {
    app::BrokerOptions options = DefaultOptions();
    options.server.port = port;
    options.settings.authenticator = users_;
    options.settings.tickets = tickets_;
    options.settings.limits.reconnects_per_second = kPerSecond;
    options.settings.streams.push_back({.name = "room", .filter = "room/#"});
    return options;
  }
  static ClientFrame Hello(const FleetClient& client) {
    ClientFrame frame = ConnectFrame(client.id);
    Connect& connect = *frame.mutable_connect();
    if (client.ticket.empty()) {
      connect.set_user("fleet");
      connect.set_password("secret");
    }
    connect.set_resume(client.ticket);
    return frame;
  }
  static ClientFrame SubscribeBehind(const FleetClient& client) {
    ClientFrame frame = SubscribeFrame(1, "room/#");
    if (client.ticket.empty()) return frame;
    Subscribe& subscribe = *frame.mutable_subscribe();
    subscribe.set_start(START_AFTER_POSITION);
    subscribe.set_start_at(client.position);
    subscribe.set_start_epoch(client.epoch);
    return frame;
  }
  // Everything in one packet.
  void ComeIn(FleetClient* client) {
    client->peer = std::make_unique<NativePeer>(
        address(), PeerOptions{.source = base::StrCat("127.0.0.", 1 + client->id.back() % 8)});
    NativePeer& peer = *client->peer;
    ASSERT_TRUE(peer.SendRaw(Framed(Hello(*client)) + Framed(SubscribeBehind(*client))));
    const std::optional<ServerFrame> connected = peer.Receive();
    ASSERT_TRUE(connected && connected->has_connected()) << client->id;
    client->ticket = connected->connected().ticket();
    const std::optional<ServerFrame> subscribed = peer.Receive();
    ASSERT_TRUE(subscribed && subscribed->has_subscribed()) << client->id;
    client->epoch = subscribed->subscribed().stream().epoch();
    client->position = subscribed->subscribed().stream().position();
  }
  // The messages behind its position, one after the other.
  void ExpectMessages(FleetClient* client, uint64_t last) {
    NativePeer& peer = *client->peer;
    while (client->position < last) {
      const std::optional<ServerFrame> frame = peer.Receive();
      ASSERT_TRUE(frame && frame->has_message()) << client->id;
      ASSERT_EQ(frame->message().position(), ++client->position) << client->id;
    }
  }
  // Is told to leave, and does.
  void Leave(FleetClient* client) {
    NativePeer& peer = *client->peer;
    const std::optional<ServerFrame> go_away = peer.Receive();
    ASSERT_TRUE(go_away && go_away->has_go_away()) << client->id;
    ASSERT_FALSE(go_away->go_away().ticket().empty());
    client->ticket = go_away->go_away().ticket();
    client->retry_after_ms = go_away->go_away().retry_after_ms();
    const std::optional<ServerFrame> close = peer.Receive();
    ASSERT_TRUE(close && close->has_close());
    EXPECT_EQ(close->close().code(), static_cast<uint32_t>(CloseCode::kShuttingDown));
    EXPECT_EQ(close->close().retry_after_ms(), client->retry_after_ms) << "it says the same";
    EXPECT_TRUE(peer.ReceiveEnd());
    client->peer.reset();
  }
  void PublishOne() {
    ASSERT_TRUE(publisher_->Send(PublishFrame("room/1", "hello", publisher_->NextId())));
    ASSERT_TRUE(publisher_->Receive()->has_published());
    ++published_;
  }
  void OpenPublisher() {
    publisher_ = std::make_unique<NativePeer>(address());
    ClientFrame hello = ConnectFrame("publisher");
    hello.mutable_connect()->set_user("fleet");
    hello.mutable_connect()->set_password("secret");
    ASSERT_TRUE(publisher_->Send(hello));
    ASSERT_TRUE(publisher_->Receive()->has_connected());
    published_ = 0;
  }
  base::TimePoint LoopTime() {
    base::TimePoint now;
    OnLoop([this, &now] {
      server::EventLoop& loop = broker().server().loop(0);
      loop.AssertOnLoop();
      now = loop.TurnTime();
    });
    return now;
  }
  // In no tenth of a second more than may come, and the last one when the rate allows. Each time is
  // told from when it is told on: within `drained_ms`.
  void ExpectSpread(uint32_t drained_ms) {
    std::vector<uint32_t> of_tenths(300);
    uint32_t last_ms = 0;
    for (const FleetClient& client : fleet_) {
      last_ms = std::max(last_ms, client.retry_after_ms);
      ++of_tenths[client.retry_after_ms / 100];
    }
    EXPECT_GE(last_ms + drained_ms + 1, (kClients - 1) * 1000 / kPerSecond);
    EXPECT_LE(*std::ranges::max_element(of_tenths), kPerSecond * (100 + drained_ms) / 1000 + 1);
    std::cout << kClients << " clients were told, within " << drained_ms
              << " ms, to come back within " << last_ms << " ms\n";
  }

  // As the histogram knows it.
  uint64_t LongestTurnUs() {
    const base::Histogram& turns = broker().server().loop(0).metrics().turn_us;
    size_t bucket = base::Histogram::kBuckets;
    while (bucket > 1 && turns.count_in(bucket - 1) == 0) --bucket;
    return base::Histogram::UpperBound(bucket - 1);
  }

  std::shared_ptr<AskedAuthenticator> users_ = std::make_shared<AskedAuthenticator>();
  std::shared_ptr<const broker::ResumeTickets> tickets_ =
      std::make_shared<const broker::ResumeTickets>(broker::TicketKeys::Random(),
                                                    std::chrono::hours(1));
  std::vector<FleetClient> fleet_;
  std::unique_ptr<NativePeer> publisher_;
  uint64_t published_ = 0;
};

TEST_F(Restart, AllComeBackAtTheirTimeAndMissNothing) {
  Start(Options(0));
  ASSERT_NO_FATAL_FAILURE(OpenPublisher());
  for (size_t i = 0; i < kClients; ++i) {
    FleetClient client{.id = base::StrCat("fleet-", i)};
    ASSERT_NO_FATAL_FAILURE(ComeIn(&client));
    fleet_.push_back(std::move(client));
  }
  for (int i = 0; i < 3; ++i) ASSERT_NO_FATAL_FAILURE(PublishOne());
  for (FleetClient& client : fleet_) ASSERT_NO_FATAL_FAILURE(ExpectMessages(&client, published_));

  const int port = address().port();
  const base::TimePoint drain_begin = LoopTime();
  std::thread draining([this] { broker().Drain(kPatience); });
  for (FleetClient& client : fleet_) {
    Leave(&client);
    if (HasFatalFailure()) break;
  }
  const base::Duration drained = base::SystemClock().Now() - drain_begin;
  publisher_.reset();
  draining.join();
  ASSERT_FALSE(HasFatalFailure());
  ASSERT_NO_FATAL_FAILURE(ExpectSpread(static_cast<uint32_t>(base::Millis(drained)) + 1));

  Start(Options(port));
  ASSERT_NO_FATAL_FAILURE(OpenPublisher());
  const uint64_t asked = users_->asked();
  const std::string used = fleet_[0].ticket;
  std::ranges::stable_sort(fleet_, {}, &FleetClient::retry_after_ms);
  for (size_t i = 0; i < fleet_.size(); ++i) {
    if (i % 1000 == 0) PublishOne();
    ASSERT_NO_FATAL_FAILURE(ComeIn(&fleet_[i]));
  }
  ASSERT_NO_FATAL_FAILURE(PublishOne());
  for (FleetClient& client : fleet_) ASSERT_NO_FATAL_FAILURE(ExpectMessages(&client, published_));

  EXPECT_EQ(users_->asked(), asked) << "their tickets were enough";
  OnLoop([this] {
    broker::Metrics& metrics = const_cast<broker::Metrics&>(broker().metrics());
    EXPECT_EQ(metrics.of(broker::TicketOutcome::kTaken).value(), kClients);
  });
  std::cout << "of the loop's turns since then all took at most " << LongestTurnUs() << " us\n";
  // What was used once is nothing any more.
  NativePeer thief = Peer();
  ASSERT_TRUE(thief.Send(Hello({.id = "fleet-0", .ticket = used})));
  EXPECT_EQ(ExpectClose(thief, CloseCode::kNotAuthenticated), "the ticket was used before");
}

}  // namespace
}  // namespace esockets::tests

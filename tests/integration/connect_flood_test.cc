// Somebody makes connections as fast as it can, or keeps as many as it gets: those who are
// connected notice nothing, and others still come in.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "broker/errors.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "server/socket_address.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"

namespace esockets {
namespace {

using broker::CloseCode;
using tests::NativePeer;

constexpr int kGoodClients = 100;
constexpr int kConnects = 2000;
constexpr uint32_t kPerSecond = 50;

class ConnectFlood : public tests::BrokerFixture {
 protected:
  static app::BrokerOptions WithQuotas(const server::ListenerQuota& quota) {
    app::BrokerOptions options = DefaultOptions();
    options.admission.of_listeners = {quota};
    return options;
  }
  // From another address than everybody else. True: it is let in.
  bool ComesIn(NativePeer& peer) {
    peer.Send(tests::ConnectFrame());
    const std::optional<ServerFrame> answer = peer.Receive();
    if (!answer) return false;
    if (answer->has_connected()) return true;
    EXPECT_EQ(answer->close().code(), static_cast<uint32_t>(CloseCode::kTooManyClients));
    EXPECT_TRUE(answer->close().detail().ends_with("from one address")) << answer->close().detail();
    ++refused_;
    return false;
  }
  // Each of them gets what one publishes.
  void ExpectAllServed(std::vector<NativePeer>& clients, std::string_view payload) {
    clients[0].Send(tests::PublishFrame("news", payload));
    for (NativePeer& client : clients) {
      const std::optional<ServerFrame> frame = client.Receive();
      ASSERT_TRUE(frame);
      ASSERT_EQ(frame->message().payload(), payload);
    }
  }

  uint64_t refused_ = 0;
};

TEST_F(ConnectFlood, TwoThousandConnectsBesideAHundredGoodClients) {
  StartWithBystanders(
      WithQuotas({.connects_per_second_per_address_max = kPerSecond + kGoodClients}));
  std::vector<NativePeer> good;
  for (int i = 0; i < kGoodClients; ++i) {
    good.push_back(ConnectedPeer(base::StrCat("good-", i)));
    ASSERT_TRUE(good.back().Subscribe("news"));
  }
  const base::SystemClock clock;
  const base::TimePoint began = clock.Now();
  uint64_t let_in = 0;
  for (int i = 0; i < kConnects; ++i) {
    NativePeer peer = Peer({.source = "127.0.0.2"});
    if (ComesIn(peer)) ++let_in;
    if (i % 200 == 0) ExpectAllServed(good, base::StrCat("number ", i));
  }
  const double elapsed_s = std::chrono::duration<double>(clock.Now() - began).count();
  const double bound = (kPerSecond + kGoodClients) * (1 + elapsed_s) + 1;
  EXPECT_LE(static_cast<double>(let_in), bound);
  EXPECT_GE(let_in, uint64_t{kPerSecond}) << "a burst comes in";
  EXPECT_EQ(let_in + refused_, uint64_t{kConnects}) << "each is told";
  EXPECT_EQ(Count(CloseCode::kTooManyClients), refused_);
  EXPECT_TRUE(ConnectedPeer("newcomer", {.source = "127.0.0.3"}).Ping()) << "from elsewhere";
  RecordProperty("let_in", static_cast<int>(let_in));
}

// Who comes too fast to one listener waits in the kernel, and comes in; the other one knows nothing
// of it.
TEST_F(ConnectFlood, ListenersHaveRatesOfTheirOwn) {
  app::BrokerOptions options = WithQuotas({.connects_per_second_max = 1});
  options.server.listen = {"127.0.0.1:0", "127.0.0.1:0"};
  Start(options);
  const std::vector<server::SocketAddress> listeners = broker().server().addresses();
  std::vector<NativePeer> slow;
  for (int i = 0; i < 2; ++i) {
    slow.emplace_back(listeners[0]);
    slow.back().Send(tests::ConnectFrame(base::StrCat("slow-", i)));
  }
  for (int i = 0; i < 20; ++i) {
    NativePeer other(listeners[1]);
    EXPECT_TRUE(ComesIn(other));
  }
  for (NativePeer& peer : slow) {
    const std::optional<ServerFrame> answer = peer.Receive();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->has_connected());
  }
  NativePeer asker(listeners[1]);
  EXPECT_TRUE(ComesIn(asker));
  admin::Limits limits;
  ASSERT_TRUE(limits.ParseFromString(asker.Ask("$SYS/limits", "").value_or("\xFF")));
  const auto reached = [&limits](const server::SocketAddress& listener) {
    const auto found = std::ranges::find_if(limits.limits(), [&](const admin::Limit& limit) {
      return limit.scope() == "listener " + listener.ToString() &&
             limit.name() == "connects_per_second_max";
    });
    return found == limits.limits().end() ? ~uint64_t{0} : found->reached_total();
  };
  EXPECT_GE(reached(listeners[0]), 1U);
  EXPECT_EQ(reached(listeners[1]), 0U);
}

TEST_F(ConnectFlood, WhoKeepsAllItsConnectionsKeepsNobodyOut) {
  StartWithBystanders(WithQuotas({.connections_per_address_max = 20}));
  std::vector<NativePeer> kept;
  uint64_t let_in = 0;
  for (int i = 0; i < 100; ++i) {
    kept.push_back(Peer({.source = "127.0.0.2"}));
    if (ComesIn(kept.back())) ++let_in;
  }
  EXPECT_EQ(let_in, 20U);
  EXPECT_EQ(refused_, 80U);
  EXPECT_TRUE(ConnectedPeer("newcomer").Ping());
  // A place that becomes free is taken again.
  kept[0].Disappear();
  ASSERT_TRUE(WaitUntil([this] { return broker().server().open_clients() == 2 + 20 - 1; }));
  NativePeer next = Peer({.source = "127.0.0.2"});
  EXPECT_TRUE(ComesIn(next));
}

// Who sends faster than it may is read from later, by bytes as by messages: nothing is lost.
TEST_F(ConnectFlood, WhoSendsTooFastWaits) {
  app::BrokerOptions options = DefaultOptions();
  options.settings.limits.rates.bytes_in_per_second_max = 1'000'000;
  StartWithBystanders(options);
  NativePeer subscriber = ConnectedPeer("subscriber"), publisher = ConnectedPeer("publisher");
  ASSERT_TRUE(subscriber.Subscribe("news"));
  const std::string payload(100'000, 'x');
  for (int i = 0; i < 15; ++i) publisher.Send(tests::PublishFrame("news", payload));
  for (int i = 0; i < 15; ++i) ASSERT_EQ(subscriber.Receive()->message().payload(), payload);
  OnLoop([this] { EXPECT_GE(broker().metrics().input_pauses_total.value(), 1U); });
}

}  // namespace
}  // namespace esockets

// A broker of four loops on real threads and sockets: what is promised between loops.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "broker/errors.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"

namespace esockets::tests {
namespace {

constexpr int kLoops = 4;

class Loops : public BrokerFixture {
 protected:
  static app::BrokerOptions FourLoops() {
    app::BrokerOptions options = DefaultOptions();
    options.server.loops = kLoops;
    return options;
  }
  // Connections go to the loop with the fewest: as many peers are on as many loops.
  std::vector<NativePeer> OneOnEachLoop(std::string_view name) {
    std::vector<NativePeer> peers;
    peers.reserve(kLoops);
    for (int i = 0; i < kLoops; ++i) peers.push_back(ConnectedPeer(base::StrCat(name, i)));
    return peers;
  }
};

TEST_F(Loops, EveryMessageReachesEverySubscriberOnceAndInItsPublishersOrder) {
  constexpr int kMessages = 2000;
  Start(FourLoops());
  std::vector<NativePeer> subscribers = OneOnEachLoop("subscriber");
  const std::string_view filters[] = {"t/#", "t/+", "t/#", "+/+"};
  for (int i = 0; i < kLoops; ++i) ASSERT_TRUE(subscribers[i].Subscribe(filters[i]));
  ASSERT_TRUE(subscribers[0].Subscribe("t/0")) << "a second filter that matches";
  std::vector<NativePeer> publishers = OneOnEachLoop("publisher");
  std::vector<std::thread> threads;
  threads.reserve(size_t{2} * kLoops);
  for (int i = 0; i < kLoops; ++i) {
    threads.emplace_back([i, &publisher = publishers[i]] {
      for (int m = 0; m < kMessages; ++m) {
        ASSERT_TRUE(publisher.Send(PublishFrame(base::StrCat("t/", i), std::to_string(m))));
      }
      EXPECT_TRUE(publisher.Ping());
    });
    threads.emplace_back([&subscriber = subscribers[i]] {
      std::map<std::string, int> next;  // by topic
      for (int m = 0; m < kLoops * kMessages; ++m) {
        const auto frame = subscriber.Receive();
        ASSERT_TRUE(frame && frame->has_message());
        int& expected = next[frame->message().topic()];
        ASSERT_EQ(frame->message().payload(), std::to_string(expected++))
            << frame->message().topic();
      }
      EXPECT_TRUE(subscriber.Ping()) << "and no more";
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Loops, NothingPublishedAfterSubscribedIsMissed) {
  Start(FourLoops());
  std::vector<NativePeer> publishers = OneOnEachLoop("publisher");
  std::vector<NativePeer> subscribers = OneOnEachLoop("subscriber");
  for (int round = 0; round < 200; ++round) {
    const std::string topic = base::StrCat("round/", round);
    NativePeer& subscriber = subscribers[static_cast<size_t>(round % kLoops)];
    ASSERT_TRUE(subscriber.Subscribe(round % 3 == 0 ? base::StrCat("+/", round) : topic));
    for (NativePeer& publisher : publishers) {
      ASSERT_TRUE(publisher.Send(PublishFrame(topic, "x")));
    }
    for (int i = 0; i < kLoops; ++i) {
      const auto frame = subscriber.Receive();
      ASSERT_TRUE(frame && frame->has_message()) << "round " << round;
      EXPECT_EQ(frame->message().topic(), topic);
    }
  }
}

TEST_F(Loops, AClientIdHasOneSessionWhereverItsConnectionsAre) {
  constexpr int kRivals = 4;
  constexpr int kRounds = 50;
  Start(FourLoops());
  std::vector<std::thread> threads;
  threads.reserve(kRivals);
  for (int i = 0; i < kRivals; ++i) {
    threads.emplace_back([this] {
      for (int round = 0; round < kRounds; ++round) {
        NativePeer peer = Peer();
        const auto answer = peer.Connect("the same");
        ASSERT_TRUE(answer && (answer->has_connected() || answer->has_close()));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  NativePeer administrator = ConnectedPeer("administrator");
  NativePeer last = ConnectedPeer("the same");
  EXPECT_EQ(Look(administrator, "the same").client_id(), "the same");
  admin::Info info;
  ASSERT_TRUE(info.ParseFromString(administrator.Ask("$SYS/info", "").value_or("")));
  EXPECT_EQ(info.clients(), 2u);
  EXPECT_EQ(info.loop_size(), kLoops);
}

TEST_F(Loops, LimitsAreThoseOfTheWholeBroker) {
  app::BrokerOptions options = FourLoops();
  options.settings.limits.clients_max = 5;
  Start(options);
  std::vector<NativePeer> peers = OneOnEachLoop("peer");
  peers.push_back(ConnectedPeer("fifth"));
  NativePeer sixth = Peer();
  const auto answer = sixth.Connect("sixth");
  ASSERT_TRUE(answer && answer->has_close());
  EXPECT_EQ(answer->close().code(), static_cast<uint32_t>(broker::CloseCode::kTooManyClients));
}

}  // namespace
}  // namespace esockets::tests

// Why a client is slow, over real sockets: each cause is made to happen, and the ledger must name
// it, when asked and as an event, and keep to it.
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "server/socket_address.h"
#include "server/unique_fd.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/narrow_path.h"
#include "tests/support/native_peer.h"
#include "tests/support/slow_watch.h"
#include "tests/support/socket_path.h"

namespace esockets::tests {
namespace {

// Does one thing again and again on a thread of its own, until this dies.
class Again {
 public:
  explicit Again(std::function<void()> what)
      : thread_([this, what = std::move(what)] {
          while (!stopping_) what();
        }) {}
  Again(const Again&) = delete;
  Again& operator=(const Again&) = delete;
  ~Again() {
    stopping_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// Reads as fast as it can, until this dies.
class EagerReader {
 public:
  explicit EagerReader(NativePeer peer)
      : peer_(std::move(peer)), thread_([this] {
          while (peer_.Receive()) {
          }
        }) {}
  EagerReader(const EagerReader&) = delete;
  EagerReader& operator=(const EagerReader&) = delete;
  ~EagerReader() {
    ::shutdown(peer_.fileno(), SHUT_RDWR);
    thread_.join();
  }

 private:
  NativePeer peer_;
  std::thread thread_;
};

// 200 KB for the subscriber.
const std::string& Load() {
  static const std::string frames = [] {
    std::string all;
    for (int i = 0; i < 20; ++i) all += Framed(PublishFrame("load", std::string(10'000, 'x'), 0));
    return all;
  }();
  return frames;
}

NativePeer UnixPeer(const std::string& path) {
  NativePeer peer(server::UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  peer.Open(*server::SocketAddress::Parse("unix:" + path));
  return peer;
}

class SlowCauses : public BrokerFixture {
 protected:
  // Before there is any load: nothing of what comes is missed.
  void Listen() {
    publisher_ = ConnectedPeer();
    administrator_ = ConnectedPeer();
    listener_ = ConnectedPeer();
    ASSERT_TRUE(listener_.Subscribe("$SYS/slow"));
  }

  NativePeer Subscriber(const PeerOptions& options = {}) {
    return Subscribed(ConnectedPeer("slow", options));
  }
  static NativePeer Subscribed(NativePeer peer) {
    EXPECT_TRUE(peer.Subscribe("load"));
    return peer;
  }

  // Loads the subscriber until the ledger has judged it several times: always alike. Returns the
  // last.
  admin::SlowClient ExpectVerdict(
      std::string_view verdict, const std::function<void()>& meanwhile = [] {}) {
    constexpr uint64_t kSlowMillis = 4'600;
    const std::vector<admin::SlowClient> shown =
        WatchSlow(administrator_, "slow", kSlowMillis, [&] {
          EXPECT_TRUE(publisher_.SendRaw(Load()));
          EXPECT_TRUE(publisher_.Ping());
          meanwhile();
        });
    for (const admin::SlowClient& one : shown) {
      if (one.verdict() == "unknown") continue;
      EXPECT_EQ(one.verdict(), verdict) << one.evidence().text();
    }
    const admin::SlowClient told = NextSlowEvent(listener_);
    EXPECT_EQ(told.client_id(), "slow");
    EXPECT_EQ(told.verdict(), verdict) << told.evidence().text();
    EXPECT_GE(told.evidence().window_ms(), 1'000U);
    return shown.empty() ? admin::SlowClient() : shown.back();
  }

  NativePeer publisher_;
  NativePeer administrator_;
  NativePeer listener_;
};

TEST_F(SlowCauses, AReaderThatHasStopped) {
  StartWithBystanders();
  Listen();
  NativePeer reader = Subscriber();
  const admin::SlowClient shown = ExpectVerdict("reader");
  EXPECT_EQ(shown.transport(), "tcp");
  EXPECT_GE(shown.evidence().receive_window_percent(), 90U);
  EXPECT_TRUE(shown.behind());
  EXPECT_GT(shown.backlog_messages(), 0U);
  EXPECT_GT(shown.send_queue_bytes(), 0U);
  EXPECT_GE(shown.kernel_unacked_bytes(), shown.kernel_unsent_bytes());
  EXPECT_GT(shown.oldest_ms(), 1'000U);
  const EagerReader catches_up(std::move(reader));
  const admin::SlowClient told = NextSlowEvent(listener_);
  EXPECT_EQ(told.client_id(), "slow");
  EXPECT_EQ(told.verdict(), "caught_up");
  EXPECT_EQ(told.slow_ms(), 0U);
  EXPECT_GE(told.slow_ms_total(), 4'600U);
}

TEST_F(SlowCauses, AReaderThatReadsTooLittle) {
  StartWithBystanders();
  Listen();
  NativePeer reader = Subscriber();
  ExpectVerdict("reader", [&] { EXPECT_TRUE(reader.Receive()); });
}

TEST_F(SlowCauses, AReaderWithASmallBufferThatReadsTooLittle) {
  StartWithBystanders();
  Listen();
  NativePeer reader = Subscriber({.receive_buffer_bytes = 16 * 1024});
  ExpectVerdict("reader", [&] { EXPECT_TRUE(reader.Receive()); });
}

TEST_F(SlowCauses, AReaderOnAUnixSocket) {
  const SocketPath path;
  app::BrokerOptions options = DefaultOptions();
  options.server.listen = {"127.0.0.1:0", base::StrCat("unix:", path.path())};
  StartWithBystanders(options);
  Listen();
  NativePeer reader = UnixPeer(path.path());
  ASSERT_TRUE(reader.Connect("slow"));
  reader = Subscribed(std::move(reader));
  const admin::SlowClient shown = ExpectVerdict("reader");
  EXPECT_EQ(shown.transport(), "unix");
  EXPECT_TRUE(shown.behind());
  EXPECT_GT(shown.send_queue_bytes(), 0U);
  EXPECT_GT(shown.kernel_unsent_bytes(), 0U);
  const admin::Evidence& evidence = shown.evidence();
  EXPECT_EQ(evidence.busy_percent() + evidence.acked_bytes() + evidence.segments() +
                evidence.rtt_us() + evidence.receive_window_percent(),
            0U)
      << "there is no network";
}

// Sixteen publishers in a hurry, and a kernel that takes little at a time: between two turns of
// the loop the reader has read all that it was given, and waits.
TEST_F(SlowCauses, ABrokerWhoseLoopIsBusyWithSomethingElse) {
  Start();
  Listen();
  const EagerReader reader(Subscriber({.receive_buffer_bytes = 64 * 1024}));
  std::deque<Again> publishers;
  for (int i = 0; i < 16; ++i) {
    publishers.emplace_back([publisher = std::make_shared<NativePeer>(ConnectedPeer())] {
      ASSERT_TRUE(publisher->SendRaw(Load()));
    });
  }
  const Again busy([this] {
    OnLoop([] {
      const base::SystemClock clock;
      const base::TimePoint end = clock.Now() + std::chrono::milliseconds(150);
      while (clock.Now() < end) {
      }
    });
  });
  const admin::SlowClient shown = ExpectVerdict("broker");
  EXPECT_GE(shown.evidence().loop_lag_us(), 50'000U);
}

class SlowPaths : public SlowCauses, public testing::WithParamInterface<std::string> {
 protected:
  // Of an eager reader at the other end of such a way.
  void ExpectVerdictBehind(const std::string& queue, std::string_view verdict) {
    path_.emplace(NarrowPath::Options{.queue = queue, .congestion_control = GetParam()});
    if (!path_->why_not().empty()) GTEST_SKIP() << path_->why_not();
    const NarrowPath::Stay at_broker = path_->AtBroker();
    app::BrokerOptions options = DefaultOptions();
    options.server.host = std::string(NarrowPath::kBrokerHost);
    StartWithBystanders(options);
    Listen();
    const EagerReader reader([&] {
      const NarrowPath::Stay at_client = path_->AtClient();
      return Subscriber();
    }());
    ExpectVerdict(verdict);
  }

 private:
  std::optional<NarrowPath> path_;  // outlives the broker: its address goes with the way
};

TEST_P(SlowPaths, ANetworkThatLosesSegmentsAllTheTime) {
  ExpectVerdictBehind("tbf rate 8mbit burst 10k limit 12k", "network");
}

// A second without any loss follows a second with many.
TEST_P(SlowPaths, ANetworkThatLosesSegmentsNowAndThen) {
  ExpectVerdictBehind("tbf rate 8mbit burst 70k limit 80k", "network");
}

TEST_P(SlowPaths, ABandwidthThatIsTooSmall) {
  ExpectVerdictBehind("tbf rate 8mbit burst 70k limit 8m", "bandwidth");
}

INSTANTIATE_TEST_SUITE_P(CongestionControls, SlowPaths, testing::Values("reno", "bbr"),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace esockets::tests

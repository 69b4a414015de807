// A storm of TLS handshakes beside a client that is connected: it goes on being served, and the
// test prints how long its questions took. What that costs exactly is for `./dev bench tls`.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/tls/server_context.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"
#include "tests/support/test_authority.h"
#include "tests/support/tls_peer.h"

namespace esockets::tests {
namespace {

constexpr int kThreads = 4;
constexpr int kHandshakesOfEach = 100;
constexpr size_t kPingsAlone = 200;
// One at least for each of so many handshakes: if those came first, there would be none.
constexpr size_t kHandshakesPerPing = 10;

class TlsStorm : public BrokerFixture {
 protected:
  void StartEncrypted() {
    const IssuedCertificate issued = authority_.Issue(LoopbackServer());
    auto context = tls::ServerContext::Load(
        {.certificates = {{issued.chain_file, issued.key_file}}}, tls::TicketKeys::OfProcess());
    ASSERT_TRUE(context.ok()) << context.status();
    app::BrokerOptions options = DefaultOptions();
    options.server.listen = {"127.0.0.1:0", "127.0.0.1:0"};
    options.protocols = {{.tls = std::make_shared<tls::LiveContext>(*context)}, {}};
    Start(std::move(options));
  }

  static double PingMicros(NativePeer& peer) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(peer.Ping());
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
        .count();
  }

  static void Print(const char* when, std::vector<double> micros) {
    std::sort(micros.begin(), micros.end());
    std::printf("%s: %zu pings, p50 %.0f us, p99 %.0f us, max %.0f us\n", when, micros.size(),
                micros[micros.size() / 2], micros[micros.size() * 99 / 100], micros.back());
  }

  TestAuthority authority_;
};

TEST_F(TlsStorm, WhoIsConnectedGoesOnBeingServed) {
  StartEncrypted();
  NativePeer established(broker().server().addresses()[1]);
  ASSERT_TRUE(established.Connect().has_value());
  std::vector<double> alone;
  while (alone.size() < kPingsAlone) alone.push_back(PingMicros(established));

  std::atomic<int> threads_left{kThreads};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kHandshakesOfEach; ++n) {
        const TlsPeer peer(address(), {.ca_file = authority_.ca_file()});
        EXPECT_TRUE(peer.ok()) << peer.error();
      }
      --threads_left;
    });
  }
  std::vector<double> beside;
  while (threads_left > 0) beside.push_back(PingMicros(established));
  for (std::thread& thread : threads) thread.join();

  Print("alone", alone);
  Print("beside a storm of handshakes", beside);
  EXPECT_GE(beside.size(), size_t{kThreads} * kHandshakesOfEach / kHandshakesPerPing);
  // A client is done with its last word, and the broker when that has its turn.
  const auto& handshakes = broker().server().loop(0).metrics().tls_handshakes_total;
  EXPECT_TRUE(
      WaitUntil([&] { return handshakes.value() == uint64_t{kThreads} * kHandshakesOfEach; }));
}

}  // namespace
}  // namespace esockets::tests

#include "server/tls/live_context.h"

#include <atomic>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "gtest/gtest.h"
#include "tests/support/test_authority.h"

namespace esockets::tls {
namespace {

using Context = std::shared_ptr<const ServerContext>;

class LiveContextTest : public testing::Test {
 protected:
  Context Load() {
    const auto issued = authority.Issue(tests::LoopbackServer());
    auto loaded =
        ServerContext::Load({.certificates = {{issued.chain_file, issued.key_file}}}, keys);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return *loaded;
  }

  tests::TestAuthority authority;
  base::SystemClock clock;
  std::shared_ptr<TicketKeys> keys = std::make_shared<TicketKeys>(&clock);
};

TEST_F(LiveContextTest, TheNextConnectionGetsTheNewOne) {
  const Context first = Load(), second = Load();
  LiveContext live(first);
  EXPECT_EQ(live.Get(), first);
  live.Replace(second);
  EXPECT_EQ(live.Get(), second);
  EXPECT_EQ(live.Get(), second);
}

TEST_F(LiveContextTest, AnOldOneLivesAsLongAsItsConnections) {
  Context first = Load();
  const std::weak_ptr<const ServerContext> watched = first;
  LiveContext live(std::move(first));
  Context connected = live.Get();
  live.Replace(Load());
  EXPECT_FALSE(watched.expired());
  EXPECT_NE(connected->NewSsl(), nullptr);
  connected.reset();
  EXPECT_TRUE(watched.expired());
}

TEST_F(LiveContextTest, ReplacedWhileOthersGet) {
  const std::vector<Context> all = {Load(), Load(), Load()};
  LiveContext live(all[0]);
  std::atomic<bool> done = false;
  std::atomic<int> strange = 0;
  std::atomic<uint64_t> gets = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        const Context got = live.Get();
        if (got != all[0] && got != all[1] && got != all[2]) ++strange;
        got->NewSsl();
        ++gets;
      }
    });
  }
  for (size_t i = 0; i < 10'000 || gets < 1000; ++i) live.Replace(all[i % all.size()]);
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(strange, 0);
  // Nobody has kept one.
  live.Replace(nullptr);
  for (const Context& context : all) EXPECT_EQ(context.use_count(), 1);
}

}  // namespace
}  // namespace esockets::tls

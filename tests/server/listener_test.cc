#include "server/listener.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/sockets.h"
#include "tests/support/fake_socket_api.h"
#include "tests/support/loop_runner.h"
#include "tests/support/socket_path.h"
#include "tests/support/test_client.h"
#include "tests/support/wrapped_calls.h"

namespace esockets::server {
namespace {

using tests::FakeSocketApi;
using tests::LoopRunner;
using tests::TestClient;

class ListenerTest : public testing::Test {
 protected:
  void Listen(const std::string& text) {
    const SocketAddress asked = *SocketAddress::Parse(text);
    auto fd = ListenOn(asked, 512, {});
    ASSERT_TRUE(fd.ok()) << fd.status();
    const SocketAddress bound = LocalAddress(fd->get(), asked);
    runner.Do([&] {
      runner.loop().AssertOnLoop();
      listener = std::make_unique<Listener>(
          &runner.loop(), *std::move(fd), bound,
          Listener::Callbacks{
              .room =
                  [this] {
                    return Admission::Room{.connections = room.exchange(64),
                                           .pause = std::chrono::milliseconds(1)};
                  },
              .why_refuse = [this](const SocketAddress&) -> std::optional<std::string> {
                if (may_accept) return std::nullopt;
                return "full";
              },
              .on_accept =
                  [this](UniqueFd accepted, const SocketAddress&) {
                    const std::lock_guard lock(mutex);
                    fds.push_back(std::move(accepted));
                    changed.notify_all();
                  },
              .on_warning =
                  [this](std::string_view warning) {
                    const std::lock_guard lock(mutex);
                    warnings.emplace_back(warning);
                    changed.notify_all();
                  },
              .on_refuse = [](std::string_view why) { return base::StrCat("no place: ", why); }});
      listener->Start();
    });
  }
  void TearDown() override {
    runner.Do([&] {
      runner.loop().AssertOnLoop();
      if (listener) listener->Stop();
    });
  }
  void WaitForAccepted(size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return fds.size() >= count; });
  }
  void WaitForWarning() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return !warnings.empty(); });
  }

  FakeSocketApi api;
  std::unique_ptr<Listener> listener;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<UniqueFd> fds;          // guarded by mutex
  std::vector<std::string> warnings;  // guarded by mutex
  std::atomic<bool> may_accept{true};
  std::atomic<int> room{64};                // of the next look; then there is room again
  LoopRunner runner{{.socket_api = &api}};  // its thread ends first
};

TEST_F(ListenerTest, AcceptsMoreThanABatch) {
  Listen("127.0.0.1:0");
  std::vector<TestClient> clients;
  clients.reserve(size_t{3} * kAcceptsPerTurnMax);
  for (int i = 0; i < 3 * kAcceptsPerTurnMax; ++i) clients.emplace_back(listener->address());
  WaitForAccepted(clients.size());
}

TEST_F(ListenerTest, OverTheQuotaIsToldAndClosed) {
  Listen("[::1]:0");
  may_accept = false;
  TestClient refused(listener->address());
  EXPECT_EQ(refused.ReceiveAll(), "no place: full");
  EXPECT_TRUE(refused.ended());
  may_accept = true;
  TestClient accepted(listener->address());
  WaitForAccepted(1);
}

TEST_F(ListenerTest, WhoFindsNoRoomWaitsUntilThereIsSome) {
  Listen("127.0.0.1:0");
  room = 0;
  TestClient client(listener->address());
  WaitForAccepted(1);
  EXPECT_EQ(room.load(), 64) << "it was looked at";
}

TEST_F(ListenerTest, SurvivesEveryAcceptError) {
  Listen("127.0.0.1:0");
  size_t accepted = 0;
  for (const int error : {ECONNABORTED, EPROTO, ENOMEM, EPERM, ENFILE}) {
    api.FailAccepts(error, 1);
    TestClient client(listener->address());
    // With ENFILE the spare descriptor takes the client, and refuses it.
    if (error == ENFILE) {
      EXPECT_EQ(client.ReceiveAll(), "no place: out of descriptors");
    } else {
      WaitForAccepted(++accepted);
    }
  }
  const std::lock_guard lock(mutex);
  EXPECT_EQ(warnings.size(), 1u) << "not one for each";
}

TEST_F(ListenerTest, OutOfDescriptorsEvenForTheSpareOneWaitsAndGoesOn) {
  Listen("127.0.0.1:0");
  api.FailAccepts(EMFILE, 2);  // the second one is that with the spare
  TestClient client(listener->address());
  WaitForAccepted(1);
  WaitForWarning();
  const std::lock_guard lock(mutex);
  EXPECT_NE(warnings[0].find("ulimit -n"), std::string::npos) << warnings[0];
}

TEST_F(ListenerTest, StopRefusesAndRemovesTheSocketFile) {
  const tests::SocketPath socket;
  const std::string path = socket.path();
  Listen("unix:" + path);
  TestClient client(listener->address());
  WaitForAccepted(1);
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    listener->Stop();
  });
  struct stat status {};
  EXPECT_NE(::stat(path.c_str(), &status), 0);
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    listener->Stop();
  });
}

// It had paused, and the kernel had no memory to watch it again.
TEST(ListenerWatch, IsTriedAgainUntilThereIsRoom) {
  int failing_accepts = 0, failing_watches = 0;
  tests::WrappedCalls calls([&](tests::SystemCall call) -> tests::Fate {
    if (call == tests::SystemCall::kAccept && failing_accepts-- > 0) return {.error = ENOBUFS};
    if (call == tests::SystemCall::kWatch && failing_watches-- > 0) return {.error = ENOMEM};
    return {};
  });
  EventLoop loop({});
  loop.AssertOnLoop();
  int rests = 0;
  calls.set_on_rest([&] {
    if (++rests == 10) loop.Stop();
  });
  auto fd = ListenOn(*SocketAddress::Parse("127.0.0.1:0"), 512, {});
  ASSERT_TRUE(fd.ok()) << fd.status();
  const SocketAddress bound = LocalAddress(fd->get(), *SocketAddress::Parse("127.0.0.1:0"));
  int accepted = 0, warnings = 0;
  Listener listener(&loop, *std::move(fd), bound,
                    {.why_refuse = [](const SocketAddress&) { return std::nullopt; },
                     .on_accept =
                         [&](UniqueFd, const SocketAddress&) {
                           ++accepted;
                           loop.Stop();
                         },
                     .on_warning = [&](std::string_view) { ++warnings; }});
  failing_accepts = 1;
  failing_watches = 3;
  listener.Start();
  TestClient client(bound);
  loop.Run();
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(warnings, 1) << "not one for each";
  listener.Stop();
}

}  // namespace
}  // namespace esockets::server

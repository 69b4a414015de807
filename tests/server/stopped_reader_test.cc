// A reader that has stopped: what the kernel holds unsent for it, and what we hold.
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <functional>
#include <future>
#include <string>

#include "gtest/gtest.h"
#include "server/connection.h"
#include "server/limits.h"
#include "server/network_state.h"
#include "server/socket_server.h"
#include "tests/support/test_client.h"

namespace esockets::server {
namespace {

using tests::TestClient;

struct Handler final : ServerHandler {
  void OnClientConnect(const ClientPtr& client) override { connected.set_value(client); }
  std::promise<ClientPtr> connected;
};

TEST(StoppedReader, TheKernelHoldsNoMoreThanPromised) {
  for (const size_t message_bytes : {100, 1000, 16'384, 65'536, 1 << 20}) {
    Handler handler;
    SocketServer server({.port = 0}, &handler);
    ASSERT_TRUE(server.Start().ok());
    TestClient client(server.addresses()[0]);
    const ClientPtr connection = handler.connected.get_future().get();
    const auto on_loop = [&](const std::function<void()>& work) {
      std::promise<void> done;
      const std::future<void> is_done = done.get_future();
      connection->loop().Post([&work, done = std::move(done)]() mutable {
        work();
        done.set_value();
      });
      is_done.wait();
    };
    size_t unsent_max = 0;
    const std::string message(message_bytes, 'x');
    // Until nothing has moved for some turns: the window is shut.
    uint64_t sent = 0;
    for (int still = 0; still < 50; ++still) {
      on_loop([&] {
        connection->loop().AssertOnLoop();
        for (size_t i = 0; i < 1 + 300'000 / message_bytes; ++i) {
          if (connection->send_queue_bytes() > 8'000'000) break;
          connection->Send(message);
        }
        connection->FlushNow();
        unsent_max = std::max(unsent_max, KernelUnsentBytes(connection->fileno()));
        if (connection->bytes_out_total() != sent) still = 0;
        sent = connection->bytes_out_total();
      });
    }
    EXPECT_LE(unsent_max, kKernelUnsentBytesMax) << "messages of " << message_bytes;
    EXPECT_GT(unsent_max, 0u);
    EXPECT_GT(connection->send_queue_bytes(), kHighWatermarkBytes);
    RecordProperty("unsent_max_" + std::to_string(message_bytes), std::to_string(unsent_max));
    server.Stop();
  }
}

TEST(StoppedReader, AcceptedSocketsInheritTheTuning) {
  Handler handler;
  SocketServer server({.port = 0}, &handler);
  ASSERT_TRUE(server.Start().ok());
  TestClient client(server.addresses()[0]);
  const int fd = handler.connected.get_future().get()->fileno();
  const struct {
    int level, option, value;
  } kCases[] = {
      {IPPROTO_TCP, TCP_NODELAY, 1},
      {IPPROTO_TCP, TCP_NOTSENT_LOWAT, kNotSentLowAtBytes},
      {SOL_SOCKET, SO_KEEPALIVE, 1},
      {IPPROTO_TCP, TCP_KEEPIDLE, kTcpKeepAliveIdleSeconds},
      {IPPROTO_TCP, TCP_KEEPINTVL, kTcpKeepAliveIntervalSeconds},
      {IPPROTO_TCP, TCP_USER_TIMEOUT, kTcpUserTimeoutMillis},
  };
  for (const auto& c : kCases) {
    int value = -1;
    socklen_t size = sizeof value;
    ASSERT_EQ(::getsockopt(fd, c.level, c.option, &value, &size), 0);
    EXPECT_EQ(value, c.value) << c.level << " " << c.option;
  }
}

}  // namespace
}  // namespace esockets::server

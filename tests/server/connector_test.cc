#include "server/connector.h"

#include <poll.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "base/ref_counted.h"
#include "gtest/gtest.h"
#include "server/sockets.h"
#include "tests/support/loop_runner.h"

namespace esockets::server {
namespace {

using tests::LoopRunner;
using Outcome = absl::StatusOr<base::RefPtr<Connection>>;

class ConnectorTest : public testing::Test {
 protected:
  void SetUp() override {
    const SocketAddress any = *SocketAddress::Parse("127.0.0.1:0");
    auto fd = ListenOn(any, 4, {});
    ASSERT_TRUE(fd.ok());
    listener = *std::move(fd);
    address = LocalAddress(listener.get(), any);
  }
  std::future<Outcome> Connect(base::Duration timeout = std::chrono::seconds(30)) {
    auto told = std::make_shared<std::promise<Outcome>>();
    runner.Do([&] {
      connector = Connector::Start(
          {.loop = &runner.loop(), .address = address, .timeout = timeout, .settings = &settings},
          [told](Outcome outcome) { told->set_value(std::move(outcome)); });
    });
    return told->get_future();
  }

  ConnectionSettings settings;
  UniqueFd listener;
  SocketAddress address;
  std::shared_ptr<Connector> connector;
  LoopRunner runner;
};

TEST_F(ConnectorTest, MakesAConnection) {
  const Outcome outcome = Connect().get();
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ((*outcome)->peer().ToString(), address.ToString());
  EXPECT_FALSE((*outcome)->closed());
  pollfd poll_fd{listener.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&poll_fd, 1, 30'000), 1);
}

TEST_F(ConnectorTest, RefusedIsToldWithAddressAndReason) {
  listener.Reset();
  const Outcome outcome = Connect().get();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(outcome.status().ToString().find(address.ToString()), std::string::npos);
  EXPECT_NE(outcome.status().ToString().find("Connection refused"), std::string::npos);
}

TEST_F(ConnectorTest, NoAnswerInTimeIsTold) {
  // The backlog is full and nobody accepts: the kernel does not answer any more.
  listener = *ListenOn(*SocketAddress::Parse("127.0.0.1:0"), 0, {});
  address = LocalAddress(listener.get(), address);
  std::vector<UniqueFd> waiting;
  waiting.reserve(4);
  for (int i = 0; i < 4; ++i) waiting.push_back(*StartConnect(address, {}));
  const Outcome outcome = Connect(std::chrono::milliseconds(20)).get();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kDeadlineExceeded) << outcome.status();
}

TEST_F(ConnectorTest, CancelledTellsNothing) {
  bool told = false;
  runner.Do([&] {
    connector =
        Connector::Start({.loop = &runner.loop(), .address = address, .settings = &settings},
                         [&](const Outcome&) { told = true; });
    connector->Cancel();
    connector->Cancel();
  });
  runner.Turn();
  EXPECT_FALSE(told);
  const std::weak_ptr<Connector> weak = connector;
  connector.reset();
  runner.Turn();
  EXPECT_TRUE(weak.expired());
}

}  // namespace
}  // namespace esockets::server

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"
#include "server/connection.h"
#include "tests/support/connection_pair.h"

namespace esockets::server {
namespace {

using tests::ConnectionPair;
using tests::HandlerLog;
using tests::LoopRunner;
using tests::SocketKind;

// Takes one line, and gives way to `next` behind it.
class Greeter final : public ConnectionHandler {
 public:
  explicit Greeter(std::unique_ptr<ConnectionHandler> next) : next_(std::move(next)) {}
  size_t OnBytes(Connection& connection, std::string_view bytes) override {
    const size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return 0;
    connection.ChangeProtocol(nullptr, std::move(next_));
    return end + 1;
  }
  void OnClosed(Connection&) override { FAIL() << "another handler has taken its place"; }

 private:
  std::unique_ptr<ConnectionHandler> next_;
};

TEST(ConnectionInput, WhatOneHandlerLeavesGoesToTheNext) {
  for (const bool at_once : {true, false}) {
    LoopRunner runner;
    ConnectionSettings settings;
    ConnectionPair pair(runner, settings, SocketKind::kTcp, false, [](HandlerLog& log) {
      log.in_front = [](std::unique_ptr<ConnectionHandler> next) {
        return std::make_unique<Greeter>(std::move(next));
      };
    });
    if (at_once) {
      ASSERT_TRUE(pair.client.Send("hello\nworld"));
    } else {
      ASSERT_TRUE(pair.client.Send("hel"));
      runner.Turn();
      ASSERT_TRUE(pair.client.Send("lo\nwo"));
      runner.Turn();
      ASSERT_TRUE(pair.client.Send("rld"));
    }
    pair.log.WaitUntilReceived(5);
    EXPECT_EQ(pair.log.received(), "world");
    pair.client.Close();
    pair.log.WaitUntilClosed();
  }
}

}  // namespace
}  // namespace esockets::server

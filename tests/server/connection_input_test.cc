#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "gtest/gtest.h"
#include "server/connection.h"
#include "server/transport.h"
#include "tests/support/allocations.h"
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
  explicit Greeter(std::unique_ptr<ConnectionHandler> next,
                   std::unique_ptr<Transport> carried = nullptr)
      : next_(std::move(next)), carried_(std::move(carried)) {}
  size_t OnBytes(Connection& connection, std::string_view bytes) override {
    const size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return 0;
    connection.ChangeProtocol(std::move(carried_), std::move(next_));
    return end + 1;
  }
  void OnClosed(Connection&) override { FAIL() << "another handler has taken its place"; }

 private:
  std::unique_ptr<ConnectionHandler> next_;
  std::unique_ptr<Transport> carried_;
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

// --- transports

// Adds so much to each byte, so that it shows through which transports it came.
class Shift final : public Transport {
 public:
  explicit Shift(int by) : by_(by) {}
  std::string_view name() const override { return "shift"; }
  std::string_view mistake() const override { return {}; }
  void Carry(std::unique_ptr<Transport> inner) override { inner_ = std::move(inner); }
  Transport* carried() const override { return inner_.get(); }
  void OnReceived(Connection& connection, std::span<char> bytes) override ESOCKETS_ON_LOOP {
    for (char& byte : bytes) byte = static_cast<char>(byte + by_);
    inner_ ? inner_->OnReceived(connection, bytes) : connection.Give(bytes);
  }
  void OnReadResumed(Connection&) override ESOCKETS_ON_LOOP {}
  bool unfinished() const override { return false; }
  bool has_messages() const override { return false; }
  bool must_frame() const override { return false; }
  base::BlockSpan Frame(std::string_view, MessageKind, FrameArena*) override { return {}; }
  FlushResult Flush(SendQueue& queue, int fd, SocketApi& api, SendPool& pool, size_t*,
                    int* error) override {
    return queue.Flush(fd, api, pool, error);
  }
  bool sent_all() const override { return true; }
  void DropUnsentFrames(SendQueue&, SendPool&) override {}
  bool Probe(Connection&) override ESOCKETS_ON_LOOP { return false; }
  void SetEndCode(uint16_t, std::string_view) override {}
  void SetGoingAway() override {}
  void OnEnding() override {}

 private:
  const int by_;
  std::unique_ptr<Transport> inner_;
};

// Sends "hello\n" as it comes through `by`, and "world" behind it: in one piece, or in some.
void SendBoth(LoopRunner& runner, ConnectionPair& pair, bool at_once, int by) {
  std::string hello = "hello\n";
  for (char& byte : hello) byte = static_cast<char>(byte - by);
  if (at_once) {
    ASSERT_TRUE(pair.client.Send(hello + "world"));
    return;
  }
  for (const std::string& piece :
       {hello.substr(0, 3), hello.substr(3) + "wo", std::string("rld")}) {
    ASSERT_TRUE(pair.client.Send(piece));
    runner.Turn();
  }
}

std::string Shifted(std::string text, int by) {
  for (char& byte : text) byte = static_cast<char>(byte + by);
  return text;
}

TEST(ConnectionInput, ATransportWithinOnBytesGetsWhatIsLeft) {
  struct Case {
    size_t taken;  // of "hello\n"
    std::string received;
  };
  for (const auto& [taken, received] :
       {Case{6, "hello\n" + Shifted("world", 1)}, Case{2, "he" + Shifted("llo\nworld", 1)},
        Case{0, Shifted("hello\nworld", 1)}}) {
    for (const bool at_once : {true, false}) {
      LoopRunner runner;
      ConnectionSettings settings;
      ConnectionPair pair(
          runner, settings, SocketKind::kTcp, false, [taken = taken](HandlerLog& log) {
            log.on_bytes = [taken](Connection& connection, std::string_view bytes) -> size_t {
              connection.loop().AssertOnLoop();
              if (connection.transport() != nullptr) return bytes.size();
              if (bytes.find('\n') == std::string_view::npos) return 0;
              connection.handler()->set_transport(std::make_unique<Shift>(1));
              return taken;
            };
          });
      SendBoth(runner, pair, at_once, 0);
      pair.log.WaitUntilReceived(11);
      EXPECT_EQ(pair.log.received(), received);
    }
  }
}

// A handler gives way to the next below a transport that stays: what is left has passed it already.
TEST(ConnectionInput, UnderATransportThatStays) {
  struct Case {
    bool carries;
    int by;  // of both
  };
  for (const auto& [carries, by] : {Case{false, 1}, Case{true, 3}}) {
    for (const bool at_once : {true, false}) {
      LoopRunner runner;
      ConnectionSettings settings;
      const Transport* outer = nullptr;
      const Transport* inner = nullptr;
      ConnectionPair pair(runner, settings, SocketKind::kTcp, false, [&](HandlerLog& log) {
        log.in_front = [&](std::unique_ptr<ConnectionHandler> next) {
          auto upper = carries ? std::make_unique<Shift>(2) : nullptr;
          auto lower = std::make_unique<Shift>(1);
          inner = upper.get();
          outer = lower.get();
          auto greeter = std::make_unique<Greeter>(std::move(next), std::move(upper));
          greeter->set_transport(std::move(lower));
          return greeter;
        };
      });
      SendBoth(runner, pair, at_once, 1);
      pair.log.WaitUntilReceived(5);
      EXPECT_EQ(pair.log.received(), Shifted("world", by));
      ASSERT_TRUE(pair.client.Send("again"));
      pair.log.WaitUntilReceived(10);
      EXPECT_EQ(pair.log.received(), Shifted("worldagain", by));
      runner.Do([&] {
        runner.loop().AssertOnLoop();
        EXPECT_EQ(pair.connection->transport(), outer);
        EXPECT_EQ(outer->carried(), inner);
      });
    }
  }
}

TEST(ConnectionInputDeathTest, NotEveryTransportCarries) {
  Shift shift(1);
  EXPECT_EQ(shift.Transport::carried(), nullptr);
  EXPECT_EQ(shift.security(), nullptr);
  EXPECT_DEATH(shift.Transport::Carry(nullptr), "cannot happen");
}

// --- memory

// Also where a timer keeps what a connection rarely needs.
TEST(ConnectionInput, AnIdleConnectionHasNoBuffer) {
  for (const base::Duration idle_timeout :
       {base::Duration(0), base::Duration(std::chrono::hours(1))}) {
    for (const std::string end : {"\n", "\nrest"}) {
      LoopRunner runner;
      ConnectionSettings settings;
      settings.idle_timeout = idle_timeout;
      ConnectionPair pair(runner, settings, SocketKind::kTcp, false, [](HandlerLog& log) {
        log.on_bytes = [](Connection&, std::string_view bytes) {
          // Only so much of it that the log stays small.
          return bytes.find('\n') == std::string_view::npos ? 0 : bytes.find('\n') + 1;
        };
      });
      ASSERT_TRUE(pair.client.Send("x\n"));
      pair.log.WaitUntilReceived(2);
      runner.Turn();
      const int64_t before = tests::LiveBytes();
      const std::string line(60'000, 'x');  // a tail that lies in scratch
      ASSERT_TRUE(pair.client.Send(line));
      while (pair.connection->bytes_in_total() < 2 + line.size()) runner.Turn();
      ASSERT_TRUE(pair.client.Send(end));
      pair.log.WaitUntilReceived(2 + line.size() + 1);
      {
        const std::lock_guard lock(pair.log.mutex);
        std::string().swap(pair.log.bytes);
      }
      runner.Turn();
      EXPECT_LT(tests::LiveBytes() - before - static_cast<int64_t>(line.capacity()), 30'000);
    }
  }
}

}  // namespace
}  // namespace esockets::server

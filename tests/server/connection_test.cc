#include "server/connection.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/frame_arena.h"
#include "tests/support/allocations.h"
#include "tests/support/connection_pair.h"
#include "tests/support/fake_socket_api.h"

namespace esockets::server {
namespace {

using tests::ConnectionPair;
using tests::FakeSocketApi;
using tests::HandlerLog;
using tests::LoopRunner;
using tests::SocketKind;

std::string Pattern(size_t bytes) {
  std::string pattern(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) pattern[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return pattern;
}

class ConnectionTest : public testing::Test {
 protected:
  FakeSocketApi api;
  ConnectionSettings settings;
  LoopRunner runner{{.socket_api = &api}};
};

// --- receiving

TEST_F(ConnectionTest, ReceivesAndAnswers) {
  ConnectionPair pair(runner, settings);
  ASSERT_TRUE(pair.client.Send("ping"));
  pair.log.WaitUntilReceived(4);
  EXPECT_EQ(pair.connection->Send("pong!"), SendResult::kOk);
  EXPECT_EQ(pair.client.Receive(5), "pong!");
  runner.Turn();
  EXPECT_EQ(pair.connection->bytes_in_total(), 4u);
  EXPECT_EQ(pair.connection->bytes_out_total(), 5u);
  EXPECT_EQ(pair.connection->end(), ConnectionEnd::kNone);
  const EventLoopMetrics& metrics = runner.loop().metrics();
  EXPECT_EQ(metrics.connections.value(), 1u);
  pair.client.Close();
  pair.log.WaitUntilClosed();
  EXPECT_EQ(metrics.connections.value(), 0u);
  EXPECT_EQ(metrics.connections_total.value(), 1u);
  EXPECT_EQ(metrics.received_bytes_total.value(), 4u);
  EXPECT_EQ(metrics.sent_bytes_total.value(), 5u);
  EXPECT_EQ(pair.connection->end(), ConnectionEnd::kByPeer);
  EXPECT_TRUE(pair.connection->closed());
  EXPECT_EQ(pair.connection->fileno(), -1);
}

// The handler takes whole messages alone: the rest comes again in front of what follows, whether it
// is short, longer than the scratch buffer, or arrives byte by byte.
TEST_F(ConnectionTest, UnfinishedInputComesAgain) {
  settings.framing = Framing::kLengthDelimited;
  for (const size_t piece : {1, 7, 4096, 1 << 20}) {
    std::vector<std::string> messages;
    ConnectionPair pair(runner, settings, SocketKind::kTcp, false, [&](HandlerLog& log) {
      log.on_bytes = [&](Connection&, std::string_view bytes) {
        size_t consumed = 0;
        for (;;) {
          const Cut cut =
              CutMessage(Framing::kLengthDelimited, bytes.substr(consumed), kMessageBytesMax);
          if (cut.status != CutStatus::kMessage) return consumed;
          messages.emplace_back(cut.message);
          consumed += cut.consumed_bytes;
        }
      };
    });
    std::string wire;
    std::vector<std::string> sent;
    std::vector<size_t> sizes = {0, 1, 100};
    if (piece > 1) sizes.insert(sizes.end(), {70'000, 5, 300'000, 65'536});
    for (const size_t size : sizes) {
      sent.push_back(Pattern(size));
      std::string framed(FramedBytes(settings.framing, sent.back()), '\0');
      WriteFramed(settings.framing, sent.back(), framed.data());
      wire += framed;
    }
    for (size_t at = 0; at < wire.size(); at += piece) {
      ASSERT_TRUE(pair.client.Send(std::string_view(wire).substr(at, piece)));
    }
    pair.log.WaitUntilReceived(wire.size());
    runner.Do([&] {
      runner.loop().AssertOnLoop();
      EXPECT_EQ(messages, sent) << "in pieces of " << piece;
    });
    pair.client.Send("\0\0");
    pair.client.Close();
    pair.log.WaitUntilClosed();
  }
}

TEST_F(ConnectionTest, EndInsideAMessageIsTold) {
  ConnectionPair pair(runner, settings, SocketKind::kTcp, false, [](HandlerLog& log) {
    log.on_bytes = [](Connection&, std::string_view) { return size_t{0}; };
  });
  pair.client.Send("half a mess");
  pair.client.Close();
  pair.log.WaitUntilClosed();
  EXPECT_EQ(pair.connection->end(), ConnectionEnd::kByPeerInside);
  EXPECT_TRUE(pair.log.unfinished());
}

TEST_F(ConnectionTest, AHalfClosedPeerGetsItsAnswers) {
  ConnectionPair pair(runner, settings, SocketKind::kTcp, false, [](HandlerLog& log) {
    log.on_bytes = [](Connection& connection, std::string_view bytes) {
      connection.Send(bytes);
      return bytes.size();
    };
  });
  const std::string request = Pattern(300'000);
  std::thread sender([&] {
    pair.client.Send(request);
    pair.client.ShutDown();
  });
  EXPECT_EQ(pair.client.ReceiveAll(), request);
  sender.join();
  EXPECT_TRUE(pair.client.ended());
  pair.log.WaitUntilClosed();
  EXPECT_EQ(pair.connection->end(), ConnectionEnd::kByPeer);
}

TEST_F(ConnectionTest, AResetIsBroken) {
  ConnectionPair pair(runner, settings);
  pair.client.Reset();
  pair.log.WaitUntilClosed();
  EXPECT_EQ(pair.connection->end(), ConnectionEnd::kBroken);
  EXPECT_EQ(pair.connection->error_number(), ECONNRESET);
}

TEST_F(ConnectionTest, PausesAreCounted) {
  ConnectionPair pair(runner, settings);
  pair.connection->PauseRead();
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    pair.connection->PauseRead();
  });
  runner.Turn();
  pair.client.Send("waits");
  runner.Turn();
  pair.connection->ResumeRead();
  runner.Turn();
  EXPECT_EQ(pair.log.received(), "");
  pair.connection->ResumeRead();
  pair.log.WaitUntilReceived(5);
}

TEST_F(ConnectionTest, WhatCameDuringAPauseIsNotLost) {
  for (const SocketKind kind : {SocketKind::kTcp, SocketKind::kUnix}) {
    ConnectionPair pair(runner, settings, kind, /*paused=*/true);
    const std::string all = Pattern(100'000);
    ASSERT_TRUE(pair.client.Send(all));
    pair.client.Close();
    runner.Turn();
    EXPECT_FALSE(pair.connection->closed());
    pair.connection->ResumeRead();
    pair.log.WaitUntilClosed();
    EXPECT_EQ(pair.log.received(), all);
    EXPECT_EQ(pair.connection->end(), ConnectionEnd::kByPeer);
  }
}

TEST_F(ConnectionTest, WhatAPauseLeftLyingComesBeforeTheEnd) {
  for (const SocketKind kind : {SocketKind::kTcp, SocketKind::kUnix}) {
    // One byte at a time, with a pause behind each.
    ConnectionPair pair(runner, settings, kind, false, [](HandlerLog& log) {
      log.on_bytes = [](Connection& connection, std::string_view) {
        connection.PauseRead();
        return size_t{1};
      };
    });
    ASSERT_TRUE(pair.client.Send("0123456789"));
    pair.client.Close();
    for (size_t i = 1; i <= 10; ++i) {
      pair.log.WaitUntilReceived(i);
      EXPECT_EQ(pair.log.received().size(), i);
      pair.connection->ResumeRead();
    }
    pair.log.WaitUntilClosed();
    EXPECT_EQ(pair.log.received(), "0123456789");
    EXPECT_EQ(pair.connection->end(), ConnectionEnd::kByPeer);
  }
}

// The peer has sent all it wanted and gone; that our answer fails must not cost its input.
TEST_F(ConnectionTest, AFailedSendDoesNotLoseInput) {
  ConnectionPair pair(runner, settings, SocketKind::kUnix, /*paused=*/true, [](HandlerLog& log) {
    log.on_bytes = [](Connection& connection, std::string_view bytes) {
      connection.Send("answer");
      return bytes.size();
    };
  });
  const std::string all = Pattern(150'000);
  ASSERT_TRUE(pair.client.Send(all));
  pair.client.Close();
  pair.connection->ResumeRead();
  pair.log.WaitUntilClosed();
  EXPECT_EQ(pair.log.received(), all);
  EXPECT_EQ(pair.connection->end(), ConnectionEnd::kBroken);
  EXPECT_EQ(pair.connection->error_number(), EPIPE);
}

// Whose answers wait is not read from, until there is room: with the peer there is none any more.
TEST_F(ConnectionTest, AFailedSendEndsAPauseThatWaitsForRoom) {
  settings.high_watermark_bytes = 1000;
  ConnectionPair pair(runner, settings, SocketKind::kUnix, false, [](HandlerLog& log) {
    log.on_low = [](Connection& connection) {
      if (connection.reading_paused()) connection.ResumeRead();
    };
  });
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    pair.connection->PauseRead();
    pair.connection->Send(Pattern(4 << 20));  // more than the kernel takes
  });
  pair.log.WaitUntilHigh();
  runner.Turn();
  // Between two turns the peer reads all that is there, which makes room, and goes.
  runner.Do([&] {
    std::array<char, 65536> read;
    while (::recv(pair.client.fd(), read.data(), read.size(), MSG_DONTWAIT) > 0) {
    }
    ASSERT_TRUE(pair.client.Send("what it has sent before"));
    pair.client.Close();
  });
  pair.log.WaitUntilClosed();
  EXPECT_EQ(pair.log.received(), "what it has sent before");
  EXPECT_EQ(pair.connection->error_number(), EPIPE);
}

TEST_F(ConnectionTest, IdleIsClosedAndTimeStandsStillWhilePaused) {
  settings.idle_timeout = std::chrono::milliseconds(30);
  settings.close_linger = std::chrono::milliseconds(10);
  ConnectionPair paused(runner, settings, SocketKind::kTcp, /*paused=*/true);
  ConnectionPair idle(runner, settings);
  idle.log.WaitUntilClosed();
  EXPECT_EQ(idle.connection->end(), ConnectionEnd::kIdle);
  EXPECT_EQ(idle.client.ReceiveAll(), "");
  EXPECT_TRUE(idle.client.ended());
  EXPECT_FALSE(paused.connection->closed()) << "it began earlier, and is paused";
  paused.connection->ResumeRead();
  paused.log.WaitUntilClosed();
  EXPECT_EQ(paused.connection->end(), ConnectionEnd::kIdle);
}

// --- sending

TEST_F(ConnectionTest, OneSendPerConnectionAndTurn) {
  ConnectionPair a(runner, settings);
  ConnectionPair b(runner, settings);
  const int fd_a = a.connection->fileno(), fd_b = b.connection->fileno();
  std::string expected;
  for (uint64_t turn = 1; turn <= 5; ++turn) {
    runner.Do([&] {
      runner.loop().AssertOnLoop();
      for (int i = 0; i < 200; ++i) {
        const base::BlockSpan span = runner.loop().arena().Write("message;");
        a.connection->SendSpan(span);
        if (i % 2 == 0) b.connection->SendSpan(span);  // a span of its own each
      }
    });
    expected += std::string(1600, '.');
    EXPECT_EQ(a.client.Receive(1600).size(), 1600u);
    EXPECT_EQ(b.client.Receive(800).size(), 800u);
    EXPECT_EQ(api.sends_of(fd_a), turn);
    EXPECT_EQ(api.sends_of(fd_b), turn) << "100 spans, gathered";
  }
}

TEST_F(ConnectionTest, NoAllocationPerSpan) {
  std::vector<std::unique_ptr<ConnectionPair>> pairs;
  pairs.reserve(20);
  for (int i = 0; i < 20; ++i) {
    pairs.push_back(std::make_unique<ConnectionPair>(runner, settings));
  }
  const auto turn = [&] {
    uint64_t allocations = 0;
    runner.Do([&] {
      runner.loop().AssertOnLoop();
      const uint64_t before = tests::AllocationsOfThisThread();
      for (int i = 0; i < 30; ++i) {
        const base::BlockSpan span = runner.loop().arena().Write("0123456789");
        for (size_t n = 0; n < pairs.size(); ++n) {
          if ((n + static_cast<size_t>(i)) % 3 != 0) pairs[n]->connection->SendSpan(span);
        }
      }
      for (const auto& pair : pairs) pair->connection->FlushNow();
      allocations = tests::AllocationsOfThisThread() - before;
    });
    for (const auto& pair : pairs) pair->client.Receive(200);
    return allocations;
  };
  for (int i = 0; i < 300; ++i) turn();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(turn(), 0u);
}

TEST_F(ConnectionTest, TornAtEveryByteDeliversTheSameStream) {
  settings.framing = Framing::kLengthDelimited;
  constexpr size_t kWireBytes = 3 * (4 + 10) + 4 + 50;
  for (size_t first = 0; first <= kWireBytes; ++first) {
    ConnectionPair pair(runner, settings);
    runner.Do([&] {
      runner.loop().AssertOnLoop();
      api.set_send_script(tests::TornAt(first));
      for (int i = 0; i < 3; ++i) pair.connection->Send(Pattern(10));
      pair.connection->Send(Pattern(50));
      pair.connection->Close(CloseMode::kAfterFlush);
    });
    std::string expected;
    for (const size_t size : {10, 10, 10, 50}) {
      expected += std::string(3, '\0') + static_cast<char>(size) + Pattern(size);
    }
    ASSERT_EQ(pair.client.ReceiveAll(), expected) << "torn at " << first;
    ASSERT_TRUE(pair.client.ended());
    pair.client.Close();
    pair.log.WaitUntilClosed();
  }
}

TEST_F(ConnectionTest, SendersOnManyThreadsAreNotScrambled) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  settings.framing = Framing::kLine;
  api.set_send_script(tests::RandomSends(seed));
  ConnectionPair pair(runner, settings);
  constexpr int kThreads = 4, kMessages = 500;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kMessages; ++i) {
        const std::string filler(static_cast<size_t>(i % 300), static_cast<char>('a' + t));
        pair.connection->Send(std::to_string(t) + " " + std::to_string(i) + " " + filler);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  pair.connection->Close(CloseMode::kAfterFlush);
  const std::string all = pair.client.ReceiveAll();
  int next[kThreads] = {};
  std::string_view rest = all;
  while (!rest.empty()) {
    const Cut cut = CutMessage(Framing::kLine, rest, 1000);
    ASSERT_EQ(cut.status, CutStatus::kMessage);
    const int t = cut.message[0] - '0';
    ASSERT_TRUE(t >= 0 && t < kThreads);
    const int i = next[t]++;
    EXPECT_EQ(cut.message,
              std::to_string(t) + " " + std::to_string(i) + " " +
                  std::string(static_cast<size_t>(i % 300), static_cast<char>('a' + t)));
    rest.remove_prefix(cut.consumed_bytes);
  }
  for (const int count : next) EXPECT_EQ(count, kMessages);
}

TEST_F(ConnectionTest, WatermarksAreTold) {
  ConnectionPair pair(runner, settings);
  const std::string chunk(100'000, 'x');
  size_t sent = 0;
  while (pair.log.highs() == 0) {
    ASSERT_EQ(pair.connection->Send(chunk), SendResult::kOk);
    sent += chunk.size();
    runner.Turn();
  }
  EXPECT_GT(pair.connection->send_queue_bytes(), settings.high_watermark_bytes);
  EXPECT_EQ(pair.client.Receive(sent).size(), sent);
  runner.Turn();
  EXPECT_EQ(pair.log.highs(), 1);
  EXPECT_GE(pair.log.lows(), 1);
  EXPECT_EQ(pair.connection->send_queue_bytes(), 0u);
}

TEST_F(ConnectionTest, AFullQueueRefuses) {
  settings.send_queue_bytes_max = 1'000'000;
  ConnectionPair pair(runner, settings);
  SendResult result = SendResult::kOk;
  for (int i = 0; i < 100 && result == SendResult::kOk; ++i) {
    result = pair.connection->Send(std::string(100'000, 'x'));
  }
  EXPECT_EQ(result, SendResult::kQueueFull);
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    EXPECT_EQ(pair.connection->Send(std::string(1'000'001, 'x')), SendResult::kQueueFull);
  });
}

// --- ending

TEST_F(ConnectionTest, AfterFlushSendsEverythingAndTheFarewell) {
  ConnectionPair pair(runner, settings);
  const std::string all = Pattern(5'000'000);
  pair.connection->Send(all);
  pair.connection->Close(CloseMode::kAfterFlush, "farewell");
  EXPECT_EQ(pair.client.ReceiveAll(), all + "farewell");
  EXPECT_TRUE(pair.client.ended());
  pair.client.Close();
  pair.log.WaitUntilClosed();
  EXPECT_EQ(pair.connection->end(), ConnectionEnd::kByUs);
  EXPECT_EQ(pair.connection->Send("late"), SendResult::kClosed);
}

TEST_F(ConnectionTest, AfterFlushMayLastLongerThanTheLingerWhileItGetsOn) {
  settings.close_linger = std::chrono::milliseconds(500);
  // One byte every 50 ms: 20 of them take twice the linger.
  auto next = std::make_shared<base::TimePoint>();
  api.set_send_script([next](size_t) -> ssize_t {
    const base::TimePoint now = base::SystemClock().Now();
    if (now < *next) return 0;
    *next = now + std::chrono::milliseconds(50);
    return 1;
  });
  ConnectionPair pair(runner, settings);
  pair.connection->Send("01234567890123456789");
  pair.connection->Close(CloseMode::kAfterFlush);
  EXPECT_EQ(pair.client.ReceiveAll(), "01234567890123456789");
  EXPECT_TRUE(pair.client.ended());
}

TEST_F(ConnectionTest, AfterCurrentFrameDropsWholeFrames) {
  settings.framing = Framing::kLine;
  ConnectionPair pair(runner, settings);
  const std::string message(9999, 'm');
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    for (int i = 0; i < 800; ++i) {
      pair.connection->Send(message);  // 8 MB: more than the kernel takes
    }
  });
  runner.Turn();
  pair.connection->Close(CloseMode::kAfterCurrentFrame, "farewell\n");
  const std::string all = pair.client.ReceiveAll();
  EXPECT_TRUE(pair.client.ended());
  ASSERT_TRUE(all.ends_with("\nfarewell\n"));
  EXPECT_EQ((all.size() - 9) % 10'000, 0u);
  EXPECT_LT(all.size(), 800 * 10'000u);
}

TEST_F(ConnectionTest, TheFarewellArrivesAlthoughInputIsInFlight) {
  ConnectionPair pair(runner, settings, SocketKind::kTcp, false, [](HandlerLog& log) {
    log.on_bytes = [](Connection& connection, std::string_view bytes) {
      connection.Close(CloseMode::kAfterCurrentFrame, "farewell");
      return bytes.size();
    };
  });
  // Sent whole: the connection reads and discards.
  ASSERT_TRUE(pair.client.Send(
      std::string(20'000'000, 'x')));  // NOLINT(bugprone-string-constructor): meant
  EXPECT_EQ(pair.client.ReceiveAll(), "farewell");
  EXPECT_TRUE(pair.client.ended());
  EXPECT_EQ(pair.client.error_number(), 0);
  EXPECT_FALSE(pair.connection->closed()) << "it lingers";
  pair.client.Close();
  pair.log.WaitUntilClosed();
  EXPECT_EQ(pair.connection->end(), ConnectionEnd::kByUs);
}

TEST_F(ConnectionTest, LingeringEnds) {
  settings.close_linger = std::chrono::milliseconds(20);
  ConnectionPair silent(runner, settings);  // never closes
  silent.connection->Close(CloseMode::kAfterFlush);
  silent.log.WaitUntilClosed();
  ConnectionPair stopped(runner, settings);  // never reads
  stopped.connection->Send(
      std::string(20'000'000, 'x'));  // NOLINT(bugprone-string-constructor): meant
  stopped.connection->Close(CloseMode::kAfterFlush);
  stopped.log.WaitUntilClosed();
  EXPECT_EQ(stopped.connection->end(), ConnectionEnd::kByUs);
}

TEST_F(ConnectionTest, ASecondCloseMayBeQuicker) {
  ConnectionPair pair(runner, settings);
  const std::string message(9999, 'm');
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    for (int i = 0; i < 800; ++i) pair.connection->SendSpan(runner.loop().arena().Write(message));
    pair.connection->Close(CloseMode::kAfterFlush);
  });
  runner.Turn();
  pair.connection->Close(CloseMode::kAfterCurrentFrame, "farewell");
  pair.connection->Close(CloseMode::kAfterFlush, "too late");
  const std::string all = pair.client.ReceiveAll();
  EXPECT_TRUE(all.ends_with("mfarewell"));
  EXPECT_LT(all.size(), 800 * 9999u);
  ConnectionPair other(runner, settings);
  other.connection->Close(CloseMode::kAfterFlush);
  other.connection->Close(CloseMode::kNow);
  other.log.WaitUntilClosed();
}

TEST_F(ConnectionTest, ClosedInsideItsOwnCallbacks) {
  settings.high_watermark_bytes = 100;
  settings.low_watermark_bytes = 5000;
  ConnectionPair low(runner, settings, SocketKind::kTcp, false, [](HandlerLog& log) {
    log.on_low = [](Connection& connection) { connection.Close(CloseMode::kNow); };
  });
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    for (int i = 0; i < 100; ++i) {  // more spans than one send takes: it has more to flush
      runner.loop().arena().Write("gap");
      low.connection->SendSpan(runner.loop().arena().Write("0123456789"));
    }
  });
  low.log.WaitUntilClosed();
  low.connection = nullptr;
  runner.Turn();
  ConnectionPair reading(runner, settings, SocketKind::kTcp, false, [](HandlerLog& log) {
    log.on_bytes = [](Connection& connection, std::string_view) {
      connection.Close(CloseMode::kNow);
      return size_t{1};
    };
  });
  reading.client.Send("xyz");
  reading.log.WaitUntilClosed();
}

// The kernel has taken a part and refused the rest: nobody waits for a socket that is closed.
TEST_F(ConnectionTest, ClosedWhenAPartOfItWasFlushed) {
  api.set_send_script(tests::TornAt(1));
  ConnectionPair pair(runner, settings, SocketKind::kTcp, false, [](HandlerLog& log) {
    log.on_flushed = [](Connection& connection) { connection.Close(CloseMode::kNow); };
  });
  pair.connection->Send("hello");
  pair.log.WaitUntilClosed();
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    EXPECT_TRUE(runner.loop().stalled_list().empty());
  });
}

// ... or all of it: the farewell comes behind it.
TEST_F(ConnectionTest, ClosedWithAFarewellWhenAllOfItWasFlushed) {
  ConnectionPair pair(runner, settings, SocketKind::kTcp, false, [](HandlerLog& log) {
    log.on_flushed = [](Connection& connection) {
      connection.Close(CloseMode::kAfterFlush, "bye");
    };
  });
  pair.connection->Send("hello");
  EXPECT_EQ(pair.client.ReceiveAll(), "hellobye");
  pair.client.Close();
  pair.log.WaitUntilClosed();
}

TEST_F(ConnectionTest, TheHandlerDiesOnTheLoopAlthoughTheConnectionIsKept) {
  ConnectionPair pair(runner, settings);
  pair.client.Close();
  EXPECT_TRUE(pair.log.handler_died.get());
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    EXPECT_EQ(pair.connection->handler(), nullptr);
  });
}

TEST(Connection, AKeptOneOutlivesItsLoop) {
  ConnectionSettings settings;
  auto runner = std::make_unique<LoopRunner>();
  ConnectionPair pair(*runner, settings);
  pair.connection->Close(CloseMode::kNow);
  pair.log.WaitUntilClosed();
  runner.reset();
  EXPECT_EQ(pair.connection->Send("x"), SendResult::kClosed);
  pair.connection->Close(CloseMode::kNow);
  pair.connection->PauseRead();
  pair.connection->ResumeRead();
  EXPECT_EQ(pair.connection->end(), ConnectionEnd::kByUs);
}

}  // namespace
}  // namespace esockets::server

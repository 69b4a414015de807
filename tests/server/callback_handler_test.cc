#include "server/callback_handler.h"

#include <sys/socket.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "base/ref_counted.h"
#include "gtest/gtest.h"
#include "server/sockets.h"
#include "tests/support/loop_runner.h"
#include "tests/support/test_client.h"

namespace esockets::server {
namespace {

using tests::LoopRunner;
using tests::TestClient;

struct Callbacks final : ServerHandler {
  void OnMessageRecv(const ClientPtr& client, std::string_view message) override {
    messages.emplace_back(message);
    if (on_message) on_message(client);
  }
  void OnClientDisconnect(const ClientPtr&) override { gone.set_value(); }
  void OnWarning(std::string_view warning) override { warnings.emplace_back(warning); }

  std::function<void(const ClientPtr&)> on_message;
  std::vector<std::string> messages;
  std::vector<std::string> warnings;
  std::promise<void> gone;
};

class CallbackHandlerTest : public testing::Test {
 protected:
  void Start(Framing framing, CallbackPool* pool = nullptr) {
    int fds[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    client = TestClient(UniqueFd(fds[1]));
    settings.framing = framing;
    connection = base::MakeRefCounted<Connection>(
        Connection::Args{&runner.loop(), UniqueFd(fds[0]), 7, {}, &settings});
    runner.Do([&] {
      runner.loop().AssertOnLoop();
      connection->Start(std::make_unique<CallbackHandler>(CallbackHandler::Settings{
          .callbacks = &callbacks, .pool = pool, .framing = framing, .message_bytes_max = 10}));
    });
  }
  void Finish() {
    client.ShutDown();
    client.ReceiveAll();
    client.Close();
    callbacks.gone.get_future().wait();
    connection = nullptr;
    runner.Turn();
  }

  ConnectionSettings settings;
  Callbacks callbacks;
  TestClient client;
  base::RefPtr<Connection> connection;
  LoopRunner runner;
};

TEST_F(CallbackHandlerTest, CutsMessages) {
  Start(Framing::kLine);
  client.Send("one\ntwo\r\n\nunfinis");
  Finish();
  EXPECT_EQ(callbacks.messages, (std::vector<std::string>{"one", "two", ""}));
}

TEST_F(CallbackHandlerTest, TooLongIsWarnedOfAndClosed) {
  Start(Framing::kLine);
  client.Send("fine\n01234567890123\nnot seen\n");
  EXPECT_EQ(client.ReceiveAll(), "");
  Finish();
  EXPECT_EQ(callbacks.messages, std::vector<std::string>{"fine"});
  EXPECT_EQ(callbacks.warnings,
            std::vector<std::string>{"client 7 closed: its message is longer than 10 bytes"});
}

TEST_F(CallbackHandlerTest, ACallbackThatPausesSeesNoFurtherMessage) {
  Start(Framing::kLine);
  callbacks.on_message = [](const ClientPtr& paused) { paused->PauseRead(); };
  client.Send("1\n2\n3\n");
  for (size_t i = 1; i <= 3; ++i) {
    for (size_t seen = 0; seen < i;) {
      runner.Do([&] {
        runner.loop().AssertOnLoop();
        seen = callbacks.messages.size();
      });
    }
    runner.Turn();
    runner.Do([&] {
      runner.loop().AssertOnLoop();
      EXPECT_EQ(callbacks.messages.size(), i);
    });
    connection->ResumeRead();
  }
  Finish();
}

TEST_F(CallbackHandlerTest, AFullPoolPausesReadingAndLosesNothing) {
  auto pool = std::make_unique<CallbackPool>(1, 3);
  std::promise<void> gate;
  std::shared_future<void> open = gate.get_future().share();
  callbacks.on_message = [open](const ClientPtr&) { open.wait(); };
  Start(Framing::kLine, pool.get());
  std::string all;
  std::vector<std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    expected.push_back(std::to_string(i));
    all += expected.back() + "\n";
  }
  client.Send(all);
  for (bool paused = false; !paused;) {
    runner.Do([&] {
      runner.loop().AssertOnLoop();
      paused = connection->reading_paused();
    });
  }
  gate.set_value();
  Finish();
  pool.reset();
  EXPECT_EQ(callbacks.messages, expected);
}

// Answers that are still being made on the pool when the peer's end comes are sent.
TEST_F(CallbackHandlerTest, AnswersOfThePoolComeBeforeTheEnd) {
  auto pool = std::make_unique<CallbackPool>(2, 100);
  callbacks.on_message = [](const ClientPtr& asker) { asker->Send("answer"); };
  Start(Framing::kLine, pool.get());
  client.Send("1\n2\n3\n");
  client.ShutDown();
  EXPECT_EQ(client.ReceiveAll(), "answer\nanswer\nanswer\n");
  Finish();
  pool.reset();
}

TEST_F(CallbackHandlerTest, RecvQueuePausesExactlyAtItsLimit) {
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
  client = TestClient(UniqueFd(fds[1]));
  settings.framing = Framing::kLine;
  connection = base::MakeRefCounted<Connection>(
      Connection::Args{&runner.loop(), UniqueFd(fds[0]), 7, {}, &settings});
  connection->set_recv_queue(std::make_unique<RecvQueue>(
      RecvQueueOptions{.messages_max = 4},
      [this](bool pause) { pause ? connection->PauseRead() : connection->ResumeRead(); }));
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    connection->Start(std::make_unique<CallbackHandler>(CallbackHandler::Settings{
        .callbacks = &callbacks, .framing = Framing::kLine, .message_bytes_max = 10}));
  });
  std::string all;
  for (int i = 0; i < 500; ++i) all += std::to_string(i) + "\n";
  client.Send(all);
  client.Close();  // nothing is lost although the peer is gone
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(connection->recv_queue()->Pop(base::Duration::max()), std::to_string(i));
    EXPECT_LE(connection->recv_queue()->size(), 4u);
  }
  EXPECT_EQ(connection->recv_queue()->Pop(base::Duration::max()), std::nullopt);
  callbacks.gone.get_future().wait();
  connection = nullptr;
  runner.Turn();
}

}  // namespace
}  // namespace esockets::server

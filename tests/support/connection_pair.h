// A connection of ours on a loop, and the test's end of its socket.
#ifndef TESTS_SUPPORT_CONNECTION_PAIR_H_
#define TESTS_SUPPORT_CONNECTION_PAIR_H_

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/ref_counted.h"
#include "server/connection.h"
#include "tests/support/loop_runner.h"
#include "tests/support/test_client.h"

namespace esockets::tests {

// What a handler was told, readable by the test's thread; `on_...` add a reaction on the loop.
struct HandlerLog {
  std::function<size_t(server::Connection&, std::string_view)> on_bytes;  // default: takes all
  std::function<void(server::Connection&)> on_low;
  std::function<void(server::Connection&)> on_flushed;
  // Makes the handler that the connection begins with, and which gives way to this one.
  std::function<std::unique_ptr<server::ConnectionHandler>(
      std::unique_ptr<server::ConnectionHandler>)>
      in_front;

  std::string received() const;
  int highs() const;
  int lows() const;
  bool unfinished() const;
  int ends() const;
  int alives() const;
  // Of a transport that has messages, "text:…" or "binary:…".
  std::vector<std::string> all_messages() const;
  void WaitUntilReceived(size_t bytes) const;
  void WaitUntilHigh() const;
  void WaitUntilMessages(size_t count) const;
  void WaitUntilAlive() const;
  void WaitUntilClosed() { closed.get_future().wait(); }

  std::promise<void> closed;
  std::promise<bool> death;  // of the handler; value: on the loop
  std::shared_future<bool> handler_died = death.get_future().share();

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::string bytes;  // guarded by mutex, as all below
  int high_count = 0;
  int low_count = 0;
  bool end_unfinished = false;
  int end_count = 0;
  int alive_count = 0;
  std::vector<std::string> messages;
};

enum class SocketKind { kTcp, kUnix };

struct ConnectionPair {
  // Started on `runner`'s loop. `paused`: with one PauseRead before.
  ConnectionPair(LoopRunner& runner, const server::ConnectionSettings& settings,
                 SocketKind kind = SocketKind::kTcp, bool paused = false,
                 const std::function<void(HandlerLog&)>& prepare = nullptr);

  // Closes it, and waits for its handler's end.
  ~ConnectionPair();

  HandlerLog log;
  TestClient client;
  base::RefPtr<server::Connection> connection;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_CONNECTION_PAIR_H_

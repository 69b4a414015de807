#include "tests/support/connection_pair.h"

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <utility>

#include "base/check.h"
#include "base/ref_counted.h"
#include "server/sockets.h"

namespace esockets::tests {
namespace {

using server::Connection;
using server::UniqueFd;

class LoggingHandler final : public server::ConnectionHandler {
 public:
  LoggingHandler(HandlerLog* log, server::EventLoop* loop) : log_(*log), loop_(*loop) {}
  ~LoggingHandler() override { log_.death.set_value(loop_.IsOnLoop()); }

  size_t OnBytes(Connection& connection, std::string_view bytes) override {
    const size_t taken = log_.on_bytes ? log_.on_bytes(connection, bytes) : bytes.size();
    Note([&] { log_.bytes.append(bytes.substr(0, taken)); });
    return taken;
  }
  void OnMessage(Connection& connection, std::string_view message,
                 server::MessageKind kind) override {
    const bool text = kind == server::MessageKind::kText;
    Note([&] { log_.messages.emplace_back(text ? "text:" : "binary:").append(message); });
    OnBytes(connection, message);
  }
  void OnAlive(Connection&) override {
    Note([&] { ++log_.alive_count; });
  }
  void OnEndOfInput(Connection& connection, bool unfinished) override {
    loop_.AssertOnLoop();
    Note([&] {
      log_.end_unfinished = unfinished;
      ++log_.end_count;
    });
    ConnectionHandler::OnEndOfInput(connection, unfinished);
  }
  void OnFlushed(Connection& connection, size_t) override {
    if (log_.on_flushed) log_.on_flushed(connection);
  }
  void OnSendQueueHigh(Connection&) override {
    Note([&] { ++log_.high_count; });
  }
  void OnSendQueueLow(Connection& connection) override {
    Note([&] { ++log_.low_count; });
    if (log_.on_low) log_.on_low(connection);
  }
  void OnClosed(Connection&) override { log_.closed.set_value(); }

 private:
  template <typename Change>
  void Note(Change change) {
    const std::lock_guard lock(log_.mutex);
    change();
    log_.changed.notify_all();
  }

  HandlerLog& log_;
  server::EventLoop& loop_;
};

// Ours, the client's.
std::pair<UniqueFd, UniqueFd> SocketPair(SocketKind kind) {
  if (kind == SocketKind::kUnix) {
    int fds[2];
    ESOCKETS_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    return {UniqueFd(fds[0]), UniqueFd(fds[1])};
  }
  const auto any = server::SocketAddress::Parse("127.0.0.1:0");
  auto listener = server::ListenOn(*any, 1, {});
  ESOCKETS_CHECK(listener.ok());
  auto client = server::StartConnect(server::LocalAddress(listener->get(), *any), {});
  ESOCKETS_CHECK(client.ok());
  pollfd poll_fd{listener->get(), POLLIN, 0};
  ESOCKETS_CHECK(::poll(&poll_fd, 1, 30'000) == 1);
  UniqueFd ours(::accept4(listener->get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  ESOCKETS_CHECK(ours);
  return {std::move(ours), *std::move(client)};
}

}  // namespace

std::string HandlerLog::received() const {
  const std::lock_guard lock(mutex);
  return bytes;
}

int HandlerLog::highs() const {
  const std::lock_guard lock(mutex);
  return high_count;
}

int HandlerLog::lows() const {
  const std::lock_guard lock(mutex);
  return low_count;
}

int HandlerLog::ends() const {
  const std::lock_guard lock(mutex);
  return end_count;
}

int HandlerLog::alives() const {
  const std::lock_guard lock(mutex);
  return alive_count;
}

std::vector<std::string> HandlerLog::all_messages() const {
  const std::lock_guard lock(mutex);
  return messages;
}

bool HandlerLog::unfinished() const {
  const std::lock_guard lock(mutex);
  return end_unfinished;
}

void HandlerLog::WaitUntilReceived(size_t count) const {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return bytes.size() >= count; });
}

void HandlerLog::WaitUntilHigh() const {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return high_count > 0; });
}

void HandlerLog::WaitUntilMessages(size_t count) const {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return messages.size() >= count; });
}

void HandlerLog::WaitUntilAlive() const {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return alive_count > 0; });
}

ConnectionPair::ConnectionPair(LoopRunner& runner, const server::ConnectionSettings& settings,
                               SocketKind kind, bool paused,
                               const std::function<void(HandlerLog&)>& prepare) {
  static std::atomic<uint64_t> last_id{0};
  auto [ours, theirs] = SocketPair(kind);
  client = TestClient(std::move(theirs));
  const auto local =
      server::SocketAddress::Parse(kind == SocketKind::kUnix ? "unix:/test" : "127.0.0.1:1");
  connection = base::MakeRefCounted<Connection>(Connection::Args{.loop = &runner.loop(),
                                                                 .fd = std::move(ours),
                                                                 .id = ++last_id,
                                                                 .peer = *local,
                                                                 .settings = &settings});
  if (prepare) prepare(log);
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    if (paused) connection->PauseRead();
    std::unique_ptr<server::ConnectionHandler> handler =
        std::make_unique<LoggingHandler>(&log, &runner.loop());
    if (log.in_front) handler = log.in_front(std::move(handler));
    connection->Start(std::move(handler));
  });
}

ConnectionPair::~ConnectionPair() {
  if (connection) connection->Close(server::CloseMode::kNow);
  log.handler_died.wait();
}

}  // namespace esockets::tests

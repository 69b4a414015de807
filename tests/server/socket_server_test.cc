// Each row of the socket core's table, over real sockets.
#include "server/socket_server.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/ref_counted.h"
#include "gtest/gtest.h"
#include "server/admission.h"
#include "tests/support/socket_path.h"
#include "tests/support/test_client.h"

namespace esockets::server {
namespace {

using std::chrono::milliseconds;
using tests::TestClient;

// Echoes, and remembers what it was told.
class Handler final : public ServerHandler {
 public:
  void OnStart() override { Note("start"); }
  void OnClientConnect(const ClientPtr&) override { Note("connect"); }
  void OnMessageRecv(const ClientPtr& client, std::string_view message) override {
    client->Send(message);
    if (on_message) on_message(client, message);
  }
  void OnClientDisconnect(const ClientPtr&) override { Note("disconnect"); }
  void OnServerShuttingDown() override { Note("shutting down"); }
  void OnServerShutDown() override { Note("shut down"); }
  void OnWarning(std::string_view warning) override { Note("warning: " + std::string(warning)); }

  std::function<void(const ClientPtr&, std::string_view)> on_message;

  std::vector<std::string> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  void WaitFor(const std::string& event, int count = 1) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return std::count(events_.begin(), events_.end(), event) >= count; });
  }
  std::string WaitForWarning() {
    std::unique_lock lock(mutex_);
    std::string found;
    changed_.wait(lock, [&] {
      for (const std::string& event : events_) {
        if (event.starts_with("warning: ")) found = event;
      }
      return !found.empty();
    });
    return found;
  }

 private:
  void Note(const std::string& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> events_;  // guarded by mutex_
};

std::string Echoed(TestClient& client, const std::string& message) {
  client.Send(message);
  return client.Receive(message.size());
}

TEST(SocketServer, DefaultsAreTheOriginals) {
  const SocketServerOptions options;
  EXPECT_EQ(options.port, 1234);
  EXPECT_EQ(options.host, "127.0.0.1");
}

TEST(SocketServer, CallsBackInOrder) {
  Handler handler;
  SocketServer server({.port = 0}, &handler);
  ASSERT_TRUE(server.Start().ok());
  EXPECT_NE(server.port(), 0);
  TestClient client(server.addresses()[0]);
  EXPECT_EQ(Echoed(client, "hello"), "hello");
  client.Close();
  handler.WaitFor("disconnect");
  EXPECT_FALSE(server.stopped());
  server.Stop();
  server.Wait();
  EXPECT_TRUE(server.stopped());
  EXPECT_EQ(handler.events(), (std::vector<std::string>{"start", "connect", "disconnect",
                                                        "shutting down", "shut down"}));
}

TEST(SocketServer, ListensOnEveryFamilyAtOnce) {
  const tests::SocketPath socket;
  Handler handler;
  SocketServer server({.listen = {"127.0.0.1:0", "[::1]:0", "unix:" + socket.path()}}, &handler);
  ASSERT_TRUE(server.Start().ok());
  ASSERT_EQ(server.addresses().size(), 3u);
  for (const SocketAddress& address : server.addresses()) {
    TestClient client(address);
    EXPECT_EQ(Echoed(client, address.ToString()), address.ToString());
  }
  server.Stop();
  EXPECT_NE(::access(socket.path().c_str(), F_OK), 0);
}

TEST(SocketServer, APortInUseIsAnErrorAndStartMayBeTriedAgain) {
  Handler handler;
  SocketServer first({.port = 0}, &handler);
  ASSERT_TRUE(first.Start().ok());
  Handler other;
  SocketServer second({.port = first.port()}, &other);
  const absl::Status status = second.Start();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(status.ToString().find("another process listens there"), std::string::npos);
  EXPECT_TRUE(other.events().empty());
  first.Stop();
  EXPECT_TRUE(second.Start().ok());
}

TEST(SocketServer, FramesMessages) {
  const struct {
    Framing framing;
    std::string wire;
  } kCases[] = {
      {Framing::kRaw, "as it came"},
      {Framing::kLine, "one\ntwo\n"},
      {Framing::kLengthDelimited, std::string("\0\0\0\3one\0\0\0\0\0\0\0\1x", 16)},
  };
  for (const auto& c : kCases) {
    Handler handler;
    SocketServer server({.port = 0, .framing = c.framing}, &handler);
    ASSERT_TRUE(server.Start().ok());
    TestClient client(server.addresses()[0]);
    EXPECT_EQ(Echoed(client, c.wire), c.wire);
  }
}

class MyConnection final : public Connection {
 public:
  using Connection::Connection;
  int score = 0;
};

TEST(SocketServer, MakesConnectionsOfTheUsersClass) {
  Handler handler;
  handler.on_message = [](const ClientPtr& client, std::string_view) {
    static_cast<MyConnection&>(*client).score += 1;
  };
  SocketServer server({.port = 0,
                       .make_connection =
                           [](Connection::Args args) {
                             return base::MakeRefCounted<MyConnection>(std::move(args));
                           }},
                      &handler);
  ASSERT_TRUE(server.Start().ok());
  TestClient client(server.addresses()[0]);
  Echoed(client, "a");
  Echoed(client, "b");
  client.Close();
  handler.WaitFor("disconnect");
  EXPECT_EQ(static_cast<MyConnection&>(*server.clients().begin()->second).score, 2);
}

TEST(SocketServer, RecvQueueSavesWhatIsAlsoCalledBack) {
  Handler handler;
  SocketServer server({.port = 0, .framing = Framing::kLine, .queue_recv_messages = true},
                      &handler);
  ASSERT_TRUE(server.Start().ok());
  TestClient client(server.addresses()[0]);
  EXPECT_EQ(Echoed(client, "1\n2\n3\n"), "1\n2\n3\n");
  const ClientPtr connection = server.clients().begin()->second;
  EXPECT_EQ(connection->recv_queue()->size(), 3u);
  EXPECT_EQ(connection->recv_queue()->Pop(milliseconds(1)), "1");
  client.Close();
  handler.WaitFor("disconnect");
  EXPECT_EQ(connection->recv_queue()->TryPop(), "2") << "readable after the end";
  EXPECT_EQ(connection->recv_queue()->Pop(base::Duration::max()), "3");
  EXPECT_EQ(connection->recv_queue()->Pop(base::Duration::max()), std::nullopt);
}

TEST(SocketServer, ClosedClientsStayUntilErasedOrOutnumbered) {
  Handler handler;
  SocketServer server({.port = 0, .closed_clients_max = 3}, &handler);
  ASSERT_TRUE(server.Start().ok());
  for (int i = 1; i <= 5; ++i) {
    TestClient client(server.addresses()[0]);
    Echoed(client, "x");
    server.EraseClient(static_cast<uint64_t>(i));  // open: no effect
    EXPECT_NE(server.client(static_cast<uint64_t>(i)), nullptr);
    client.Close();
    handler.WaitFor("disconnect", i);
  }
  ASSERT_TRUE(server.WaitUntilEmpty(std::chrono::seconds(30)));
  EXPECT_EQ(server.client(1), nullptr);
  EXPECT_EQ(server.client(2), nullptr);
  ASSERT_EQ(server.clients().size(), 3u);
  EXPECT_EQ(server.client(4)->end(), ConnectionEnd::kByPeer);
  server.EraseClient(4);
  server.EraseClient(4);
  EXPECT_EQ(server.clients().size(), 2u);
}

TEST(SocketServer, CallbacksOnAPoolKeepEachClientsOrder) {
  Handler handler;
  std::mutex mutex;
  std::map<uint64_t, std::string> received;
  std::set<std::thread::id> threads;
  handler.on_message = [&](const ClientPtr& client, std::string_view message) {
    const std::lock_guard lock(mutex);
    received[client->id()] += message;
    threads.insert(std::this_thread::get_id());
  };
  SocketServer server({.port = 0,
                       .loops = 2,
                       .framing = Framing::kLine,
                       .callback_threads = 2,
                       .callback_queue_messages_max = 8},
                      &handler);
  ASSERT_TRUE(server.Start().ok());
  std::string all, expected;
  for (int i = 0; i < 2000; ++i) all += std::to_string(i) + "\n", expected += std::to_string(i);
  std::vector<std::thread> clients;
  clients.reserve(4);
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      TestClient client(server.addresses()[0]);
      client.Send(all);
      EXPECT_EQ(client.Receive(all.size()), all);
    });
  }
  for (std::thread& client : clients) client.join();
  handler.WaitFor("disconnect", 4);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(received.size(), 4u);
  for (const auto& [id, text] : received) EXPECT_EQ(text, expected) << id;
  EXPECT_EQ(threads.size(), 2u);
}

TEST(SocketServer, LoopsShareTheClients) {
  Handler handler;
  SocketServer server({.port = 0, .loops = 3}, &handler);
  ASSERT_TRUE(server.Start().ok());
  std::vector<TestClient> clients;
  for (int i = 0; i < 30; ++i) {
    clients.emplace_back(server.addresses()[0]);
    EXPECT_EQ(Echoed(clients.back(), "x"), "x");
  }
  std::map<int, int> clients_of_loop;
  for (const auto& [id, client] : server.clients()) ++clients_of_loop[client->loop().index()];
  EXPECT_EQ(clients_of_loop, (std::map<int, int>{{0, 10}, {1, 10}, {2, 10}}));
}

TEST(SocketServer, OverTheQuotaIsRefused) {
  Handler handler;
  SocketServer server({.port = 0,
                       .connections_max = 1,
                       .on_refuse = [](std::string_view) { return std::string("full"); }},
                      &handler);
  ASSERT_TRUE(server.Start().ok());
  TestClient first(server.addresses()[0]);
  EXPECT_EQ(Echoed(first, "x"), "x");
  TestClient second(server.addresses()[0]);
  EXPECT_EQ(second.ReceiveAll(), "full");
  EXPECT_EQ(Echoed(first, "y"), "y");
}

TEST(SocketServer, WhomTheAdmissionRefusesIsToldAndWhoLeavesMakesRoom) {
  Handler handler;
  Admission admission({.of_listeners = {{.connections_per_address_max = 1}, {}}});
  SocketServer server({.listen = {"127.0.0.1:0", "127.0.0.1:0"},
                       .admission = &admission,
                       .behind_proxies = {false, true},
                       .on_refuse = [](std::string_view why) { return std::string(why); }},
                      &handler);
  ASSERT_TRUE(server.Start().ok());
  TestClient first(server.addresses()[0]);
  EXPECT_EQ(Echoed(first, "x"), "x");
  EXPECT_EQ(TestClient(server.addresses()[0]).ReceiveAll(), "limit 1 from one address");
  TestClient proxied(server.addresses()[1]);
  EXPECT_EQ(Echoed(proxied, "x"), "x") << "the proxy's own address does not count";
  first.Close();
  handler.WaitFor("disconnect");
  proxied.Close();
  ASSERT_TRUE(server.WaitUntilEmpty(std::chrono::seconds(30)));
  TestClient next(server.addresses()[0]);
  EXPECT_EQ(Echoed(next, "y"), "y");
}

TEST(SocketServer, IdleClientsAreClosed) {
  Handler handler;
  SocketServer server({.port = 0, .idle_timeout = milliseconds(20)}, &handler);
  ASSERT_TRUE(server.Start().ok());
  TestClient client(server.addresses()[0]);
  EXPECT_EQ(client.ReceiveAll(), "");
  client.Close();
  handler.WaitFor("disconnect");
  EXPECT_EQ(server.clients().begin()->second->end(), ConnectionEnd::kIdle);
}

TEST(SocketServer, DrainSendsWhatIsQueued) {
  Handler handler;
  const std::string large(8'000'000, 'x');
  handler.on_message = [&](const ClientPtr& client, std::string_view) { client->Send(large); };
  SocketServer server({.port = 0, .loops = 2, .close_linger = std::chrono::seconds(20)}, &handler);
  ASSERT_TRUE(server.Start().ok());
  TestClient client(server.addresses()[0]);
  Echoed(client, "?");
  std::thread drain([&] { server.Drain(std::chrono::seconds(30)); });
  EXPECT_EQ(client.ReceiveAll().size(), large.size());
  EXPECT_TRUE(client.ended());
  client.Close();
  drain.join();
  EXPECT_TRUE(server.stopped());
  EXPECT_EQ(handler.events(), (std::vector<std::string>{"start", "connect", "shutting down",
                                                        "disconnect", "shut down"}));
}

TEST(SocketServer, StopCutsADrainShort) {
  Handler handler;
  SocketServer server({.port = 0, .close_linger = std::chrono::hours(1)}, &handler);
  ASSERT_TRUE(server.Start().ok());
  TestClient silent(server.addresses()[0]);
  Echoed(silent, "x");
  std::thread drain([&] { server.Drain(base::Duration::max()); });
  handler.WaitFor("shutting down");
  server.Stop();
  drain.join();
  EXPECT_TRUE(server.stopped());
}

TEST(SocketServer, StopsWhileClientsComeAndGo) {
  for (int round = 0; round < 10; ++round) {
    Handler handler;
    auto server =
        std::make_unique<SocketServer>(SocketServerOptions{.port = 0, .loops = 2}, &handler);
    ASSERT_TRUE(server->Start().ok());
    const SocketAddress address = server->addresses()[0];
    std::atomic<bool> stopped{false};
    std::thread storm([&] {
      while (!stopped) {
        sockaddr_storage kernel;
        const socklen_t size = address.ToKernel(&kernel);
        const UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
        if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&kernel), size) != 0) return;
        [[maybe_unused]] const ssize_t n = ::send(fd.get(), "x", 1, MSG_NOSIGNAL);
      }
    });
    handler.WaitFor("connect", 20);
    server->Stop();
    EXPECT_EQ(server->open_clients(), 0u);
    for (const auto& [id, client] : server->clients()) EXPECT_TRUE(client->closed());
    server.reset();
    stopped = true;
    storm.join();
    const auto events = handler.events();
    EXPECT_EQ(std::count(events.begin(), events.end(), "connect"),
              std::count(events.begin(), events.end(), "disconnect"));
  }
}

// In a process of its own: the limit of descriptors is the process's.
int ServeWithFewDescriptors() {
  Handler handler;
  SocketServer server({.port = 0}, &handler);
  if (!server.Start().ok()) return 2;
  const rlimit few{32, 32};
  if (::setrlimit(RLIMIT_NOFILE, &few) != 0) return 3;
  // The server's descriptors and its clients' share the limit here.
  sockaddr_storage kernel;
  const socklen_t size = server.addresses()[0].ToKernel(&kernel);
  std::vector<UniqueFd> fds;
  for (;;) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
    if (!fd) break;
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&kernel), size) != 0) return 4;
    fds.push_back(std::move(fd));
  }
  if (handler.WaitForWarning().find("ulimit -n") == std::string::npos) return 5;
  fds.clear();
  if (!server.WaitUntilEmpty(std::chrono::seconds(20))) return 6;
  // Those that still wait in the kernel are accepted first, and may need every descriptor again.
  for (int attempt = 0; attempt < 1000; ++attempt) {
    TestClient client(server.addresses()[0]);
    if (Echoed(client, "again") == "again") return 0;
  }
  return 7;
}

TEST(SocketServer, SurvivesRunningOutOfDescriptors) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(ServeWithFewDescriptors());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(SocketServer, SaysHowManyDescriptorsItHas) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  Handler handler;
  SocketServer server({.port = 0}, &handler);
  EXPECT_EQ(server.descriptor_limit(), limit.rlim_max);
}

}  // namespace
}  // namespace esockets::server

// The original's Socket class: a server for very many clients, with callbacks.
//
//   struct Echo : ServerHandler {
//     void OnMessageRecv(const ClientPtr& client, std::string_view message) override {
//       client->Send(message);
//     }
//   } handler;
//   SocketServer server({.port = 1234}, &handler);
//   if (absl::Status status = server.Start(); !status.ok()) …
//   server.Wait();
#ifndef SERVER_SOCKET_SERVER_H_
#define SERVER_SOCKET_SERVER_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/on_loop.h"
#include "server/admission.h"
#include "server/callback_handler.h"
#include "server/callback_pool.h"
#include "server/client_table.h"
#include "server/connection.h"
#include "server/connection_handler.h"
#include "server/door.h"
#include "server/event_loop.h"
#include "server/framing.h"
#include "server/limits.h"
#include "server/listener.h"
#include "server/server_handler.h"
#include "server/sockets.h"

namespace esockets::server {

struct SocketServerOptions {
  std::string host = "127.0.0.1";
  int port = 1234;  // 0: the kernel chooses
  std::vector<std::string>
      listen{};   // addresses ("[::1]:1234", "unix:/path") instead of host and port
  int loops = 1;  // threads; 0: one per core
  int listen_backlog = kListenBacklog;
  size_t connections_max = 0;  // 0: as many as there are descriptors
  // Whom it takes in besides; it outlives the server. Null: everybody.
  Admission* admission = nullptr;
  // By the number of the listener: do its clients come through proxies? Then their addresses count
  // when they are known, which is for the handler to say; others: no.
  std::vector<bool> behind_proxies{};
  size_t recv_buffer_bytes = kRecvBufferBytes;
  base::Duration accept_block_time = std::chrono::seconds(10);  // upper bounds of one wait:
  base::Duration loop_block_time = std::chrono::seconds(10);    // timers and posts wake earlier

  Framing framing = Framing::kRaw;
  size_t message_bytes_max = kMessageBytesMax;  // of the framings that have messages
  bool queue_recv_messages = false;  // save every message in Connection::recv_queue() too
  RecvQueueOptions recv_queue{};
  int callback_threads = 0;  // 0: callbacks run on the client's loop
  size_t callback_queue_messages_max = kCallbackQueueMessagesMax;
  size_t closed_clients_max = kClosedClientsMax;

  size_t high_watermark_bytes = kHighWatermarkBytes;
  size_t low_watermark_bytes = kLowWatermarkBytes;
  size_t send_queue_bytes_max = kSendQueueBytesMax;
  base::Duration idle_timeout{};  // zero: none
  base::Duration close_linger = kCloseLinger;
  SocketTuning tuning{};
  SocketApi* socket_api = &SocketApi::System();

  // The bytes to tell a client for whom there is no place, before its connection is closed: at
  // connections_max, by `admission`, and when descriptors run out. Called on the first loop.
  // Default: none.
  std::function<std::string(std::string_view why)> on_refuse{};
  // The original's clients_class. Default: a plain Connection.
  std::function<ClientPtr(Connection::Args)> make_connection{};
  // Who understands a connection's bytes. Default: framing and callbacks.
  MakeHandler make_handler{};
  // What stands in front of that, like MakeWebSocketDoor. Default: nothing.
  Door door{};
};

// Thread: any, unless said otherwise.
class SocketServer final : private ConnectionOwner {
 public:
  // REQUIRES: `handler` outlives the server.
  SocketServer(SocketServerOptions options, ServerHandler* handler);
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;
  // Stops.
  ~SocketServer();

  // Listens, calls OnStart, and begins to serve. Errors: the address is wrong or taken; Start may
  // be called again.
  absl::Status Start();
  // Returns when the server has stopped.
  void Wait();
  // Stops accepting, and asks every connection to end (ConnectionHandler::OnDrain); at most until
  // `timeout`, then Stop.
  void Drain(base::Duration timeout);
  // Closes everything at once and ends the threads; also while another thread drains. Returns when
  // the server has stopped. REQUIRES (Drain too): not within a callback.
  void Stop();
  // True when every client is closed, false when that took longer than `timeout`.
  bool WaitUntilEmpty(base::Duration timeout);

  bool stopped() const;

  // Where it listens, with the ports that the kernel has chosen.
  std::vector<SocketAddress> addresses() const;
  // Of the first address.
  int port() const;

  // By id. A closed client stays until it is erased or closed_clients_max newer ones have closed.
  std::map<uint64_t, ClientPtr> clients() const;
  ClientPtr client(uint64_t id) const;
  void EraseClient(uint64_t id);
  size_t open_clients() const { return open_clients_.load(std::memory_order_relaxed); }

  size_t loop_count() const { return loops_.size(); }
  EventLoop& loop(size_t index) { return *loops_[index]; }
  size_t descriptor_limit() const { return descriptor_limit_; }
  const SocketServerOptions& options() const { return options_; }

 private:
  void OnConnectionClosed(Connection& connection) override ESOCKETS_ON_LOOP;

  absl::Status Listen();
  void StartLoops();
  Admission::Room RoomOf(size_t listener) ESOCKETS_ON_LOOP;
  std::optional<std::string> WhyRefuse(size_t listener, const SocketAddress& peer) ESOCKETS_ON_LOOP;
  bool BehindProxies(size_t listener) const;
  void Accept(size_t listener, UniqueFd fd, SocketAddress peer);
  ClientPtr MakeClient(EventLoop* loop, size_t listener, UniqueFd fd, SocketAddress peer);
  MakeHandler HandlerMaker();
  void DrainClients(EventLoop* loop) ESOCKETS_ON_LOOP;
  void DrainSome(EventLoop* loop, std::vector<ClientPtr> its) ESOCKETS_ON_LOOP;
  void CloseAll();
  // Returns when nothing is accepted any more, and so no client can be added.
  void StopAccepting();

  const SocketServerOptions options_;
  ServerHandler& handler_;
  const ConnectionSettings settings_;
  CallbackHandler::Settings callback_settings_;
  const MakeHandler make_handler_;
  const size_t descriptor_limit_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::thread> threads_;
  std::unique_ptr<CallbackPool> pool_;
  std::vector<std::atomic<size_t>> clients_of_loop_;  // by index of the loop
  std::atomic<size_t> open_clients_{0};
  std::atomic<uint64_t> last_id_{0};

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // open_clients_, state_, ...
  ClientTable clients_;              // guarded by mutex_, as all below
  enum class State { kNew, kRunning, kDraining, kStopping, kStopped };
  State state_ = State::kNew;
  size_t listeners_stopped_ = 0;
};

}  // namespace esockets::server

#endif  // SERVER_SOCKET_SERVER_H_

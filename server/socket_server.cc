#include "server/socket_server.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/ref_counted.h"
#include "base/strings.h"

namespace esockets::server {
namespace {

ConnectionSettings SettingsOf(const SocketServerOptions& options, ConnectionOwner* owner) {
  return {.owner = owner,
          .framing = options.framing,
          .high_watermark_bytes = options.high_watermark_bytes,
          .low_watermark_bytes = options.low_watermark_bytes,
          .send_queue_bytes_max = options.send_queue_bytes_max,
          .close_linger = options.close_linger,
          .idle_timeout = options.idle_timeout};
}

// "For ever" is a timeout, too: a deadline must not overflow.
constexpr base::Duration kWaitMax = std::chrono::hours(24 * 365);

size_t LoopCount(int asked) {
  if (asked > 0) return static_cast<size_t>(asked);
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

SocketServer::SocketServer(SocketServerOptions options, ServerHandler* handler)
    : options_(std::move(options)),
      handler_(*handler),
      settings_(SettingsOf(options_, this)),
      make_handler_(HandlerMaker()),
      descriptor_limit_(RaiseDescriptorLimit()),
      clients_of_loop_(LoopCount(options_.loops)),
      clients_(options_.closed_clients_max) {
  if (options_.callback_threads > 0) {
    pool_ = std::make_unique<CallbackPool>(options_.callback_threads,
                                           options_.callback_queue_messages_max);
  }
  callback_settings_ = {.callbacks = handler,
                        .pool = pool_.get(),
                        .framing = options_.framing,
                        .message_bytes_max = options_.message_bytes_max};
  for (size_t i = 0; i < clients_of_loop_.size(); ++i) {
    loops_.push_back(std::make_unique<EventLoop>(EventLoopOptions{
        .index = static_cast<int>(i),
        // The first loop accepts as well.
        .block_time_max = i == 0 ? std::min(options_.accept_block_time, options_.loop_block_time)
                                 : options_.loop_block_time,
        .recv_buffer_bytes = options_.recv_buffer_bytes,
        .socket_api = options_.socket_api}));
  }
}

SocketServer::~SocketServer() { Stop(); }

absl::Status SocketServer::Start() {
  if (absl::Status listening = Listen(); !listening.ok()) {
    listeners_.clear();
    return listening;
  }
  handler_.OnStart();
  const std::lock_guard lock(mutex_);
  ESOCKETS_CHECK(state_ == State::kNew);
  state_ = State::kRunning;
  StartLoops();
  return absl::OkStatus();
}

absl::Status SocketServer::Listen() {
  std::vector<std::string> wanted = options_.listen;
  if (wanted.empty()) {
    const bool ipv6 = options_.host.find(':') != std::string::npos;
    wanted.push_back(ipv6 ? base::StrCat("[", options_.host, "]:", options_.port)
                          : base::StrCat(options_.host, ":", options_.port));
  }
  for (const std::string& text : wanted) {
    absl::StatusOr<SocketAddress> address = SocketAddress::Parse(text);
    if (!address.ok()) return address.status();
    absl::StatusOr<UniqueFd> fd = ListenOn(*address, options_.listen_backlog, options_.tuning);
    if (!fd.ok()) return fd.status();
    const SocketAddress bound = LocalAddress(fd->get(), *address);
    listeners_.push_back(std::make_unique<Listener>(
        loops_[0].get(), *std::move(fd), bound,
        Listener::Callbacks{
            .room =
                [this, number = listeners_.size()] {
                  loops_[0]->AssertOnLoop();
                  return RoomOf(number);
                },
            .why_refuse =
                [this, number = listeners_.size()](const SocketAddress& peer) {
                  loops_[0]->AssertOnLoop();
                  return WhyRefuse(number, peer);
                },
            .on_accept =
                [this, number = listeners_.size()](UniqueFd accepted, SocketAddress peer) {
                  Accept(number, std::move(accepted), std::move(peer));
                },
            .on_warning = [this](std::string_view warning) { handler_.OnWarning(warning); },
            .on_refuse =
                [this](std::string_view why) {
                  return options_.on_refuse ? options_.on_refuse(why) : std::string();
                }}));
  }
  return absl::OkStatus();
}

void SocketServer::StartLoops() {
  for (const auto& listener : listeners_) {
    loops_[0]->Post([this, listener = listener.get()] {
      loops_[0]->AssertOnLoop();
      listener->Start();
    });
  }
  for (const auto& loop : loops_) {
    threads_.emplace_back([loop = loop.get()] { loop->Run(); });
  }
}

Admission::Room SocketServer::RoomOf(size_t listener) {
  if (options_.admission == nullptr) return {.connections = kAcceptsPerTurnMax};
  const base::TimePoint now = loops_[0]->clock().Now();
  base::Duration lag{};
  for (const auto& loop : loops_) lag = std::max(lag, loop->LagAt(now));
  return options_.admission->RoomAt(listener, now, lag);
}

bool SocketServer::BehindProxies(size_t listener) const {
  return listener < options_.behind_proxies.size() && options_.behind_proxies[listener];
}

// Who is not refused is counted by the admission from here on.
std::optional<std::string> SocketServer::WhyRefuse(size_t listener, const SocketAddress& peer) {
  if (options_.connections_max != 0 && open_clients_ >= options_.connections_max) {
    return base::StrCat("limit ", options_.connections_max);
  }
  Admission* const admission = options_.admission;
  if (admission == nullptr) return std::nullopt;
  const base::TimePoint now = loops_[0]->TurnTime();
  AdmissionRefusal refusal = admission->EnterListener(listener, now);
  if (refusal == AdmissionRefusal::kNone && !BehindProxies(listener)) {
    refusal = admission->EnterAddress(listener, peer, now);
    if (refusal != AdmissionRefusal::kNone) admission->LeaveListener(listener);
  }
  if (refusal == AdmissionRefusal::kNone) return std::nullopt;
  return admission->Describe(refusal, listener);
}

// On the first loop: the one with the fewest clients gets the new one.
void SocketServer::Accept(size_t listener, UniqueFd fd, SocketAddress peer) {
  const auto fewest = std::min_element(
      clients_of_loop_.begin(), clients_of_loop_.end(),
      [](const std::atomic<size_t>& a, const std::atomic<size_t>& b) { return a < b; });
  ++*fewest;
  ++open_clients_;
  EventLoop* loop = loops_[static_cast<size_t>(fewest - clients_of_loop_.begin())].get();
  ClientPtr client = MakeClient(loop, listener, std::move(fd), std::move(peer));
  if (loop->IsOnLoop()) {
    loop->AssertOnLoop();
    return client->Start(make_handler_(*client));
  }
  loop->Post([this, loop, client = std::move(client)] {
    loop->AssertOnLoop();
    client->Start(make_handler_(*client));
  });
}

ClientPtr SocketServer::MakeClient(EventLoop* loop, size_t listener, UniqueFd fd,
                                   SocketAddress peer) {
  Connection::Args args{
      .loop = loop,
      .fd = std::move(fd),
      .id = ++last_id_,
      .peer = std::move(peer),
      .settings = &settings_,
      .listener = static_cast<uint8_t>(listener),
      .address_counted = options_.admission != nullptr && !BehindProxies(listener)};
  ClientPtr client = options_.make_connection ? options_.make_connection(std::move(args))
                                              : base::MakeRefCounted<Connection>(std::move(args));
  if (options_.queue_recv_messages) {
    // The queue is the connection's own: the pointer is good whenever the queue calls.
    client->set_recv_queue(
        std::make_unique<RecvQueue>(options_.recv_queue, [connection = client.get()](bool pause) {
          pause ? connection->PauseRead() : connection->ResumeRead();
        }));
  }
  const std::lock_guard lock(mutex_);
  clients_.Add(client.get());
  return client;
}

MakeHandler SocketServer::HandlerMaker() {
  MakeHandler make = options_.make_handler;
  if (!make) {
    make = [this](Connection& connection) {
      connection.loop().AssertOnLoop();
      return std::make_unique<CallbackHandler>(callback_settings_);
    };
  }
  return options_.door ? options_.door(std::move(make)) : make;
}

void SocketServer::OnConnectionClosed(Connection& connection) {
  --clients_of_loop_[static_cast<size_t>(connection.loop().index())];
  if (options_.admission != nullptr) {
    options_.admission->LeaveListener(connection.listener());
    if (connection.address_counted()) options_.admission->LeaveAddress(connection.peer());
  }
  std::vector<ClientPtr> forgotten;  // die when the lock is released
  const std::lock_guard lock(mutex_);
  --open_clients_;
  forgotten = clients_.OnClosed(&connection);
  changed_.notify_all();
}

void SocketServer::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return state_ == State::kStopped; });
}

void SocketServer::StopAccepting() {
  for (const std::thread& thread : threads_) {
    ESOCKETS_CHECK(thread.get_id() != std::this_thread::get_id());
  }
  for (const auto& listener : listeners_) {
    loops_[0]->Post([this, listener = listener.get()] {
      loops_[0]->AssertOnLoop();
      listener->Stop();
      const std::lock_guard lock(mutex_);
      ++listeners_stopped_;
      changed_.notify_all();
    });
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return listeners_stopped_ >= listeners_.size(); });
}

void SocketServer::Drain(base::Duration timeout) {
  {
    std::unique_lock lock(mutex_);
    if (state_ == State::kNew) return;
    if (state_ != State::kRunning) {
      return changed_.wait(lock, [&] { return state_ == State::kStopped; });
    }
    state_ = State::kDraining;
  }
  handler_.OnServerShuttingDown();
  StopAccepting();
  for (const auto& loop : loops_) {
    loop->Post([this, loop = loop.get()] {
      loop->AssertOnLoop();
      DrainClients(loop);
    });
  }
  WaitUntilEmpty(timeout);
  Stop();
}

void SocketServer::Stop() {
  {
    std::unique_lock lock(mutex_);
    if (state_ == State::kNew) return;
    if (state_ == State::kStopping || state_ == State::kStopped) {
      return changed_.wait(lock, [&] { return state_ == State::kStopped; });
    }
    const bool draining = std::exchange(state_, State::kStopping) == State::kDraining;
    lock.unlock();
    if (!draining) handler_.OnServerShuttingDown();
  }
  StopAccepting();
  CloseAll();
  WaitUntilEmpty(base::Duration::max());
  for (const auto& loop : loops_) loop->Stop();
  for (std::thread& thread : threads_) thread.join();
  pool_.reset();
  handler_.OnServerShutDown();
  // Whoever waits may destroy the server as soon as the lock is released.
  const std::lock_guard lock(mutex_);
  state_ = State::kStopped;
  changed_.notify_all();
}

void SocketServer::DrainClients(EventLoop* loop) {
  std::vector<ClientPtr> its;
  for (const auto& [id, client] : clients()) {
    if (&client->loop() == loop) its.push_back(client);
  }
  DrainSome(loop, std::move(its));
}

// The others go on with the next turn: until they are asked they are served.
void SocketServer::DrainSome(EventLoop* loop, std::vector<ClientPtr> its) {
  for (int asked = 0; asked < kDrainsPerTurnMax && !its.empty(); its.pop_back()) {
    Connection& client = *its.back();
    if (!client.open()) continue;
    client.handler()->OnDrain(client);
    ++asked;
  }
  if (its.empty()) return;
  loop->Post([this, loop, its = std::move(its)]() mutable {
    loop->AssertOnLoop();
    DrainSome(loop, std::move(its));
  });
}

void SocketServer::CloseAll() {
  for (const auto& [id, client] : clients()) client->Close(CloseMode::kNow);
}

bool SocketServer::WaitUntilEmpty(base::Duration timeout) {
  std::unique_lock lock(mutex_);
  const auto ended = [&] { return open_clients_ == 0 || state_ == State::kStopped; };
  return changed_.wait_for(lock, std::min(timeout, kWaitMax), ended);
}

bool SocketServer::stopped() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::kStopped;
}

std::vector<SocketAddress> SocketServer::addresses() const {
  std::vector<SocketAddress> addresses;
  addresses.reserve(listeners_.size());
  for (const auto& listener : listeners_) addresses.push_back(listener->address());
  return addresses;
}

int SocketServer::port() const { return listeners_.empty() ? 0 : listeners_[0]->address().port(); }

std::map<uint64_t, ClientPtr> SocketServer::clients() const {
  const std::lock_guard lock(mutex_);
  return clients_.All();
}

ClientPtr SocketServer::client(uint64_t id) const {
  const std::lock_guard lock(mutex_);
  return clients_.Find(id);
}

void SocketServer::EraseClient(uint64_t id) {
  ClientPtr erased;  // dies when the lock is released
  const std::lock_guard lock(mutex_);
  erased = clients_.EraseClosed(id);
}

}  // namespace esockets::server

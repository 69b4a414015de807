// The client's side of the native protocol: greets, subscribes again, sends what is buffered,
// brings answers to those who wait for them, and decides after each end whether and when to come
// back. It knows neither sockets nor threads: a test runs it on a simulated loop.
#ifndef CLIENTS_CPP_SESSION_H_
#define CLIENTS_CPP_SESSION_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "clients/cpp/backoff.h"
#include "clients/cpp/events.h"
#include "clients/cpp/options.h"
#include "clients/cpp/outgoing_buffer.h"
#include "clients/cpp/pending_requests.h"
#include "clients/cpp/subscription_name.h"
#include "clients/cpp/subscription_set.h"
#include "clients/cpp/ticket.h"
#include "clients/cpp/token_keeper.h"
#include "clients/cpp/transport.h"

namespace esockets {
class Connected;
class Published;
class ServerFrame;
class Subscribed;
}  // namespace esockets

namespace esockets::client {

// Thread: the loop, unless said otherwise.
class Session final : private TransportListener {
 public:
  // REQUIRES: all pointers outlive the session.
  Session(base::Executor* loop, Transport* transport, OutgoingBuffer* outgoing,
          ClientOptions options, ClientEvents events);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Makes the first connection.
  void Start() ESOCKETS_ON_LOOP;

  // The outgoing buffer has something new.
  void Drain() ESOCKETS_ON_LOOP;
  // Whoever asked does not wait any more.
  void Forget(uint64_t request_id) ESOCKETS_ON_LOOP { requests_.Forget(request_id); }

  void Subscribe(std::string_view filter, const SubscribeOptions& options, Subscribed subscribed,
                 SubscriptionSet::Done done) ESOCKETS_ON_LOOP;
  void Unsubscribe(const SubscriptionName& name, uint64_t subscriber_id) ESOCKETS_ON_LOOP;

  // Counted; across connections.
  void PauseRead() ESOCKETS_ON_LOOP;
  void ResumeRead() ESOCKETS_ON_LOOP;

  // Takes nothing more, sends what is buffered, says goodbye; then the state is kClosed.
  void Close() ESOCKETS_ON_LOOP;
  // At once. `reason`: why; OK for a client that wanted it.
  void End(const absl::Status& reason) ESOCKETS_ON_LOOP;

  // As of Connected; empty before the first one.
  const std::string& client_id() const ESOCKETS_ON_LOOP { return client_id_; }
  // Of the last connection that stood.
  uint64_t session_id() const ESOCKETS_ON_LOOP { return session_id_; }
  // The same; empty when the broker knows no inboxes.
  const std::string& inbox() const ESOCKETS_ON_LOOP { return inbox_; }
  uint64_t connects_total() const ESOCKETS_ON_LOOP { return connects_total_; }
  // What the broker takes as one frame, in bytes. Thread: any.
  uint32_t frame_bytes_max() const { return frame_bytes_max_.load(std::memory_order_relaxed); }

 private:
  enum class Phase : uint8_t { kNew, kWaiting, kDialing, kGreeting, kUp, kEnded };

  // In the order in which it happens.
  void Dial() ESOCKETS_ON_LOOP;
  void OnUp() override ESOCKETS_ON_LOOP;
  void Greet(const absl::StatusOr<std::string>& token) ESOCKETS_ON_LOOP;
  size_t OnBytes(std::string_view bytes) override ESOCKETS_ON_LOOP;
  void OnFrame(std::string_view body) ESOCKETS_ON_LOOP;
  void OnOtherFrame(std::string_view body) ESOCKETS_ON_LOOP;
  void OnConnected(const esockets::Connected& connected) ESOCKETS_ON_LOOP;
  void BeConnectedIfSubscribed() ESOCKETS_ON_LOOP;
  void OnAnswer(const esockets::ServerFrame& frame) ESOCKETS_ON_LOOP;
  void OnSubscribed(const esockets::Subscribed& subscribed) ESOCKETS_ON_LOOP;
  void OnPublished(const esockets::Published& published) ESOCKETS_ON_LOOP;
  void OnError(const BrokerError& error, uint64_t id) ESOCKETS_ON_LOOP;
  void OnUncongested() override ESOCKETS_ON_LOOP { Drain(); }
  void KeepAlive() ESOCKETS_ON_LOOP;
  void SayGoodbye() ESOCKETS_ON_LOOP;
  void OnClose(const BrokerError& close) ESOCKETS_ON_LOOP;
  void OnDown(const absl::Status& reason) override ESOCKETS_ON_LOOP;
  // The connection is given up: what was sent over it may be lost.
  void Fail(const absl::Status& reason) ESOCKETS_ON_LOOP;
  void FailOrWait(const absl::Status& reason, bool retryable) ESOCKETS_ON_LOOP;
  void Wait(const absl::Status& reason) ESOCKETS_ON_LOOP;

  bool reads() const ESOCKETS_ON_LOOP;
  void SetTimer(base::Duration delay, void (*due)(Session*)) ESOCKETS_ON_LOOP;
  void SetState(State state, const absl::Status& reason) ESOCKETS_ON_LOOP;
  void SendFrames() ESOCKETS_ON_LOOP;
  TokenKeeper::Hooks TokenHooks();

  // Constant after construction.
  base::Executor& loop_;
  Transport& transport_;
  OutgoingBuffer& outgoing_;
  const ClientOptions options_;
  const ClientEvents events_;

  std::atomic<uint32_t> frame_bytes_max_;

  // The loop alone.
  Phase phase_ ESOCKETS_GUARDED_BY_LOOP = Phase::kNew;
  // Of kUp: the filters are asked for again, and the broker is not through with them. Reads on even
  // when paused: who waits for kConnected before it receives would wait for ever.
  bool subscribing_ ESOCKETS_GUARDED_BY_LOOP = false;
  bool closing_ ESOCKETS_GUARDED_BY_LOOP = false;  // Close was called
  bool goodbye_ ESOCKETS_GUARDED_BY_LOOP = false;  // Disconnect is sent
  bool leaving_ ESOCKETS_GUARDED_BY_LOOP = false;  // the broker has sent GoAway
  int pauses_ ESOCKETS_GUARDED_BY_LOOP = 0;
  int silent_ticks_ ESOCKETS_GUARDED_BY_LOOP = 0;  // of the keep-alive, without input
  base::Duration keep_alive_ ESOCKETS_GUARDED_BY_LOOP{};
  base::Duration retry_after_ ESOCKETS_GUARDED_BY_LOOP{};  // the broker's wish
  base::TimePoint dialed_at_ ESOCKETS_GUARDED_BY_LOOP;
  base::TimePoint connected_at_ ESOCKETS_GUARDED_BY_LOOP;
  base::TimerId timer_ ESOCKETS_GUARDED_BY_LOOP;  // wait, connect timeout, or keep-alive
  Backoff backoff_ ESOCKETS_GUARDED_BY_LOOP;
  TokenKeeper tokens_ ESOCKETS_GUARDED_BY_LOOP;
  Ticket ticket_ ESOCKETS_GUARDED_BY_LOOP;
  PendingRequests requests_ ESOCKETS_GUARDED_BY_LOOP;
  SubscriptionSet subscriptions_ ESOCKETS_GUARDED_BY_LOOP;
  std::string frames_ ESOCKETS_GUARDED_BY_LOOP;  // about to be sent
  std::string client_id_ ESOCKETS_GUARDED_BY_LOOP;
  uint64_t session_id_ ESOCKETS_GUARDED_BY_LOOP = 0;
  std::string inbox_ ESOCKETS_GUARDED_BY_LOOP;
  uint64_t connects_total_ ESOCKETS_GUARDED_BY_LOOP = 0;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_SESSION_H_

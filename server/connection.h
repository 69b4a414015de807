// One accepted (or connected) socket, owned by one loop for life.
// States: open -> ending (sends what is left, then SHUT_WR) -> lingering (reads and discards, so
// that the peer gets our last bytes) -> closed. Every way leads to closed, OnClosed is called once.
#ifndef SERVER_CONNECTION_H_
#define SERVER_CONNECTION_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/counted_block.h"
#include "base/executor.h"
#include "base/metrics.h"
#include "base/on_loop.h"
#include "base/ref_counted.h"
#include "server/connection_handler.h"
#include "server/connection_rare.h"
#include "server/connection_settings.h"
#include "server/event_loop.h"
#include "server/flush_list.h"
#include "server/framing.h"
#include "server/recv_queue.h"
#include "server/send_queue.h"
#include "server/socket_address.h"
#include "server/transport.h"
#include "server/unique_fd.h"

namespace esockets::server {

// There may be very many, most idle: what few need, or only at times, is in ConnectionRare.
class Connection : public base::RefCounted, private Flushable {
 public:
  using Args = ConnectionArgs;
  explicit Connection(Args args);
  virtual ~Connection();

  // Begins to read, for `handler`, which is the connection's own from here on, and let go of on the
  // loop after OnClosed. Until it is closed, the connection keeps itself alive.
  void Start(std::unique_ptr<ConnectionHandler> handler) ESOCKETS_ON_LOOP;

  // --- Thread: any

  base::RefPtr<Connection> Self() { return base::RefPtr<Connection>(this); }

  // Queues one message, framed as settings or transport say. Those of several threads are never
  // interleaved, those of one keep their order. Sent at the end of the turn.
  SendResult Send(std::string_view message, MessageKind kind = MessageKind::kBinary);

  // Ends the connection; `farewell`, if any, is the last that is sent. A second call has an effect
  // if it is quicker than the first. No effect before Start.
  void Close(CloseMode mode, std::string_view farewell = {});

  // Counted: reading goes on when as many ResumeRead as PauseRead were called. Idle time stands
  // still meanwhile. No effect once it is closed.
  void PauseRead();
  void ResumeRead();

  uint64_t id() const { return id_; }
  // -1 once it is closed. Descriptors are reused at once: not a name for a client.
  int fileno() const { return fileno_.load(std::memory_order_relaxed); }
  SocketAddress peer() const { return SocketAddress(peer_); }  // without a UNIX socket's path
  // For whom the peer connects; does the server's admission count it? REQUIRES: on the loop, before
  // anybody else asks.
  void set_peer(const SocketAddress& peer, bool counted) {
    peer_ = peer.endpoint(), address_counted_ = counted;
  }
  bool address_counted() const { return address_counted_; }
  EventLoop& loop() const { return loop_; }
  size_t listener() const { return listener_; }
  bool closed() const { return fileno() < 0; }
  ConnectionEnd end() const { return end_.load(std::memory_order_relaxed); }
  // Of the socket, from when it cannot be sent to any more, or broke; 0 otherwise.
  int error_number() const { return error_number_.load(std::memory_order_relaxed); }
  uint64_t bytes_in_total() const { return bytes_in_total_.value(); }
  uint64_t bytes_out_total() const { return bytes_out_total_.value(); }
  size_t send_queue_bytes() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return send_queue_.bytes(); }
  // Every received message is saved here too, when the server was told to (queue_recv_messages);
  // null otherwise. Stays readable after the end. To be set before Start.
  RecvQueue* recv_queue() const { return recv_queue_.get(); }
  void set_recv_queue(std::unique_ptr<RecvQueue> queue) { recv_queue_ = std::move(queue); }

  // --- Thread: the loop

  // Queues encoded frames without a copy, and without framing. `rank`: of the flush.
  void SendSpan(const base::BlockSpan& span, FlushRank rank = FlushRank::kInTurn) ESOCKETS_ON_LOOP;
  void FlushNow() ESOCKETS_ON_LOOP;  // what is queued, as far as the kernel takes it
  // Of the oldest byte that the kernel has not taken. REQUIRES: there is one.
  base::TimePoint oldest_unsent() const ESOCKETS_ON_LOOP { return send_queue_.oldest(); }
  bool refused() const ESOCKETS_ON_LOOP { return refused_; }  // the kernel takes no more
  bool reading_paused() const ESOCKETS_ON_LOOP { return pauses_ > 0; }
  bool open() const ESOCKETS_ON_LOOP { return state_ == State::kOpen; }  // not ending yet
  // Null before Start, and when the turn of OnClosed is over.
  ConnectionHandler* handler() const ESOCKETS_ON_LOOP { return handler_.get(); }
  // Asks for OnAlive. False: nothing can.
  bool Probe() ESOCKETS_ON_LOOP { return transport() != nullptr && transport()->Probe(*this); }

  // From here on; what the old handler leaves of its input goes to the new one, through `transport`
  // if there is one; another goes on and carries it. REQUIRES: within OnBytes of the old one.
  void ChangeProtocol(std::unique_ptr<Transport> transport,
                      std::unique_ptr<ConnectionHandler> handler) ESOCKETS_ON_LOOP;
  Transport* transport() const ESOCKETS_ON_LOOP {  // null: none
    return handler_ == nullptr ? nullptr : handler_->transport_.get();
  }

  // --- For the transport
  // Input for the handler. In front of `bytes` there is room for kTailInScratchBytesMax, or for
  // what was given before from the same memory.
  void Give(std::span<char> bytes) ESOCKETS_ON_LOOP;
  void EndOfMessages() ESOCKETS_ON_LOOP;    // the peer has said its last word
  void EndAgainstRules() ESOCKETS_ON_LOOP;  // ... or something that is not understood
  void FlushSoon() ESOCKETS_ON_LOOP;        // there is something of its own to send

 private:
  enum class State : uint8_t { kNew, kOpen, kEnding, kLingering, kClosed };

  ConnectionRare& NeedRare() ESOCKETS_ON_LOOP;
  size_t tail_bytes() const ESOCKETS_ON_LOOP { return rare_ == nullptr ? 0 : rare_->tail.size(); }
  void SetTail(std::string_view bytes) ESOCKETS_ON_LOOP;
  bool idle_watched() const { return settings_.idle_timeout != base::Duration::zero(); }

  // In the order in which it happens.
  void OnEvents(uint32_t events) override ESOCKETS_ON_LOOP;
  void OnHangUp() ESOCKETS_ON_LOOP;
  bool Read() ESOCKETS_ON_LOOP;
  void Receive(std::span<char> bytes) ESOCKETS_ON_LOOP;
  void Deliver(std::span<char> bytes) ESOCKETS_ON_LOOP;
  Transport* InnermostTransport() ESOCKETS_ON_LOOP;
  void ReceiveAgain(std::string_view bytes, Transport* added) ESOCKETS_ON_LOOP;
  void DeliverTail() ESOCKETS_ON_LOOP;
  void DeliverLeft() ESOCKETS_ON_LOOP;
  void EndOfInput(int error) ESOCKETS_ON_LOOP;
  void RequestPauses(int change);
  void ChangePauses(int change) ESOCKETS_ON_LOOP;
  void WatchIdle() ESOCKETS_ON_LOOP;

  void SendOnLoop(std::string_view message, MessageKind kind) ESOCKETS_ON_LOOP;
  void Enqueue(const base::BlockSpan& span, FlushRank rank) ESOCKETS_ON_LOOP;
  bool FlushOnce() override ESOCKETS_ON_LOOP;
  base::TimePoint OldestUnsent() const override ESOCKETS_ON_LOOP {
    return send_queue_.empty() ? base::TimePoint() : send_queue_.oldest();
  }
  void CountWaiting(const CopyOutLook& look) override ESOCKETS_ON_LOOP;
  void CopyOutOld(const CopyOutLook& look) override ESOCKETS_ON_LOOP;
  void SendFailed(int error) ESOCKETS_ON_LOOP;
  bool sent_all() const ESOCKETS_ON_LOOP {
    return send_queue_.empty() && (transport() == nullptr || transport()->sent_all());
  }
  void ReadRest() ESOCKETS_ON_LOOP;
  void SetRefused(bool refused) ESOCKETS_ON_LOOP;
  void NotifyIfLow() ESOCKETS_ON_LOOP;

  void CloseOnLoop(CloseMode mode, ConnectionEnd end, std::string_view farewell) ESOCKETS_ON_LOOP;
  void DropUnsentFrames() ESOCKETS_ON_LOOP;
  void WatchEnding() ESOCKETS_ON_LOOP;
  void ShutDown() ESOCKETS_ON_LOOP;
  void Break(int error) ESOCKETS_ON_LOOP;
  void Terminate() ESOCKETS_ON_LOOP;
  void UpdateEvents() ESOCKETS_ON_LOOP;

  // Constant after construction (recv_queue_: after Start). The order leaves no gaps.
  std::atomic<int> fileno_;  // any thread may read it, as error_number_, end_ and the counters
  EventLoop& loop_;
  const ConnectionSettings& settings_;
  const uint64_t id_;
  SocketAddress::Endpoint peer_;
  int pauses_ ESOCKETS_GUARDED_BY_LOOP = 0;
  std::unique_ptr<RecvQueue> recv_queue_;
  base::Counter bytes_in_total_;
  base::Counter bytes_out_total_;

  // The loop alone.
  std::unique_ptr<ConnectionHandler> handler_ ESOCKETS_GUARDED_BY_LOOP;
  std::unique_ptr<ConnectionRare> rare_ ESOCKETS_GUARDED_BY_LOOP;  // null: nothing of it is needed
  [[no_unique_address]] SendQueue send_queue_ ESOCKETS_GUARDED_BY_LOOP;
  State state_ ESOCKETS_GUARDED_BY_LOOP = State::kNew;
  uint8_t watched_events_ ESOCKETS_GUARDED_BY_LOOP = 0;  // EPOLLIN, EPOLLOUT
  bool refused_ ESOCKETS_GUARDED_BY_LOOP = false;
  bool above_high_ ESOCKETS_GUARDED_BY_LOOP = false;
  bool awaiting_low_ ESOCKETS_GUARDED_BY_LOOP = false;  // refused, and not down at the low mark
  bool peer_done_ ESOCKETS_GUARDED_BY_LOOP = false;     // its last byte is read
  bool unwatched_ ESOCKETS_GUARDED_BY_LOOP = false;     // the peer hung up while reading is paused

  // Any thread.
  std::atomic<uint32_t> posted_bytes_{0};  // of Sends of other threads, on their way to the loop
  std::atomic<int16_t> error_number_{0};
  std::atomic<ConnectionEnd> end_{ConnectionEnd::kNone};
  const uint8_t listener_;        // constant
  bool address_counted_ = false;  // constant once the peer is known
};

}  // namespace esockets::server

#endif  // SERVER_CONNECTION_H_

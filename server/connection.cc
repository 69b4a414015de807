#include "server/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "server/framing.h"
#include "server/limits.h"

namespace esockets::server {

using base::BlockSpan;

Connection::Connection(Args args)
    : fileno_(args.fd.Release()),
      loop_(*args.loop),
      settings_(*args.settings),
      id_(args.id),
      peer_(args.peer.endpoint()),
      listener_(args.listener),
      address_counted_(args.address_counted) {}

ConnectionRare& Connection::NeedRare() {
  if (rare_ == nullptr) rare_ = std::make_unique<ConnectionRare>();
  return *rare_;
}

Connection::~Connection() {
  if (!closed()) ::close(fileno());
}

void Connection::Start(std::unique_ptr<ConnectionHandler> handler) {
  loop_.AssertOnLoop();
  ESOCKETS_CHECK(state_ == State::kNew);
  handler_ = std::move(handler);
  (void)Self().Release();  // while the kernel knows us; Terminate adopts it
  state_ = State::kOpen;
  loop_.metrics().connections.Add();
  loop_.metrics().connections_total.Add();
  watched_events_ = pauses_ == 0 ? uint8_t{EPOLLIN} : uint8_t{0};
  if (!loop_.Watch(fileno(), watched_events_, this)) return Break(ENOMEM);
  if (idle_watched()) {
    NeedRare().last_input = NeedRare().paused_since = loop_.TurnTime();
    WatchIdle();
  }
  if (transport() != nullptr) transport()->OnStart(*this);
  handler_->OnStart(*this);
}

// --- sending ------------------------------------------------------------------------------------

SendResult Connection::Send(std::string_view message, MessageKind kind) {
  if (closed()) return SendResult::kClosed;
  const size_t posted = posted_bytes_.load(std::memory_order_relaxed);
  if (message.size() > kSendBytesMax || posted > kPostedBytesMax ||
      send_queue_bytes() + posted + message.size() > settings_.send_queue_bytes_max) {
    return SendResult::kQueueFull;
  }
  if (loop_.IsOnLoop()) {
    loop_.AssertOnLoop();
    if (!open() || error_number() != 0) return SendResult::kClosed;
    SendOnLoop(message, kind);
    return SendResult::kOk;
  }
  posted_bytes_ += static_cast<uint32_t>(message.size());
  loop_.Post([self = Self(), kind, copy = std::string(message)] {
    self->loop_.AssertOnLoop();
    self->posted_bytes_ -= static_cast<uint32_t>(copy.size());
    self->SendOnLoop(copy, kind);
  });
  return SendResult::kOk;
}

void Connection::SendOnLoop(std::string_view message, MessageKind kind) {
  if (!open()) return;
  const bool frames = transport() != nullptr && transport()->must_frame();
  if (frames && transport()->has_messages()) {
    return SendSpan(transport()->Frame(message, kind, &loop_.arena()));
  }
  const uint32_t size = FramedBytes(settings_.framing, message);
  if (frames) {
    std::string framed(size, '\0');
    WriteFramed(settings_.framing, message, framed.data());
    return SendSpan(transport()->Frame(framed, MessageKind::kBinary, &loop_.arena()));
  }
  WriteFramed(settings_.framing, message, loop_.arena().Reserve(size));
  SendSpan(loop_.arena().Commit(size));
}

void Connection::SendSpan(const BlockSpan& span, FlushRank rank) {
  if (!open()) return;
  Enqueue(span, rank);
  if (above_high_ || send_queue_.bytes() <= settings_.high_watermark_bytes) return;
  above_high_ = true;
  handler_->OnSendQueueHigh(*this);
}

void Connection::Enqueue(const BlockSpan& span, FlushRank rank) {
  if (error_number() != 0) return;
  send_queue_.Append(span, loop_.send_pool());
  if (!refused_) loop_.flush_list().Add(this, rank);
}

void Connection::FlushSoon() {
  if (!refused_ && state_ != State::kClosed && error_number() == 0) loop_.flush_list().Add(this);
}

void Connection::FlushNow() { FlushOnce(); }

bool Connection::FlushOnce() {
  if (state_ == State::kClosed || refused_) return false;
  const size_t before = send_queue_.bytes();
  int error = 0;
  size_t wire_bytes = 0;
  const FlushResult result =
      transport() == nullptr
          ? send_queue_.Flush(fileno(), loop_.socket_api(), loop_.send_pool(), &error)
          : transport()->Flush(send_queue_, fileno(), loop_.socket_api(), loop_.send_pool(),
                               &wire_bytes, &error);
  const size_t sent = before - send_queue_.bytes();
  bytes_out_total_.Add(transport() == nullptr ? sent : wire_bytes);
  loop_.metrics().sent_bytes_total.Add(transport() == nullptr ? sent : wire_bytes);
  if (result == FlushResult::kFailed) {
    SendFailed(error);
    return false;
  }
  if (sent > 0 && open()) handler_->OnFlushed(*this, sent);
  // The handler may have closed the connection, at once or with a farewell.
  if (state_ == State::kClosed) return false;
  if (result == FlushResult::kRefused) SetRefused(true);
  if (result == FlushResult::kEmpty && state_ == State::kEnding && sent_all()) ShutDown();
  NotifyIfLow();
  // It may have done so only now, or have filled the socket.
  return result == FlushResult::kMore && state_ != State::kClosed && !refused_;
}

// The peer has gone and takes nothing more, but what it sent before may still be in the kernel.
void Connection::SendFailed(int error) {
  const bool unix_socket = peer_.family == SocketAddress::Family::kUnix;
  if (state_ != State::kOpen || peer_done_ || (pauses_ > 0 && !unix_socket)) return Break(error);
  error_number_ = static_cast<int16_t>(error);
  send_queue_.Clear(loop_.send_pool());
  // Who does not read on before there is room would wait for ever: nothing is sent any more.
  NotifyIfLow();
  ReadRest();
}

void Connection::ReadRest() {
  loop_.Post([self = Self()] {
    self->loop_.AssertOnLoop();
    if (self->state_ != State::kOpen || self->pauses_ > 0) return;
    self->Read() ? self->ReadRest() : self->Break(self->error_number_);
  });
}

void Connection::SetRefused(bool refused) {
  refused_ = refused;
  if (refused) {
    awaiting_low_ = true;
    loop_.stalled_list().Add(this);
    if (open()) handler_->OnSendRefused(*this);
  } else {
    loop_.stalled_list().Remove(this);
  }
  UpdateEvents();
}

void Connection::NotifyIfLow() {
  // While the socket refuses, what the handler adds could only wait, and nobody would tell it of
  // the next time.
  if (refused_ || send_queue_.bytes() > settings_.low_watermark_bytes) return;
  if (!above_high_ && !awaiting_low_) return;
  above_high_ = false;
  awaiting_low_ = false;
  if (open()) handler_->OnSendQueueLow(*this);
}

void Connection::CountWaiting(const CopyOutLook& look) { send_queue_.CountWaiting(look); }

void Connection::CopyOutOld(const CopyOutLook& look) { send_queue_.CopyOutOld(look); }

// --- ending -------------------------------------------------------------------------------------

void Connection::Close(CloseMode mode, std::string_view farewell) {
  if (closed()) return;
  if (loop_.IsOnLoop()) {
    loop_.AssertOnLoop();
    return CloseOnLoop(mode, ConnectionEnd::kByUs, farewell);
  }
  loop_.Post([self = Self(), mode, copy = std::string(farewell)] {
    self->loop_.AssertOnLoop();
    self->CloseOnLoop(mode, ConnectionEnd::kByUs, copy);
  });
}

void Connection::CloseOnLoop(CloseMode mode, ConnectionEnd end, std::string_view farewell) {
  if (state_ == State::kClosed || state_ == State::kNew) return;
  if (end_ == ConnectionEnd::kNone) end_ = end;
  if (mode == CloseMode::kNow || error_number() != 0) return Terminate();
  const bool quicker = state_ == State::kEnding && mode > rare_->close_mode;
  if (state_ != State::kOpen && !quicker) return;
  if (mode == CloseMode::kAfterCurrentFrame) DropUnsentFrames();
  if (!farewell.empty()) {
    const bool framed = transport() != nullptr && transport()->must_frame();
    Enqueue(framed ? transport()->Frame(farewell, MessageKind::kBinary, &loop_.arena())
                   : loop_.arena().Write(farewell),
            FlushRank::kInTurn);
  }
  if (transport() != nullptr) transport()->OnEnding();
  FlushSoon();
  state_ = State::kEnding;
  SetTail({});
  NeedRare().close_mode = mode;
  WatchEnding();
  UpdateEvents();
  if (sent_all()) ShutDown();
}

void Connection::DropUnsentFrames() {
  transport() == nullptr ? send_queue_.DropUnsentFrames(loop_.send_pool())
                         : transport()->DropUnsentFrames(send_queue_, loop_.send_pool());
}

void Connection::EndAgainstRules() {
  if (state_ != State::kOpen) return;
  if (end_ == ConnectionEnd::kNone) end_ = ConnectionEnd::kAgainstRules;
  handler_->OnEndOfInput(*this, true);
}

// The peer has close_linger to take what is left, and once more to end its side. A flush may last
// longer, while it gets on.
void Connection::WatchEnding() {
  loop_.Cancel(rare_->timer);
  rare_->bytes_out_seen = bytes_out_total();
  rare_->timer = loop_.RunAt(loop_.TurnTime() + settings_.close_linger, [this] {
    loop_.AssertOnLoop();
    const bool gets_on = state_ == State::kEnding && rare_->close_mode == CloseMode::kAfterFlush &&
                         bytes_out_total() > rare_->bytes_out_seen;
    gets_on ? WatchEnding() : Terminate();
  });
}

void Connection::ShutDown() {
  if (state_ != State::kEnding) return;
  if (peer_done_) return Terminate();
  state_ = State::kLingering;
  ::shutdown(fileno(), SHUT_WR);
  WatchEnding();
}

void Connection::Break(int error) {
  error_number_ = static_cast<int16_t>(error);
  if (end_ == ConnectionEnd::kNone) end_ = ConnectionEnd::kBroken;
  Terminate();
}

void Connection::Terminate() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  loop_.metrics().connections.Subtract(1);
  if (rare_ != nullptr) loop_.Cancel(rare_->timer);
  rare_.reset();
  loop_.flush_list().Remove(this);
  loop_.stalled_list().Remove(this);
  loop_.Unwatch(fileno());
  ::close(fileno_.exchange(-1));
  send_queue_.Clear(loop_.send_pool());
  if (recv_queue_) recv_queue_->Close();
  // The caller may be the handler itself: it hears of the end when it has returned.
  loop_.AtTurnEnd([self = base::RefPtr<Connection>::Adopt(this)] {
    self->loop_.AssertOnLoop();
    self->handler_->OnClosed(*self);
    if (self->settings_.owner != nullptr) self->settings_.owner->OnConnectionClosed(*self);
    self->loop_.DeleteLater(std::shared_ptr<ConnectionHandler>(std::move(self->handler_)));
    self->loop_.DeleteLater(std::make_shared<base::RefPtr<Connection>>(self));
  });
}

void Connection::UpdateEvents() {
  uint8_t events = 0;
  const bool discarding = state_ == State::kEnding || state_ == State::kLingering;
  if (!peer_done_ && (discarding || pauses_ == 0)) events |= EPOLLIN;
  if (refused_) events |= EPOLLOUT;
  if (state_ == State::kClosed || state_ == State::kNew) return;
  if (events == watched_events_ || (unwatched_ && (events & EPOLLIN) == 0)) return;
  watched_events_ = events;
  if (!std::exchange(unwatched_, false)) {
    loop_.Rewatch(fileno(), events, this);
  } else if (!loop_.Watch(fileno(), events, this)) {
    Break(ENOMEM);
  }
}

}  // namespace esockets::server

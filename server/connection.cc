#include "server/connection.h"

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace esockets::server {

using base::BlockSpan;

void ConnectionHandler::OnEndOfInput(Connection& connection, bool) {
  connection.Close(CloseMode::kAfterFlush);
}

std::string_view ConnectionEndText(ConnectionEnd end) {
  switch (end) {
    case ConnectionEnd::kNone:
      return "open";
    case ConnectionEnd::kByPeer:
      return "closed by the peer";
    case ConnectionEnd::kByPeerInside:
      return "closed by the peer inside a message";
    case ConnectionEnd::kByUs:
      return "closed here";
    case ConnectionEnd::kIdle:
      return "idle for too long";
    case ConnectionEnd::kBroken:
      return "broken";
  }
  return "unknown";
}

Connection::Connection(Args args)
    : loop_(*args.loop),
      settings_(*args.settings),
      id_(args.id),
      peer_(std::move(args.peer)),
      fileno_(args.fd.get()),
      fd_(std::move(args.fd)) {}

Connection::~Connection() = default;

void Connection::Start(std::unique_ptr<ConnectionHandler> handler) {
  loop_.AssertOnLoop();
  ESOCKETS_CHECK(state_ == State::kNew);
  handler_ = std::move(handler);
  self_ = shared_from_this();
  state_ = State::kOpen;
  last_input_ = loop_.TurnTime();
  watched_events_ = pauses_ == 0 ? uint32_t{EPOLLIN} : 0;
  if (!loop_.Watch(fd_.get(), watched_events_, this)) return Break(ENOMEM);
  WatchIdle();
}

// --- receiving ----------------------------------------------------------------------------------

void Connection::OnEvents(uint32_t events) {
  if (state_ == State::kClosed) return;  // closed earlier in this turn
  if ((events & EPOLLOUT) != 0 && refused_) {
    SetRefused(false);
    loop_.flush_list().Add(this);
  }
  if ((events & EPOLLIN) != 0 && (watched_events_ & EPOLLIN) != 0) {
    Read();
  } else if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    Break(error != 0 ? error : ECONNRESET);
  }
}

void Connection::Read() {
  // A short tail lies in front of the new bytes, and both are one piece.
  const size_t tail_bytes = tail_ ? tail_->size() : 0;
  const size_t in_front = tail_bytes <= kTailInScratchBytesMax ? tail_bytes : 0;
  char* received = loop_.recv_scratch() + kTailInScratchBytesMax;
  const ssize_t n = loop_.socket_api().Recv(fd_.get(), received, loop_.recv_buffer_bytes());
  if (n == -EAGAIN || n == -EWOULDBLOCK) return;
  if (n < 0) return Break(static_cast<int>(-n));
  if (n == 0) return EndOfInput();
  bytes_in_total_.Add(static_cast<uint64_t>(n));
  last_input_ = loop_.TurnTime();
  if (state_ != State::kOpen) return;  // discarded: we have said our last word
  if (tail_bytes > in_front) {
    tail_->append(received, static_cast<size_t>(n));
    return DeliverTail();
  }
  if (in_front > 0) std::memcpy(received - in_front, tail_->data(), in_front);
  tail_.reset();
  Deliver({received - in_front, in_front + static_cast<size_t>(n)});
}

void Connection::Deliver(std::string_view bytes) {
  const size_t consumed = handler_->OnBytes(*this, bytes);
  if (state_ != State::kOpen || consumed == bytes.size()) return;
  tail_ = std::make_unique<std::string>(bytes.substr(consumed));
}

void Connection::DeliverTail() {
  if (!tail_ || state_ != State::kOpen) return;
  const std::unique_ptr<std::string> bytes = std::move(tail_);
  const size_t consumed = handler_->OnBytes(*this, *bytes);
  if (state_ != State::kOpen || consumed == bytes->size()) return;
  tail_ = std::make_unique<std::string>();
  if (consumed == 0) {
    tail_->swap(*bytes);
  } else {
    tail_->assign(*bytes, consumed);
  }
}

void Connection::EndOfInput() {
  peer_done_ = true;
  if (state_ == State::kLingering) return Terminate();
  UpdateEvents();
  if (state_ != State::kOpen) return;
  end_ = tail_ ? ConnectionEnd::kByPeerInside : ConnectionEnd::kByPeer;
  handler_->OnEndOfInput(*this, tail_ != nullptr);
}

void Connection::PauseRead() {
  if (!loop_.IsOnLoop()) {
    loop_.Post([self = shared_from_this()] {
      self->loop_.AssertOnLoop();
      self->ChangePauses(1);
    });
    return;
  }
  loop_.AssertOnLoop();
  ChangePauses(1);
}

void Connection::ResumeRead() {
  if (!loop_.IsOnLoop()) {
    loop_.Post([self = shared_from_this()] {
      self->loop_.AssertOnLoop();
      self->ChangePauses(-1);
    });
    return;
  }
  loop_.AssertOnLoop();
  ChangePauses(-1);
}

void Connection::ChangePauses(int change) {
  pauses_ += change;
  ESOCKETS_CHECK(pauses_ >= 0);
  if (state_ != State::kOpen) return;
  UpdateEvents();
  if (pauses_ > 0) return;
  last_input_ = loop_.TurnTime();
  if (!tail_) return;
  // What was left lying is delivered from the loop, not from within the call that resumes.
  loop_.Post([self = shared_from_this()] {
    self->loop_.AssertOnLoop();
    if (self->pauses_ == 0) self->DeliverTail();
  });
}

void Connection::WatchIdle() {
  if (settings_.idle_timeout == base::Duration::zero()) return;
  timer_ = loop_.RunAt(last_input_ + settings_.idle_timeout, [this] {
    loop_.AssertOnLoop();
    if (pauses_ > 0) last_input_ = loop_.TurnTime();
    if (loop_.TurnTime() - last_input_ < settings_.idle_timeout) return WatchIdle();
    CloseOnLoop(CloseMode::kAfterCurrentFrame, ConnectionEnd::kIdle, {});
  });
}

// --- sending ------------------------------------------------------------------------------------

SendResult Connection::Send(std::string_view message) {
  if (closed()) return SendResult::kClosed;
  const size_t waiting = send_queue_bytes() + posted_bytes_.load(std::memory_order_relaxed);
  if (waiting + message.size() > settings_.send_queue_bytes_max) return SendResult::kQueueFull;
  if (loop_.IsOnLoop()) {
    loop_.AssertOnLoop();
    if (!open()) return SendResult::kClosed;
    SendOnLoop(message);
    return SendResult::kOk;
  }
  posted_bytes_ += message.size();
  loop_.Post([self = shared_from_this(), copy = std::string(message)] {
    self->loop_.AssertOnLoop();
    self->posted_bytes_ -= copy.size();
    self->SendOnLoop(copy);
  });
  return SendResult::kOk;
}

void Connection::SendOnLoop(std::string_view message) {
  if (!open()) return;
  if (settings_.framing == Framing::kRaw) return SendSpan(loop_.arena().Write(message));
  SendSpan(loop_.arena().Write(AddFraming(settings_.framing, message)));
}

void Connection::SendSpan(BlockSpan span) {
  if (!open()) return;
  Enqueue(std::move(span));
  if (above_high_ || send_queue_.bytes() <= settings_.high_watermark_bytes) return;
  above_high_ = true;
  handler_->OnSendQueueHigh(*this);
}

void Connection::Enqueue(BlockSpan span) {
  send_queue_.Append(std::move(span), loop_.send_pool());
  send_queue_bytes_.Set(send_queue_.bytes());
  if (!refused_) loop_.flush_list().Add(this);
}

void Connection::FlushNow() { FlushOnce(); }

bool Connection::FlushOnce() {
  if (state_ == State::kClosed || refused_) return false;
  const size_t before = send_queue_.bytes();
  int error = 0;
  const FlushResult result =
      send_queue_.Flush(fd_.get(), loop_.socket_api(), loop_.send_pool(), &error);
  bytes_out_total_.Add(before - send_queue_.bytes());
  send_queue_bytes_.Set(send_queue_.bytes());
  if (result == FlushResult::kFailed) {
    Break(error);
    return false;
  }
  if (result == FlushResult::kRefused) SetRefused(true);
  if (result == FlushResult::kEmpty && state_ == State::kEnding) ShutDown();
  NotifyIfLow();
  return result == FlushResult::kMore;
}

void Connection::SetRefused(bool refused) {
  refused_ = refused;
  UpdateEvents();
  if (refused) {
    awaiting_low_ = true;
    loop_.stalled_list().Add(this);
  } else {
    loop_.stalled_list().Remove(this);
  }
}

void Connection::NotifyIfLow() {
  if (send_queue_.bytes() > settings_.low_watermark_bytes) return;
  if (!above_high_ && !awaiting_low_) return;
  above_high_ = false;
  awaiting_low_ = false;
  if (open()) handler_->OnSendQueueLow(*this);
}

void Connection::CopyOutOld(base::TimePoint opened_before) {
  send_queue_.CopyOutOld(opened_before);
}

size_t Connection::kernel_unsent_bytes() const {
  int bytes = 0;
  if (!fd_) return 0;
  // A UNIX socket knows only SIOCOUTQ.
  if (::ioctl(fd_.get(), SIOCOUTQNSD, &bytes) != 0) ::ioctl(fd_.get(), SIOCOUTQ, &bytes);
  return static_cast<size_t>(std::max(bytes, 0));
}

// --- ending -------------------------------------------------------------------------------------

void Connection::Close(CloseMode mode, std::string_view farewell) {
  if (loop_.IsOnLoop()) {
    loop_.AssertOnLoop();
    return CloseOnLoop(mode, ConnectionEnd::kByUs, farewell);
  }
  loop_.Post([self = shared_from_this(), mode, copy = std::string(farewell)] {
    self->loop_.AssertOnLoop();
    self->CloseOnLoop(mode, ConnectionEnd::kByUs, copy);
  });
}

void Connection::CloseOnLoop(CloseMode mode, ConnectionEnd end, std::string_view farewell) {
  if (state_ == State::kClosed || state_ == State::kNew) return;
  if (end_ == ConnectionEnd::kNone) end_ = end;
  if (mode == CloseMode::kNow) return Terminate();
  if (state_ != State::kOpen) return;
  if (mode == CloseMode::kAfterCurrentFrame) send_queue_.DropUnsentFrames(loop_.send_pool());
  if (!farewell.empty()) Enqueue(loop_.arena().Write(farewell));
  state_ = State::kEnding;
  tail_.reset();
  loop_.Cancel(timer_);
  timer_ = loop_.RunAt(loop_.TurnTime() + settings_.close_linger, [this] {
    loop_.AssertOnLoop();
    Terminate();
  });
  UpdateEvents();
  if (send_queue_.empty()) ShutDown();
}

void Connection::ShutDown() {
  if (peer_done_) return Terminate();
  state_ = State::kLingering;
  ::shutdown(fd_.get(), SHUT_WR);
}

void Connection::Break(int error) {
  error_number_ = error;
  if (end_ == ConnectionEnd::kNone) end_ = ConnectionEnd::kBroken;
  Terminate();
}

void Connection::Terminate() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  loop_.Cancel(timer_);
  loop_.flush_list().Remove(this);
  loop_.stalled_list().Remove(this);
  loop_.Unwatch(fd_.get());
  fileno_ = -1;
  fd_.Reset();
  send_queue_.Clear(loop_.send_pool());
  send_queue_bytes_.Set(0);
  tail_.reset();
  if (recv_queue_) recv_queue_->Close();
  // The caller may be the handler itself: it hears of the end when it has returned.
  loop_.AtTurnEnd([self = std::exchange(self_, nullptr)] {
    self->loop_.AssertOnLoop();
    self->handler_->OnClosed(*self);
    if (self->settings_.owner != nullptr) self->settings_.owner->OnConnectionClosed(*self);
    self->loop_.DeleteLater(self);
  });
}

void Connection::UpdateEvents() {
  uint32_t events = 0;
  const bool discarding = state_ == State::kEnding || state_ == State::kLingering;
  if (!peer_done_ && (discarding || pauses_ == 0)) events |= EPOLLIN;
  if (refused_) events |= EPOLLOUT;
  if (events == watched_events_ || state_ == State::kClosed || state_ == State::kNew) return;
  watched_events_ = events;
  loop_.Rewatch(fd_.get(), events, this);
}

}  // namespace esockets::server

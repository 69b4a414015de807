#include "server/connection.h"

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "server/framing.h"
#include "server/limits.h"

namespace esockets::server {

using base::BlockSpan;

void ConnectionHandler::OnEndOfInput(Connection& connection, bool) {
  connection.Close(CloseMode::kAfterFlush);
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
  last_input_ = paused_since_ = loop_.TurnTime();
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
    OnHangUp();
  }
}

void Connection::OnHangUp() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  // The end of a UNIX socket hangs up at once. What its peer sent before waits until we read on.
  if (error == 0 && !peer_done_ && state_ == State::kOpen && pauses_ > 0) {
    loop_.Unwatch(fd_.get());
    unwatched_ = true;
    return;
  }
  Break(error != 0 ? error : ECONNRESET);
}

// Returns false when there was nothing, or no more.
bool Connection::Read() {
  // A short tail lies in front of the new bytes, and both are one piece.
  const size_t tail_bytes = tail_ ? tail_->size() : 0;
  const bool in_scratch = tail_bytes <= kTailInScratchBytesMax;
  char* received = loop_.recv_scratch() + kTailInScratchBytesMax;
  const ssize_t n = loop_.socket_api().Recv(fd_.get(), received, loop_.recv_buffer_bytes());
  if (n == -EAGAIN || n == -EWOULDBLOCK) return false;
  if (n <= 0) {
    EndOfInput(static_cast<int>(-n));
    return false;
  }
  bytes_in_total_.Add(static_cast<uint64_t>(n));
  last_input_ = loop_.TurnTime();
  if (state_ != State::kOpen) return true;  // discarded: we have said our last word
  if (in_scratch) {
    if (tail_bytes > 0) std::copy_n(tail_->data(), tail_bytes, received - tail_bytes);
    Deliver({received - tail_bytes, tail_bytes + static_cast<size_t>(n)});
  } else {
    tail_->append(received, static_cast<size_t>(n));
    DeliverTail();
  }
  return true;
}

void Connection::Deliver(std::string_view bytes) {
  const size_t consumed = handler_->OnBytes(*this, bytes);
  if (state_ != State::kOpen) return;
  if (consumed == bytes.size()) {
    tail_.reset();
  } else if (consumed == 0 && tail_) {
    tail_->append(bytes.substr(tail_->size()));
  } else {
    tail_ = std::make_unique<std::string>(bytes.substr(consumed));
  }
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

void Connection::EndOfInput(int error) {
  DeliverTail();  // messages that a pause has left lying come before the end
  if (state_ == State::kClosed) return;
  if (error == 0) error = send_error_;
  if (error != 0) return Break(error);
  if (state_ == State::kOpen && pauses_ > 0) return;  // comes again when reading goes on
  peer_done_ = true;
  if (state_ == State::kLingering) return Terminate();
  UpdateEvents();
  if (state_ != State::kOpen) return;
  end_ = tail_ ? ConnectionEnd::kByPeerInside : ConnectionEnd::kByPeer;
  handler_->OnEndOfInput(*this, tail_ != nullptr);
}

void Connection::PauseRead() { RequestPauses(1); }

void Connection::ResumeRead() { RequestPauses(-1); }

void Connection::RequestPauses(int change) {
  if (closed()) return;
  if (loop_.IsOnLoop()) {
    loop_.AssertOnLoop();
    return ChangePauses(change);
  }
  loop_.Post([self = shared_from_this(), change] {
    self->loop_.AssertOnLoop();
    self->ChangePauses(change);
  });
}

void Connection::ChangePauses(int change) {
  pauses_ += change;
  ESOCKETS_CHECK(pauses_ >= 0);
  if (state_ != State::kOpen) return;
  UpdateEvents();
  if (change > 0 && pauses_ == 1) paused_since_ = loop_.TurnTime();
  if (pauses_ > 0) return;
  last_input_ += loop_.TurnTime() - paused_since_;
  handler_->OnReadResumed(*this);
  // What was left lying is delivered from the loop, not from within the call that resumes.
  loop_.Post([self = shared_from_this()] {
    self->loop_.AssertOnLoop();
    if (self->pauses_ == 0) self->DeliverTail();
  });
}

void Connection::WatchIdle() {
  if (settings_.idle_timeout == base::Duration::zero()) return;
  const base::TimePoint until = pauses_ > 0 ? paused_since_ : loop_.TurnTime();
  const base::Duration left = settings_.idle_timeout - (until - last_input_);
  if (left <= base::Duration::zero()) {
    return CloseOnLoop(CloseMode::kAfterCurrentFrame, ConnectionEnd::kIdle, {});
  }
  timer_ = loop_.RunAt(loop_.TurnTime() + left, [this] {
    loop_.AssertOnLoop();
    WatchIdle();
  });
}

// --- sending ------------------------------------------------------------------------------------

SendResult Connection::Send(std::string_view message) {
  if (closed()) return SendResult::kClosed;
  const size_t waiting = send_queue_bytes() + posted_bytes_.load(std::memory_order_relaxed);
  if (message.size() > kSendBytesMax || waiting + message.size() > settings_.send_queue_bytes_max) {
    return SendResult::kQueueFull;
  }
  if (loop_.IsOnLoop()) {
    loop_.AssertOnLoop();
    if (!open() || send_error_ != 0) return SendResult::kClosed;
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
  const uint32_t size = FramedBytes(settings_.framing, message);
  WriteFramed(settings_.framing, message, loop_.arena().Reserve(size));
  SendSpan(loop_.arena().Commit(size));
}

void Connection::SendSpan(BlockSpan span) {
  if (!open()) return;
  Enqueue(std::move(span));
  if (above_high_ || send_queue_.bytes() <= settings_.high_watermark_bytes) return;
  above_high_ = true;
  handler_->OnSendQueueHigh(*this);
}

void Connection::Enqueue(BlockSpan span) {
  if (send_error_ != 0) return;
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
    SendFailed(error);
    return false;
  }
  if (result == FlushResult::kRefused) SetRefused(true);
  if (result == FlushResult::kEmpty && state_ == State::kEnding) ShutDown();
  NotifyIfLow();
  // The handler may have closed the connection, or filled the socket.
  return result == FlushResult::kMore && state_ != State::kClosed && !refused_;
}

// The peer has gone and takes nothing more, but what it sent before may still be in the kernel.
void Connection::SendFailed(int error) {
  const bool unix_socket = peer_.family() == SocketAddress::Family::kUnix;
  if (state_ != State::kOpen || peer_done_ || (pauses_ > 0 && !unix_socket)) return Break(error);
  send_error_ = error;
  send_queue_.Clear(loop_.send_pool());
  send_queue_bytes_.Set(0);
  ReadRest();
}

void Connection::ReadRest() {
  loop_.Post([self = shared_from_this()] {
    self->loop_.AssertOnLoop();
    if (self->state_ != State::kOpen || self->pauses_ > 0) return;
    self->Read() ? self->ReadRest() : self->Break(self->send_error_);
  });
}

void Connection::SetRefused(bool refused) {
  refused_ = refused;
  if (refused) {
    awaiting_low_ = true;
    loop_.stalled_list().Add(this);
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

size_t Connection::kernel_unsent_bytes() const {
  int bytes = 0;
  if (!fd_) return 0;
  // A UNIX socket knows only SIOCOUTQ.
  if (::ioctl(fd_.get(), SIOCOUTQNSD, &bytes) != 0) ::ioctl(fd_.get(), SIOCOUTQ, &bytes);
  return static_cast<size_t>(std::max(bytes, 0));
}

// --- ending -------------------------------------------------------------------------------------

void Connection::Close(CloseMode mode, std::string_view farewell) {
  if (closed()) return;
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
  if (mode == CloseMode::kNow || send_error_ != 0) return Terminate();
  const bool quicker = state_ == State::kEnding && mode > close_mode_;
  if (state_ != State::kOpen && !quicker) return;
  close_mode_ = mode;
  if (mode == CloseMode::kAfterCurrentFrame) {
    send_queue_.DropUnsentFrames(loop_.send_pool());
    send_queue_bytes_.Set(send_queue_.bytes());
  }
  if (!farewell.empty()) Enqueue(loop_.arena().Write(farewell));
  state_ = State::kEnding;
  tail_.reset();
  WatchEnding();
  UpdateEvents();
  if (send_queue_.empty()) ShutDown();
}

// The peer has close_linger to take what is left, and once more to end its side. A flush may last
// longer, while it gets on.
void Connection::WatchEnding() {
  loop_.Cancel(timer_);
  bytes_out_seen_ = bytes_out_total();
  timer_ = loop_.RunAt(loop_.TurnTime() + settings_.close_linger, [this] {
    loop_.AssertOnLoop();
    const bool gets_on = state_ == State::kEnding && close_mode_ == CloseMode::kAfterFlush &&
                         bytes_out_total() > bytes_out_seen_;
    gets_on ? WatchEnding() : Terminate();
  });
}

void Connection::ShutDown() {
  if (state_ != State::kEnding) return;
  if (peer_done_) return Terminate();
  state_ = State::kLingering;
  ::shutdown(fd_.get(), SHUT_WR);
  WatchEnding();
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
    self->loop_.DeleteLater(std::shared_ptr<ConnectionHandler>(std::move(self->handler_)));
    self->loop_.DeleteLater(self);
  });
}

void Connection::UpdateEvents() {
  uint32_t events = 0;
  const bool discarding = state_ == State::kEnding || state_ == State::kLingering;
  if (!peer_done_ && (discarding || pauses_ == 0)) events |= EPOLLIN;
  if (refused_) events |= EPOLLOUT;
  if (state_ == State::kClosed || state_ == State::kNew) return;
  if (events == watched_events_ || (unwatched_ && (events & EPOLLIN) == 0)) return;
  watched_events_ = events;
  if (!std::exchange(unwatched_, false)) {
    loop_.Rewatch(fd_.get(), events, this);
  } else if (!loop_.Watch(fd_.get(), events, this)) {
    Break(ENOMEM);
  }
}

}  // namespace esockets::server

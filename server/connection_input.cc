// The receiving half of a connection: from the socket to the handler, pauses, and the end of input.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "server/connection.h"
#include "server/limits.h"

namespace esockets::server {

ConnectionHandler::ConnectionHandler() = default;

ConnectionHandler::~ConnectionHandler() = default;

void ConnectionHandler::set_transport(std::unique_ptr<Transport> transport) {
  ESOCKETS_CHECK(transport_ == nullptr);
  transport_ = std::move(transport);
}

void ConnectionHandler::OnEndOfInput(Connection& connection, bool) {
  connection.Close(CloseMode::kAfterFlush);
}

void ConnectionHandler::OnDrain(Connection& connection) {
  if (connection.transport() != nullptr) connection.transport()->SetGoingAway();
  connection.Close(CloseMode::kAfterFlush);
}

void ConnectionHandler::OnMessage(Connection& connection, std::string_view message, MessageKind) {
  OnBytes(connection, message);
}

void Transport::Carry(std::unique_ptr<Transport>) { ESOCKETS_CHECK(false); }

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
  ::getsockopt(fileno(), SOL_SOCKET, SO_ERROR, &error, &size);
  // The end of a UNIX socket hangs up at once. What its peer sent before waits until we read on.
  if (error == 0 && !peer_done_ && state_ == State::kOpen && pauses_ > 0) {
    loop_.Unwatch(fileno());
    unwatched_ = true;
    return;
  }
  Break(error != 0 ? error : ECONNRESET);
}

// Returns false when there was nothing, or no more.
bool Connection::Read() {
  char* const received = loop_.recv_scratch() + kTailInScratchBytesMax;
  const ssize_t n = loop_.socket_api().Recv(fileno(), received, loop_.recv_buffer_bytes());
  if (n == -EAGAIN || n == -EWOULDBLOCK) return false;
  if (n <= 0) {
    EndOfInput(static_cast<int>(-n));
    return false;
  }
  bytes_in_total_.Add(static_cast<uint64_t>(n));
  loop_.metrics().received_bytes_total.Add(static_cast<uint64_t>(n));
  if (rare_ != nullptr) rare_->last_input = loop_.TurnTime();
  // Discarded once we have said our last word.
  if (state_ == State::kOpen) Receive({received, static_cast<size_t>(n)});
  return true;
}

void Connection::Receive(std::span<char> bytes) {
  transport() == nullptr ? Give(bytes) : transport()->OnReceived(*this, bytes);
}

// A short tail lies in front of the new bytes, and both are one piece.
void Connection::Give(std::span<char> bytes) {
  if (state_ != State::kOpen) return;
  const size_t tail = tail_bytes();
  if (tail > kTailInScratchBytesMax) {
    rare_->tail.append(bytes.data(), bytes.size());
    return DeliverTail();
  }
  char* const begin = bytes.data() - tail;
  if (tail > 0) std::copy_n(rare_->tail.data(), tail, begin);
  Deliver({begin, tail + bytes.size()});
}

void Connection::Deliver(std::span<char> bytes) {
  const ConnectionHandler* const handler = handler_.get();
  Transport* const innermost = InnermostTransport();
  const std::string_view all(bytes.data(), bytes.size());
  const size_t consumed = handler_->OnBytes(*this, all);
  if (state_ != State::kOpen) return;
  Transport* const added = InnermostTransport() == innermost ? nullptr : InnermostTransport();
  if (handler_.get() != handler || added != nullptr) {
    SetTail({});
    return ReceiveAgain(all.substr(consumed), added);
  }
  if (consumed == 0 && tail_bytes() > 0) {
    rare_->tail.append(all.substr(tail_bytes()));
  } else {
    SetTail(all.substr(consumed));
  }
}

Transport* Connection::InnermostTransport() {
  Transport* innermost = transport();
  while (innermost != nullptr && innermost->carried() != nullptr) innermost = innermost->carried();
  return innermost;
}

// The bytes may be all that is left of a tail: then nothing lies in front of them, where a
// transport needs room.
void Connection::ReceiveAgain(std::string_view bytes, Transport* added) {
  if (bytes.empty()) return;
  std::string copy(kTailInScratchBytesMax, '\0');
  copy.append(bytes);
  const std::span<char> again = std::span<char>(copy).subspan(kTailInScratchBytesMax);
  added != nullptr ? added->OnReceived(*this, again) : Give(again);
}

// Nothing that a tail has grown to stays behind: an idle connection has no buffer.
void Connection::SetTail(std::string_view bytes) {
  if (!bytes.empty()) {
    std::string(bytes).swap(NeedRare().tail);  // an assignment might keep what it has grown to
  } else if (rare_ != nullptr) {
    std::string().swap(rare_->tail);
    if (state_ == State::kOpen && !idle_watched()) rare_.reset();
  }
}

void Connection::DeliverTail() {
  if (tail_bytes() == 0 || state_ != State::kOpen) return;
  std::string bytes = std::exchange(rare_->tail, std::string());
  Deliver(bytes);
}

void Connection::DeliverLeft() {
  DeliverTail();
  const bool goes_on = state_ == State::kOpen && pauses_ == 0 && transport() != nullptr;
  if (goes_on) transport()->OnReadResumed(*this);
}

void Connection::ChangeProtocol(std::unique_ptr<Transport> transport,
                                std::unique_ptr<ConnectionHandler> handler) {
  std::unique_ptr<Transport> outer = std::move(handler_->transport_);
  if (outer != nullptr && transport != nullptr) outer->Carry(std::move(transport));
  loop_.DeleteLater(std::shared_ptr<ConnectionHandler>(std::move(handler_)));
  handler_ = std::move(handler);
  handler_->transport_ = outer != nullptr ? std::move(outer) : std::move(transport);
  handler_->OnStart(*this);
}

void Connection::EndOfInput(int error) {
  DeliverLeft();  // messages that a pause has left lying come before the end
  if (state_ == State::kClosed) return;
  if (error == 0) error = error_number_;
  if (error != 0) return Break(error);
  if (state_ == State::kOpen && pauses_ > 0) return;  // comes again when reading goes on
  peer_done_ = true;
  if (state_ == State::kLingering) return Terminate();
  UpdateEvents();
  if (state_ == State::kOpen) EndOfMessages();
}

// Told once: behind a transport's last word comes that of the socket.
void Connection::EndOfMessages() {
  if (end_ != ConnectionEnd::kNone) return;
  const bool unfinished = tail_bytes() > 0 || (transport() != nullptr && transport()->unfinished());
  end_ = unfinished ? ConnectionEnd::kByPeerInside : ConnectionEnd::kByPeer;
  handler_->OnEndOfInput(*this, unfinished);
}

void Connection::PauseRead() { RequestPauses(1); }

void Connection::ResumeRead() { RequestPauses(-1); }

void Connection::RequestPauses(int change) {
  if (closed()) return;
  if (loop_.IsOnLoop()) {
    loop_.AssertOnLoop();
    return ChangePauses(change);
  }
  loop_.Post([self = Self(), change] {
    self->loop_.AssertOnLoop();
    self->ChangePauses(change);
  });
}

void Connection::ChangePauses(int change) {
  pauses_ += change;
  ESOCKETS_CHECK(pauses_ >= 0);
  if (state_ != State::kOpen) return;
  UpdateEvents();
  if (rare_ != nullptr && change > 0 && pauses_ == 1) rare_->paused_since = loop_.TurnTime();
  if (pauses_ > 0) return;
  if (rare_ != nullptr) rare_->last_input += loop_.TurnTime() - rare_->paused_since;
  handler_->OnReadResumed(*this);
  // What was left lying is delivered from the loop, not from within the call that resumes.
  loop_.Post([self = Self()] {
    self->loop_.AssertOnLoop();
    if (self->pauses_ == 0) self->DeliverLeft();
  });
}

void Connection::WatchIdle() {
  const base::TimePoint until = pauses_ > 0 ? rare_->paused_since : loop_.TurnTime();
  const base::Duration left = settings_.idle_timeout - (until - rare_->last_input);
  if (left <= base::Duration::zero()) {
    return CloseOnLoop(CloseMode::kAfterCurrentFrame, ConnectionEnd::kIdle, {});
  }
  rare_->timer = loop_.RunAt(loop_.TurnTime() + left, [this] {
    loop_.AssertOnLoop();
    WatchIdle();
  });
}

}  // namespace esockets::server

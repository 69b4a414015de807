#include "tests/soak/wire.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "bench/load/websocket_carrier.h"
#include "proto/frame_delimiter.h"

namespace esockets::soak {
namespace {

constexpr uint32_t kFrameBytesMax = 16 << 20;
constexpr size_t kReceiveBytes = 256 << 10;

// Where bytes are received into, behind a tail.
std::span<char> Scratch() {
  static thread_local std::vector<char> bytes(4 << 20);
  return bytes;
}

load::Transport TransportOf(Via via) {
  switch (via) {
    case Via::kTls12:
      return load::Transport::kTls12;
    case Via::kTls13:
      return load::Transport::kTls13;
    case Via::kWebSocket:
      return load::Transport::kWebSocket;
    case Via::kDeflatedWebSocket:
      return load::Transport::kDeflatedWebSocket;
    default:
      return load::Transport::kTcp;
  }
}

std::unique_ptr<load::Carrier> MakeCarrier(Via via, const load::TlsDialer* dialer) {
  const load::Transport transport = TransportOf(via);
  if (transport == load::Transport::kTcp) return nullptr;
  if (!load::IsTls(transport))
    return std::make_unique<load::WebSocketCarrier>(transport ==
                                                    load::Transport::kDeflatedWebSocket);
  return std::make_unique<load::TlsCarrier>(dialer->NewSsl(transport));
}

template <typename T>
void SetOption(int fd, int level, int option, const T& value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

// One address has as many ports as it has, and those of closed connections are taken for a minute.
bool ComeFrom(int fd, uint8_t source) {
  SetOption(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  sockaddr_in from = {};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + source);
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0;
}

}  // namespace

const server::SocketAddress& Doors::Of(Via via) const {
  switch (via) {
    case Via::kTcp:
      return native;
    case Via::kUnix:
      return unix_socket;
    case Via::kWebSocket:
    case Via::kDeflatedWebSocket:
      return http;
    case Via::kTls12:
    case Via::kTls13:
      return tls;
    case Via::kNarrow:
      return narrow;
  }
  return native;
}

Wire::Wire(Poller* poller, const Doors& doors, const WireOptions& options, WireEvents* events)
    : poller_(*poller), address_(doors.Of(options.via)), options_(options), events_(*events) {
  if (options.has_carrier) carrier_ = MakeCarrier(options.via, doors.dialer);
}

bool Wire::Open() {
  sockaddr_storage to = {};
  const socklen_t size = address_.ToKernel(&to);
  const int family = reinterpret_cast<const sockaddr*>(&to)->sa_family;
  server::UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return false;
  if (options_.receive_buffer_bytes > 0) {
    SetOption(fd.get(), SOL_SOCKET, SO_RCVBUF, options_.receive_buffer_bytes);
  }
  if (family == AF_INET && !ComeFrom(fd.get(), options_.source)) return false;
  const int connected = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), size);
  if (connected != 0 && errno != EINPROGRESS) return false;
  fd_ = std::move(fd);
  watched_events_ = EPOLLIN | EPOLLOUT;
  poller_.Watch(fd_.get(), this, watched_events_);
  return true;
}

void Wire::Send(std::string_view frames) {
  std::string bytes(frames);
  if (carrier_) carrier_->Wrap(&bytes);
  SendRaw(bytes);
}

void Wire::SendRaw(std::string_view bytes) {
  if (!is_open() || is_half_closed_) return;
  out_.append(bytes);
  if (is_established_) Flush();
}

void Wire::Flush() {
  while (is_open() && unsent_bytes() > 0) {
    const ssize_t sent = ::send(fd_.get(), out_.data() + out_sent_, unsent_bytes(), MSG_NOSIGNAL);
    // What broke it is read: a Close of the broker's may be in front of it.
    if (sent <= 0) break;
    out_sent_ += static_cast<size_t>(sent);
  }
  if (unsent_bytes() == 0) out_.clear(), out_sent_ = 0;
  Update();
}

void Wire::Update() {
  if (!is_open()) return;
  const uint32_t wanted =
      (reads_ ? EPOLLIN : 0U) | (!is_established_ || unsent_bytes() > 0 ? EPOLLOUT : 0U);
  if (wanted == watched_events_) return;
  watched_events_ = wanted;
  poller_.Change(fd_.get(), this, wanted);
}

void Wire::SetReading(bool reads) {
  reads_ = reads;
  Update();
}

void Wire::HalfClose() {
  if (!is_open()) return;
  is_half_closed_ = true;
  out_.clear();
  out_sent_ = 0;
  ::shutdown(fd_.get(), SHUT_WR);
  Update();
}

void Wire::Reset() {
  if (!is_open()) return;
  SetOption(fd_.get(), SOL_SOCKET, SO_LINGER, linger{.l_onoff = 1, .l_linger = 0});
  Close();
}

void Wire::OnReady(uint32_t events) {
  if (!is_open()) return;
  if ((events & EPOLLOUT) != 0) {
    is_established_ = true;
    Flush();
  }
  // Errors are told whether one asks or not: who has stopped reading hears of them, too.
  const bool is_broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if (is_open() && ((events & EPOLLIN) != 0 || is_broken)) Receive();
}

void Wire::End(std::string_view why) {
  Close();
  events_.OnEnd(why);
}

void Wire::Receive() {
  const std::span<char> scratch = Scratch();
  const size_t tail = carrier_ ? 0 : tail_.size();
  std::memcpy(scratch.data(), tail_.data(), tail);
  char* const start = scratch.data() + tail;
  const ssize_t got = ::recv(fd_.get(), start, kReceiveBytes, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return End(got == 0 ? "end of stream" : std::strerror(errno));
  if (carrier_) return ReceiveCarried({start, static_cast<size_t>(got)});
  TakeBytes({scratch.data(), tail + static_cast<size_t>(got)});
}

// What was deflated may be a hundred times as long as what came.
void Wire::ReceiveCarried(std::span<char> carried) {
  std::string_view inside;
  std::string answer;
  if (!carrier_->Take(carried, &inside, &answer)) {
    return End("bytes that are none of the transport's");
  }
  SendRaw(answer);
  std::string bytes = std::exchange(tail_, std::string());
  bytes.append(inside);
  TakeBytes(bytes);
}

void Wire::TakeBytes(std::string_view bytes) {
  const size_t used = Cut(bytes);
  if (is_open()) tail_.assign(bytes.substr(used));
}

size_t Wire::Cut(std::string_view bytes) {
  size_t at = 0;
  while (is_open()) {
    std::string_view frame;
    size_t consumed = 0, needed = 0;
    const auto result =
        proto::CutFrame(bytes.substr(at), kFrameBytesMax, &frame, &consumed, &needed);
    if (result == proto::CutResult::kIncomplete) break;
    if (result != proto::CutResult::kFrame) {
      End("bytes that are no frames");
      break;
    }
    at += consumed;
    events_.OnFrame(frame);
  }
  return at;
}

}  // namespace esockets::soak

#include "tests/support/native_peer.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "gtest/gtest.h"
#include "proto/frame_delimiter.h"

namespace esockets::tests {
namespace {

// A test reads whatever the broker sends.
constexpr uint32_t kFrameBytesMax = 64 * 1024 * 1024;

void SetOption(int fd, int level, int option, int value) {
  ASSERT_EQ(::setsockopt(fd, level, option, &value, sizeof value), 0) << std::strerror(errno);
}

}  // namespace

NativePeer::NativePeer(const Options& options)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      transport_(options.transport),
      answers_pings_(options.answers_pings) {
  EXPECT_TRUE(static_cast<bool>(fd_)) << std::strerror(errno);
  SetOption(fd_.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  if (options.receive_buffer_bytes > 0) {
    SetOption(fd_.get(), SOL_SOCKET, SO_RCVBUF, options.receive_buffer_bytes);
  }
  if (options.source.empty()) return;
  const auto source = server::SocketAddress::Parse(options.source + ":0");
  EXPECT_TRUE(source.ok());
  sockaddr_storage kernel;
  const socklen_t size = source->ToKernel(&kernel);
  // The port is chosen when the other end is known: as many connections as ports, to each broker.
  SetOption(fd_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&kernel), size), 0)
      << options.source << ": " << std::strerror(errno);
}

// Blocking, until the kernel has shaken hands; from then on with deadlines.
void NativePeer::Open(const server::SocketAddress& broker) {
  sockaddr_storage kernel;
  const socklen_t size = broker.ToKernel(&kernel);
  ASSERT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&kernel), size), 0)
      << broker.ToString() << ": " << std::strerror(errno);
  ::fcntl(fd_.get(), F_SETFL, ::fcntl(fd_.get(), F_GETFL) | O_NONBLOCK);
  if (transport_ != PeerTransport::kTcp) ShakeHands(transport_);
}

void NativePeer::ShakeHands(PeerTransport transport) {
  const bool deflate = transport == PeerTransport::kDeflatedWebSocket;
  ASSERT_TRUE(SendToSocket(WebSocketRequest(deflate ? kOfferDeflate : "")));
  constexpr std::string_view kEnd = "\r\n\r\n";
  size_t end = std::string::npos;
  while ((end = received_.find(kEnd)) == std::string::npos) ASSERT_TRUE(ReceiveBytes());
  ASSERT_TRUE(received_.starts_with("HTTP/1.1 101 ")) << received_;
  ASSERT_EQ(received_.find("permessage-deflate") != std::string::npos, deflate) << received_;
  websocket_ = std::make_unique<WebSocketStream>(deflate);
  received_ = websocket_->Take(received_.substr(end + kEnd.size()));
}

server::UniqueFd NativePeer::Take() {
  EXPECT_EQ(used_, received_.size()) << "bytes are lost";
  return std::move(fd_);
}

// --- sending ------------------------------------------------------------------------------------

bool NativePeer::WaitFor(decltype(pollfd::events) events) {
  constexpr auto kMillis = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience).count();
  pollfd waiting{.fd = fd_.get(), .events = events, .revents = 0};
  return ::poll(&waiting, 1, static_cast<int>(kMillis)) == 1;
}

bool NativePeer::SendRaw(std::string_view bytes) {
  if (!websocket_) return SendToSocket(bytes);
  return SendToSocket(ClientWebSocketFrame(websocket::Opcode::kBinary, bytes));
}

bool NativePeer::SendToSocket(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno != EAGAIN || !WaitFor(POLLOUT)) {
      return false;
    }
  }
  return true;
}

size_t NativePeer::SendSome(std::string_view bytes) {
  const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return sent < 0 ? 0 : static_cast<size_t>(sent);
}

void NativePeer::EndOutput() { ::shutdown(fd_.get(), SHUT_WR); }

void NativePeer::Reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  fd_.Reset();
}

// --- receiving ----------------------------------------------------------------------------------

bool NativePeer::ReceiveBytes() {
  if (ended_) return false;
  if (!WaitFor(POLLIN)) {
    ADD_FAILURE() << "nothing was received for all our patience";
    return false;
  }
  std::array<char, 65536> buffer;
  const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (got <= 0) {
    ended_ = true;
    was_reset_ = got < 0;
    return false;
  }
  received_.erase(0, std::exchange(used_, 0));
  const std::string_view bytes(buffer.data(), static_cast<size_t>(got));
  if (!websocket_) {
    received_.append(bytes);
    return true;
  }
  received_ += websocket_->Take(std::string(bytes));
  if (const std::string answers = websocket_->TakeAnswers(); answers_pings_) SendToSocket(answers);
  return true;
}

bool NativePeer::CutFrame(ServerFrame* frame) {
  const std::string_view unread = std::string_view{received_}.substr(used_);
  std::string_view body;
  size_t consumed = 0;
  size_t needed = 0;
  const proto::CutResult result =
      proto::CutFrame(unread, kFrameBytesMax, &body, &consumed, &needed);
  if (result == proto::CutResult::kIncomplete) return false;
  EXPECT_EQ(result, proto::CutResult::kFrame);
  EXPECT_TRUE(frame->ParseFromArray(body.data(), static_cast<int>(body.size())));
  used_ += consumed;
  return true;
}

std::optional<ServerFrame> NativePeer::Receive() {
  ServerFrame frame;
  while (!CutFrame(&frame)) {
    if (!ReceiveBytes()) return std::nullopt;
  }
  return frame;
}

std::optional<ServerFrame> NativePeer::ReceiveAnswer() {
  std::optional<ServerFrame> frame = Receive();
  while (frame && frame->has_message()) frame = Receive();
  return frame;
}

bool NativePeer::ReceiveEnd() {
  if (const auto frame = Receive()) {
    ADD_FAILURE() << "instead of the end: " << frame->ShortDebugString();
    return false;
  }
  EXPECT_EQ(used_, received_.size()) << "the last frame is not whole";
  return ended_ && !was_reset_;
}

void NativePeer::WaitUntilGone() {
  while (ReceiveBytes()) {
  }
}

bool NativePeer::WaitForPings(int pings) {
  while (websocket_->pings() < pings) {
    if (!ReceiveBytes()) return false;
  }
  return true;
}

// --- conversations ------------------------------------------------------------------------------

std::optional<ServerFrame> NativePeer::Connect(std::string_view client_id) {
  Send(ConnectFrame(client_id));
  return Receive();
}

bool NativePeer::Subscribe(std::string_view filter) {
  const uint64_t id = NextId();
  Send(SubscribeFrame(id, filter));
  const std::optional<ServerFrame> answer = ReceiveAnswer();
  return answer && answer->has_subscribed() && answer->subscribed().id() == id;
}

bool NativePeer::Ping() {
  const uint64_t id = NextId();
  Send(PingFrame(id));
  const std::optional<ServerFrame> answer = ReceiveAnswer();
  return answer && answer->has_pong() && answer->pong().id() == id;
}

std::optional<std::string> NativePeer::Ask(std::string_view system_topic,
                                           std::string_view request) {
  ClientFrame frame = PublishFrame(system_topic, request, NextId());
  frame.mutable_publish()->set_reply_to("reply");
  Send(frame);
  const std::optional<ServerFrame> reply = Receive();
  if (reply && reply->has_message() && reply->message().topic() == "reply") {
    return reply->message().payload();
  }
  ADD_FAILURE() << system_topic << ": " << (reply ? reply->ShortDebugString() : "no answer");
  return std::nullopt;
}

}  // namespace esockets::tests

// The physical limit: what a broker cannot do cheaper than this. It reads as our broker does,
// and for each run of one topic makes one `send` of the received bytes for each subscriber's
// socket. There are no sessions, no checks, no limits and no queues but for what a kernel refuses;
// filters are compared as topics. The bytes on the wire and the socket options are our broker's, so
// the load generator takes it for one.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"
#include "base/strings.h"
#include "bench/load/process_usage.h"
#include "proto/client_frame_decoder.h"
#include "proto/decode_error.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "proto/server_frame_encoder.h"
#include "server/limits.h"
#include "server/socket_address.h"
#include "server/sockets.h"
#include "server/unique_fd.h"

namespace esockets::load {
namespace {

constexpr int kEventsMax = 16;  // as server/limits.h says of our broker
constexpr uint32_t kFrameBytesMax = 1 << 20;

// First byte of ClientFrame{publish} and of ServerFrame{message}; what follows is the same.
constexpr char kPublishTag = 0x22;
constexpr char kMessageTag = 0x12;
constexpr char kTopicTag = 0x0A;

struct Peer {
  server::UniqueFd fd;
  std::string tail;     // of a frame that has not come whole
  std::string refused;  // what the kernel did not take
  std::vector<std::string> filters;
};

class Limit {
 public:
  explicit Limit(server::UniqueFd listener)
      : listener_(std::move(listener)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    Watch(listener_.get(), EPOLL_CTL_ADD, EPOLLIN, nullptr);
    ServerFrame connected;
    connected.mutable_connected()->set_protocol_version(1);
    connected.mutable_connected()->set_client_id("limit");
    proto::AppendFrame(connected, &connected_);
  }

  [[noreturn]] void Run() {
    while (true) {
      std::array<epoll_event, kEventsMax> events;
      const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsMax, -1);
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<size_t>(i)];
        if (event.data.ptr == nullptr) {
          Accept();
        } else {
          OnEvent(static_cast<Peer*>(event.data.ptr), event.events);
        }
      }
      dead_.clear();
    }
  }

 private:
  void Accept() {
    for (int i = 0; i < server::kAcceptsPerTurnMax; ++i) {
      server::UniqueFd fd(
          ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!fd) return;
      Peer* const peer = new Peer{.fd = std::move(fd), .tail = {}, .refused = {}, .filters = {}};
      Watch(peer->fd.get(), EPOLL_CTL_ADD, EPOLLIN, peer);
    }
  }

  void OnEvent(Peer* peer, uint32_t events) {
    if (!peer->fd) return;
    if ((events & EPOLLOUT) != 0) SendRefused(peer);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) Receive(peer);
  }

  void Receive(Peer* peer) {
    std::memcpy(scratch_.data(), peer->tail.data(), peer->tail.size());
    const ssize_t got =
        ::recv(peer->fd.get(), scratch_.data() + peer->tail.size(), server::kRecvBufferBytes, 0);
    if (got <= 0) {
      if (got == 0 || errno != EAGAIN) Drop(peer);
      return;
    }
    const std::string_view bytes(scratch_.data(), peer->tail.size() + static_cast<size_t>(got));
    const size_t used = Forward(peer, bytes);
    peer->tail.assign(bytes.substr(used));
  }

  // Hops over the frames; what belongs to one topic goes out together. Returns the bytes used.
  size_t Forward(Peer* peer, std::string_view bytes) {
    size_t run_begin = 0, at = 0;
    std::string_view topic;
    while (at < bytes.size()) {
      std::string_view body;
      size_t consumed = 0, needed = 0;
      const auto cut = proto::CutFrame(bytes.substr(at), kFrameBytesMax, &body, &consumed, &needed);
      if (cut != proto::CutResult::kFrame) break;
      const std::string_view next = TopicOf(body);
      if (next.empty() || next != topic) {
        SendRun(topic, bytes.substr(run_begin, at - run_begin));
        run_begin = at;
        topic = next;
      }
      if (next.empty()) {
        Answer(peer, body);
        run_begin = at + consumed;
      } else {
        scratch_[at + consumed - body.size()] = kMessageTag;
      }
      at += consumed;
    }
    SendRun(topic, bytes.substr(run_begin, at - run_begin));
    return at;
  }

  // Of a Publish, whose topic our generator writes first; empty for other frames.
  static std::string_view TopicOf(std::string_view body) {
    if (body[0] != kPublishTag) return {};
    size_t at = 1;
    while (at < body.size() && (body[at] & 0x80) != 0) ++at;  // the length of the Publish
    if (body.size() < at + 3 || body[at + 1] != kTopicTag || (body[at + 2] & 0x80) != 0) return {};
    return body.substr(at + 3, static_cast<uint8_t>(body[at + 2]));
  }

  void SendRun(std::string_view topic, std::string_view bytes) {
    if (bytes.empty()) return;
    const auto subscribers = subscribers_.find(topic);
    if (subscribers == subscribers_.end()) return;
    for (Peer* const subscriber : subscribers->second) Send(subscriber, bytes);
  }

  void Send(Peer* peer, std::string_view bytes) {
    size_t sent = 0;
    if (peer->refused.empty()) {
      const ssize_t taken = ::send(peer->fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      sent = taken > 0 ? static_cast<size_t>(taken) : 0;
      if (sent == bytes.size()) return;
      Watch(peer->fd.get(), EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT, peer);
    }
    peer->refused.append(bytes.substr(sent));
  }

  void SendRefused(Peer* peer) {
    const std::string waiting = std::exchange(peer->refused, {});
    Watch(peer->fd.get(), EPOLL_CTL_MOD, EPOLLIN, peer);
    Send(peer, waiting);
  }

  void Answer(Peer* peer, std::string_view body) {
    proto::ClientFrameView view;
    if (proto::DecodeClientFrame(body, &view) != proto::DecodeError::kOk) return;
    char answer[proto::kAnswerBytesMax];
    if (view.kind() == proto::ClientFrameKind::kConnect) {
      Send(peer, connected_);
    } else if (const auto* subscribe = std::get_if<proto::SubscribeView>(&view.command)) {
      subscribers_[subscribe->filter].push_back(peer);
      peer->filters.emplace_back(subscribe->filter);
      Send(peer, {answer, proto::EncodeSubscribed(subscribe->id, answer)});
    } else if (const auto* unsubscribe = std::get_if<proto::UnsubscribeView>(&view.command)) {
      Forget(peer, unsubscribe->filter);
      std::erase(peer->filters, unsubscribe->filter);
      Send(peer, {answer, proto::EncodeUnsubscribed(unsubscribe->id, answer)});
    }
  }

  void Forget(Peer* peer, std::string_view filter) {
    const auto subscribers = subscribers_.find(filter);
    if (subscribers == subscribers_.end()) return;
    std::erase(subscribers->second, peer);
    if (subscribers->second.empty()) subscribers_.erase(subscribers);
  }

  // Events of this turn may still name it: it dies at the end of the turn.
  void Drop(Peer* peer) {
    for (const std::string& filter : peer->filters) Forget(peer, filter);
    peer->fd.Reset();
    dead_.emplace_back(peer);
  }

  void Watch(int fd, int operation, uint32_t events, Peer* peer) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = peer;
    ::epoll_ctl(epoll_.get(), operation, fd, &event);
  }

  const server::UniqueFd listener_;
  const server::UniqueFd epoll_;
  std::string connected_;
  std::vector<char> scratch_ = std::vector<char>(kFrameBytesMax + server::kRecvBufferBytes);
  base::StringMap<std::vector<Peer*>> subscribers_;
  std::vector<std::unique_ptr<Peer>> dead_;
};

int Main(int argc, char** argv) {
  CLI::App cli("The cheapest fan-out there is, to measure brokers against.");
  std::string listen = "127.0.0.1:0";
  int cpu = -1;
  cli.add_option("--listen", listen, "HOST:PORT");
  cli.add_option("--cpu", cpu, "run on this CPU only");
  CLI11_PARSE(cli, argc, argv);

  if (cpu >= 0) PinToCpu(cpu);
  std::signal(SIGPIPE, SIG_IGN);
  server::RaiseDescriptorLimit();
  const auto address = server::SocketAddress::Parse(listen);
  auto listener = address.ok() ? server::ListenOn(*address, SOMAXCONN, server::SocketTuning{})
                               : address.status();
  if (!listener.ok()) {
    std::cerr << "limit: " << base::Message(listener.status()) << "\n";
    return 1;
  }
  std::cout << "listening on " << server::LocalAddress(listener->get(), *address).ToString()
            << std::endl;
  Limit(*std::move(listener)).Run();
}

}  // namespace
}  // namespace esockets::load

// What nobody expects shall end the program. NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) { return esockets::load::Main(argc, argv); }

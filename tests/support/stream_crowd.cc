#include "tests/support/stream_crowd.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <functional>
#include <sstream>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "proto/message_view.h"
#include "server/socket_address.h"
#include "tests/support/native_peer.h"

namespace esockets::tests {
namespace {

constexpr size_t kCommandBytesMax = 4096;
constexpr uint32_t kFrameBytesMax = 1 << 20;
// So that a reader that has stopped soon takes nothing any more.
constexpr int kReceiveBufferBytes = 8 << 10;

struct Reader {
  server::UniqueFd fd;
  uint64_t next = 0;  // position that is read next
  bool begun = false;
  bool ponged = false;
  std::string tail;  // of a frame that has not come whole
};

// The other process.
class Crowd {
 public:
  // Obeys until the test lets go of its end.
  void Run(int channel) {
    std::array<char, kCommandBytesMax> command;
    while (true) {
      const ssize_t got = ::recv(channel, command.data(), command.size(), 0);
      if (got <= 0) return;
      Obey(std::string(command.data(), static_cast<size_t>(got)));
      if (::send(channel, wrong_.c_str(), wrong_.size() + 1, MSG_NOSIGNAL) < 0) return;
    }
  }

 private:
  void Obey(const std::string& command) {
    std::istringstream words(command);
    std::string verb;
    words >> verb;
    if (verb == "begin") Begin(words);
    if (verb == "read") ReadTo(words);
    if (verb == "nothing") ExpectNothingMore();
  }

  void Begin(std::istringstream& words) {
    std::string broker, filter;
    size_t count = 0;
    uint64_t epoch = 0, last = 0;
    words >> broker >> filter >> count >> epoch >> last;
    const auto address = server::SocketAddress::Parse(broker);
    readers_.resize(count);
    for (size_t i = 0; i < count && wrong_.empty(); ++i) {
      const uint64_t after = i % (last + 1);
      ClientFrame subscribe = SubscribeFrame(1, filter);
      subscribe.mutable_subscribe()->set_overflow(OVERFLOW_REPLAY);
      subscribe.mutable_subscribe()->set_start(START_AFTER_POSITION);
      subscribe.mutable_subscribe()->set_start_at(after);
      subscribe.mutable_subscribe()->set_start_epoch(epoch);
      NativePeer peer(*address, {.source = base::StrCat("127.0.0.", 1 + i % 8),
                                 .receive_buffer_bytes = kReceiveBufferBytes});
      if (!peer.SendRaw(Framed(ConnectFrame()) + Framed(subscribe))) wrong_ = "no connection";
      readers_[i].fd = peer.Take();
      readers_[i].next = after + 1;
    }
    // Not more than its answers, if possible: what is behind them waits at the broker.
    Read(256, "Subscribed", [](const Reader& reader) { return reader.begun; });
  }

  void ReadTo(std::istringstream& words) {
    uint64_t position = 0;
    words >> position;
    Read(buffer_.size(), base::StrCat("position ", position),
         [position](const Reader& reader) { return reader.next > position; });
  }

  void ExpectNothingMore() {
    for (Reader& reader : readers_) {
      reader.ponged = false;
      const std::string ping = Framed(PingFrame(2));
      if (::send(reader.fd.get(), ping.data(), ping.size(), MSG_NOSIGNAL) < 0) wrong_ = "closed";
    }
    expects_messages_ = false;
    Read(buffer_.size(), "Pong", [](const Reader& reader) { return reader.ponged; });
    expects_messages_ = true;
  }

  // Each reader, so many bytes at a time, until it is `done`.
  void Read(size_t bytes_max, std::string_view what, const std::function<bool(Reader&)>& done) {
    const server::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    size_t left = 0;
    for (Reader& reader : readers_) {
      if (done(reader)) continue;
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &reader;
      ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, reader.fd.get(), &event);
      ++left;
    }
    while (left > 0 && wrong_.empty()) {
      constexpr auto kMillis =
          std::chrono::duration_cast<std::chrono::milliseconds>(kPatience).count();
      std::array<epoll_event, 256> events;
      const int count = ::epoll_wait(epoll.get(), events.data(), events.size(), kMillis);
      if (count <= 0) wrong_ = base::StrCat(left, " readers wait for ", what);
      for (int i = 0; i < count && wrong_.empty(); ++i) {
        Reader& reader = *static_cast<Reader*>(events[static_cast<size_t>(i)].data.ptr);
        Receive(reader, bytes_max);
        if (!done(reader)) continue;
        ::epoll_ctl(epoll.get(), EPOLL_CTL_DEL, reader.fd.get(), nullptr);
        --left;
      }
    }
  }

  void Receive(Reader& reader, size_t bytes_max) {
    const ssize_t got = ::recv(reader.fd.get(), buffer_.data(), bytes_max, 0);
    if (got <= 0) return Wrong(reader, "the end of the connection");
    reader.tail.append(buffer_.data(), static_cast<size_t>(got));
    std::string_view rest = reader.tail;
    while (wrong_.empty()) {
      std::string_view body;
      size_t consumed = 0, needed = 0;
      const auto cut = proto::CutFrame(rest, kFrameBytesMax, &body, &consumed, &needed);
      if (cut == proto::CutResult::kIncomplete) break;
      if (cut != proto::CutResult::kFrame) return Wrong(reader, "no frame");
      OnFrame(reader, body);
      rest.remove_prefix(consumed);
    }
    reader.tail.erase(0, reader.tail.size() - rest.size());
  }

  void OnFrame(Reader& reader, std::string_view body) {
    proto::MessageView message;
    if (proto::DecodeMessage(body, &message)) return OnMessage(reader, message);
    ServerFrame frame;
    if (!frame.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
      return Wrong(reader, "no frame");
    }
    if (frame.has_connected()) return;
    if (frame.has_pong() && !expects_messages_) {
      reader.ponged = true;
    } else if (frame.has_subscribed() && frame.subscribed().stream().recovered() &&
               frame.subscribed().stream().position() + 1 == reader.next) {
      reader.begun = true;
    } else {
      Wrong(reader, frame.ShortDebugString());
    }
  }

  void OnMessage(Reader& reader, const proto::MessageView& message) {
    uint64_t number = 0;
    const char* const begin = message.payload.data();
    std::from_chars(begin, begin + message.payload.size(), number);
    if (!expects_messages_ || message.position != reader.next || number != reader.next) {
      return Wrong(reader, base::StrCat("message ", number, " at ", message.position));
    }
    ++reader.next;
  }

  void Wrong(const Reader& reader, std::string_view what) {
    wrong_ = base::StrCat("reader ", &reader - readers_.data(), " expects position ", reader.next,
                          " and got: ", what);
    wrong_.resize(std::min(wrong_.size(), kCommandBytesMax - 1));
  }

  std::vector<Reader> readers_;
  std::vector<char> buffer_ = std::vector<char>(64 << 10);
  bool expects_messages_ = true;
  std::string wrong_;  // the first fault; empty: none
};

void RaiseDescriptorLimit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

StreamCrowd::StreamCrowd() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return;
  channel_ = server::UniqueFd(ends[0]);
  const server::UniqueFd of_crowd(ends[1]);
  process_ = ::fork();
  if (process_ != 0) return;
  channel_.Reset();
  RaiseDescriptorLimit();
  Crowd().Run(of_crowd.get());
  ::_exit(0);
}

StreamCrowd::~StreamCrowd() {
  channel_.Reset();
  if (process_ > 0) ::waitpid(process_, nullptr, 0);
}

std::string StreamCrowd::Begin(std::string_view broker, std::string_view filter, size_t readers,
                               uint64_t epoch, uint64_t last) {
  return Ask(base::StrCat("begin ", broker, " ", filter, " ", readers, " ", epoch, " ", last));
}

std::string StreamCrowd::ReadTo(uint64_t position) { return Ask(base::StrCat("read ", position)); }

std::string StreamCrowd::ExpectNothingMore() { return Ask("nothing"); }

std::string StreamCrowd::Ask(const std::string& command) {
  std::array<char, kCommandBytesMax> answer;
  if (::send(channel_.get(), command.data(), command.size(), MSG_NOSIGNAL) < 0 ||
      ::recv(channel_.get(), answer.data(), answer.size(), 0) <= 0) {
    return "the other process is gone";
  }
  return answer.data();
}

}  // namespace esockets::tests

#include "tests/support/scripted_broker.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <utility>

#include "gtest/gtest.h"
#include "proto/frame_delimiter.h"
#include "proto/server_frame_encoder.h"

namespace esockets::tests {
namespace {

constexpr std::chrono::seconds kPatience{60};

int Listen() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(::listen(fd, 8), 0);
  return fd;
}

// A client that has gone is none of its business.
void SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

std::string Encoded(const ServerFrame& frame) {
  std::string bytes;
  proto::AppendFrame(frame, &bytes);
  return bytes;
}

}  // namespace

ScriptedBroker::ScriptedBroker(BrokerScript script)
    : script_(std::move(script)), listener_(Listen()), answers_pings_(script_.answers_pings) {
  thread_ = std::thread([this] { Run(); });
}

ScriptedBroker::~ScriptedBroker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (serving_ >= 0) ::shutdown(serving_, SHUT_RDWR);
  }
  ::shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
}

std::string ScriptedBroker::address() const {
  sockaddr_in address{};
  socklen_t length = sizeof(address);
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &length);
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

void ScriptedBroker::Run() {
  while (true) {
    const server::UniqueFd connection(::accept(listener_.get(), nullptr, nullptr));
    if (!connection) return;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      serving_ = connection.get();
    }
    Serve(connection.get());
    const std::lock_guard lock(mutex_);
    serving_ = -1;
  }
}

void ScriptedBroker::Serve(int fd) {
  std::string bytes;
  char buffer[65536];
  for (ssize_t count; (count = ::recv(fd, buffer, sizeof(buffer), 0)) > 0;) {
    bytes.append(buffer, static_cast<size_t>(count));
    std::string_view body;
    size_t consumed = 0;
    size_t needed = 0;
    while (proto::CutFrame(bytes, 1 << 20, &body, &consumed, &needed) == proto::CutResult::kFrame) {
      ClientFrame frame;
      EXPECT_TRUE(frame.ParseFromArray(body.data(), static_cast<int>(body.size())));
      Answer(fd, frame);
      bytes.erase(0, consumed);
    }
  }
}

void ScriptedBroker::Answer(int fd, const ClientFrame& frame) {
  ServerFrame answer;
  if (frame.has_connect()) {
    Count(&connections_);
    *answer.mutable_connected() = script_.connected;
    SendAll(fd, Encoded(answer));
    const std::lock_guard lock(mutex_);
    if (connections_ == 1) SendAll(fd, script_.after_connected);
  } else if (frame.has_subscribe()) {
    answer.mutable_subscribed()->set_id(frame.subscribe().id());
    SendAll(fd, Encoded(answer));
    const std::lock_guard lock(mutex_);
    const bool plays = connections_ == 1 && frame.subscribe().filter() == script_.filter;
    if (plays) SendAll(fd, script_.after_subscribed);
  } else if (frame.has_ping()) {
    answer.mutable_pong()->set_id(frame.ping().id());
    if (answers_pings_) SendAll(fd, Encoded(answer));
    Count(&pings_);
  }
}

void ScriptedBroker::Count(uint64_t* counter) {
  {
    const std::lock_guard lock(mutex_);
    ++*counter;
  }
  changed_.notify_all();
}

void ScriptedBroker::Await(const uint64_t& counter, uint64_t count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return counter >= count; }));
}

void ScriptedBroker::AwaitPings(uint64_t count) { Await(pings_, count); }
void ScriptedBroker::AwaitConnections(uint64_t count) { Await(connections_, count); }

}  // namespace esockets::tests

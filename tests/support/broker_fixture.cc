#include "tests/support/broker_fixture.h"

#include <chrono>
#include <filesystem>
#include <future>
#include <iterator>
#include <string>
#include <utility>

#include "base/log.h"

namespace esockets::tests {

using broker::CloseCode;
using broker::ErrorCode;

// --- Bystanders ---------------------------------------------------------------------------------

namespace {

void Introduce(NativePeer& peer, std::string_view token) {
  ClientFrame connect = ConnectFrame();
  connect.mutable_connect()->set_token(std::string(token));
  EXPECT_TRUE(peer.Send(connect));
  const std::optional<ServerFrame> answer = peer.Receive();
  EXPECT_TRUE(answer && answer->has_connected());
}

}  // namespace

Bystanders::Bystanders(const server::SocketAddress& broker, std::string_view token)
    : publisher_(broker), subscriber_(broker) {
  Introduce(publisher_, token);
  Introduce(subscriber_, token);
  EXPECT_TRUE(subscriber_.Subscribe("bystanders/#"));
  EXPECT_TRUE(ExchangeOne());
  thread_ = std::thread([this] { Run(); });
}

Bystanders::~Bystanders() {
  stopping_ = true;
  thread_.join();
  EXPECT_TRUE(publisher_.Ping()) << "the publisher was disturbed";
  EXPECT_TRUE(subscriber_.Ping()) << "the subscriber was disturbed";
}

void Bystanders::Run() {
  while (!stopping_) {
    if (ExchangeOne()) continue;
    ADD_FAILURE() << "bystanders were disturbed after " << count_ << " messages";
    return;
  }
}

bool Bystanders::ExchangeOne() {
  ++count_;
  const std::string payload = std::to_string(count_);
  const uint64_t id = publisher_.NextId();
  if (!publisher_.Send(PublishFrame("bystanders/talk", payload, id))) return false;
  const std::optional<ServerFrame> answer = publisher_.Receive();
  if (!answer || !answer->has_published() || answer->published().id() != id) return false;
  const std::optional<ServerFrame> message = subscriber_.Receive();
  if (!message || !message->has_message() || message->message().payload() != payload) return false;
  ++exchanged_;
  return true;
}

// --- BrokerFixture ------------------------------------------------------------------------------

app::BrokerOptions BrokerFixture::DefaultOptions() {
  app::BrokerOptions options;
  options.server.port = 0;
  return options;
}

void BrokerFixture::Start(app::BrokerOptions options) {
  base::SetLogLevel(base::LogLevel::kWarning);
  broker_ = std::make_unique<app::BrokerServer>(std::move(options));
  const absl::Status started = broker_->Start();
  ASSERT_TRUE(started.ok()) << started.message();
  address_ = broker_->server().addresses()[0];
}

void BrokerFixture::StartWithBystanders(app::BrokerOptions options, std::string_view token) {
  Start(std::move(options));
  bystanders_ = std::make_unique<Bystanders>(address_, token);
}

void BrokerFixture::TearDown() {
  bystanders_.reset();
  broker_.reset();
}

void BrokerFixture::Replace(const broker::Settings& settings) {
  broker_->Replace(settings);
  OnLoop([] {});
}

void BrokerFixture::OnLoop(std::function<void()> task) {
  std::promise<void> done;
  broker_->server().loop(0).Post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

bool BrokerFixture::WaitUntil(const std::function<bool()>& happened) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!happened()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    OnLoop([] {});
  }
  return true;
}

NativePeer BrokerFixture::ConnectedPeer(std::string_view client_id, const PeerOptions& options) {
  NativePeer peer(address_, options);
  const std::optional<ServerFrame> answer = peer.Connect(client_id);
  EXPECT_TRUE(answer && answer->has_connected())
      << (answer ? answer->ShortDebugString() : "no answer");
  return peer;
}

admin::Client BrokerFixture::Look(NativePeer& administrator, std::string_view client_id) {
  admin::ClientsRequest request;
  request.set_client_id(std::string(client_id));
  admin::Clients clients;
  const auto reply = administrator.Ask("$SYS/clients", request.SerializeAsString());
  if (!reply || !clients.ParseFromString(*reply) || clients.clients_size() != 1) {
    ADD_FAILURE() << "administration does not show client " << client_id;
    return {};
  }
  return clients.clients(0);
}

std::string BrokerFixture::ExpectClose(NativePeer& peer, CloseCode code) {
  const broker::CloseInfo& info = broker::Info(code);
  const std::optional<ServerFrame> frame = peer.ReceiveAnswer();
  if (!frame || !frame->has_close()) {
    ADD_FAILURE() << "no Close " << info.name << " but "
                  << (frame ? frame->ShortDebugString() : "the end");
    return "";
  }
  const Close& close = frame->close();
  EXPECT_EQ(close.code(), static_cast<uint32_t>(code)) << frame->ShortDebugString();
  EXPECT_EQ(close.text(), info.text);
  EXPECT_EQ(close.advice(), info.advice);
  EXPECT_EQ(close.retryable(), info.retryable);
  EXPECT_TRUE(peer.ReceiveEnd()) << info.name << (peer.was_reset() ? ": reset" : ": open");
  return close.detail();
}

std::string BrokerFixture::ExpectError(NativePeer& peer, uint64_t request_id, ErrorCode code) {
  const broker::ErrorInfo& info = broker::Info(code);
  const std::optional<ServerFrame> frame = peer.ReceiveAnswer();
  if (!frame || !frame->has_error()) {
    ADD_FAILURE() << "no Error " << info.name << " but "
                  << (frame ? frame->ShortDebugString() : "the end");
    return "";
  }
  const Error& error = frame->error();
  EXPECT_EQ(error.id(), request_id);
  EXPECT_EQ(error.code(), static_cast<uint32_t>(code)) << frame->ShortDebugString();
  EXPECT_EQ(error.text(), info.text);
  EXPECT_EQ(error.advice(), info.advice);
  EXPECT_EQ(error.retryable(), info.retryable);
  return error.detail();
}

size_t OpenDescriptors() {
  // One of them is the look itself.
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                           std::filesystem::directory_iterator())) -
         1;
}

}  // namespace esockets::tests

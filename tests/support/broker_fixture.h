// A whole broker in the test's own process, on a port of its own, and two bystanders who use it in
// good order all the time: whatever a test does to the broker, they must notice nothing.
#ifndef TESTS_SUPPORT_BROKER_FIXTURE_H_
#define TESTS_SUPPORT_BROKER_FIXTURE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "app/broker_server.h"
#include "broker/errors.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "tests/support/native_peer.h"

namespace esockets::tests {

// A publisher and a subscriber, on a thread of their own: one message after the other, each
// answered, each delivered.
class Bystanders {
 public:
  // Connects both, then begins. `token`: with users.
  explicit Bystanders(const server::SocketAddress& broker, std::string_view token = {});
  // Ends, and says so in the test if anything was amiss.
  ~Bystanders();

  uint64_t exchanged() const { return exchanged_; }

 private:
  void Run();
  bool ExchangeOne();

  NativePeer publisher_;
  NativePeer subscriber_;
  uint64_t count_ = 0;
  std::atomic<uint64_t> exchanged_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

class BrokerFixture : public ::testing::Test {
 protected:
  // Loopback, a port of the kernel's choice, short waits where the defaults are seconds.
  static app::BrokerOptions DefaultOptions();

  void Start(app::BrokerOptions options = DefaultOptions());
  // As Start, and bystanders.
  void StartWithBystanders(app::BrokerOptions options = DefaultOptions(),
                           std::string_view token = {});
  void TearDown() override;

  // New settings, in force when it returns.
  void Replace(const broker::Settings& settings);
  // Runs on the broker's loop; returns when it has run.
  void OnLoop(std::function<void()> task);
  // Turn after turn of the loop, until it is true.
  [[nodiscard]] bool WaitUntil(const std::function<bool()>& happened);

  const server::SocketAddress& address() const { return address_; }
  NativePeer Peer(const PeerOptions& options = {}) { return NativePeer(address_, options); }
  // Has said Connect, and was answered with Connected.
  NativePeer ConnectedPeer(std::string_view client_id = {}, const PeerOptions& options = {});
  // What administration shows of a client.
  static admin::Client Look(NativePeer& administrator, std::string_view client_id);

  uint64_t Count(broker::ErrorCode code) const {
    return broker_->metrics().errors[static_cast<uint32_t>(code) - 100].value();
  }
  uint64_t Count(broker::CloseCode code) const {
    return broker_->metrics().closes[static_cast<uint32_t>(code) - 200].value();
  }

  // The peer's next frame is a Close with code, text, advice as in the table; then the end of the
  // connection, in good order. Returns its detail.
  std::string ExpectClose(NativePeer& peer, broker::CloseCode code);
  // The peer's next answer is an Error; the connection goes on. Returns its detail.
  std::string ExpectError(NativePeer& peer, uint64_t request_id, broker::ErrorCode code);

  app::BrokerServer& broker() { return *broker_; }
  Bystanders& bystanders() { return *bystanders_; }

 private:
  std::unique_ptr<app::BrokerServer> broker_;
  std::unique_ptr<Bystanders> bystanders_;
  server::SocketAddress address_;
};

// Descriptors that this process has open.
size_t OpenDescriptors();

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_BROKER_FIXTURE_H_

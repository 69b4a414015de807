// One loop of a broker, simulated, and clients that talk to it in frames, without sockets.
#ifndef TESTS_SUPPORT_SIM_CLIENT_H_
#define TESTS_SUPPORT_SIM_CLIENT_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/on_loop.h"
#include "broker/admin.h"
#include "broker/broker_totals.h"
#include "broker/loop_inbox.h"
#include "broker/session.h"
#include "broker/shard.h"
#include "broker/slow_view.h"
#include "proto/client_frame_decoder.h"
#include "proto/esockets.pb.h"
#include "proto/publish_run.h"
#include "tests/support/fake_sink.h"
#include "tests/support/sim_executor.h"
#include "tests/support/sim_wire_form.h"

namespace esockets::tests {

class SimClient;

class SimBroker {
 public:
  // Without a `place`: the only loop of its broker.
  explicit SimBroker(broker::Settings settings = {}, uint32_t chunk_bytes = 64 << 10,
                     broker::Place place = {});
  // REQUIRES: the clients die first.
  ~SimBroker() = default;

  // Ends the turn and begins the next: deliveries arrive, and input that had to wait.
  void Turn() ESOCKETS_ASSERTS_ON_LOOP {
    executor.NextTurn();
    Input();
  }

  // In a turn from the beginning, and after every call.
  SimExecutor executor;
  SimWireForm wire_form;
  broker::Host host;
  broker::BrokerTotals totals;
  broker::Shard shard;
  broker::SlowReports slow_reports;
  broker::Admin admin;
  broker::LoopInbox inbox;

 private:
  friend class SimClient;
  void Flush();
  void Input() ESOCKETS_ON_LOOP;

  std::vector<SimClient*> clients_;
  uint64_t next_session_id_;
};

// What arrives, in a line: "a/b=payload", "subscribed 1", "gap a/# 3", "close 241", ... Of streams:
// "7 a/b=payload", "subscribed 1 behind 6", "published 2 at 7", "gap a/# 3 (4-6)". Of groups:
// "workers: a/b=payload", "workers: gap a/# 3".
std::string LineOf(const ServerFrame& frame);

class SimClient {
 public:
  // A connection that has said nothing yet.
  explicit SimClient(SimBroker* broker) ESOCKETS_ON_LOOP;
  // ... and one whose Connect was accepted; its Connected is taken from the frames.
  SimClient(SimBroker* broker, std::string_view client_id) ESOCKETS_ON_LOOP;
  SimClient(const SimClient&) = delete;
  SimClient& operator=(const SimClient&) = delete;
  // The connection goes, if it is still there.
  ~SimClient();

  // Each sends one frame: taken now, or when the broker reads again. Nothing happens once the
  // session has ended.
  void Send(const ClientFrame& frame) ESOCKETS_ON_LOOP;
  void Connect(std::string_view client_id) ESOCKETS_ON_LOOP;
  void Connect(std::string_view client_id, const esockets::Will& will) ESOCKETS_ON_LOOP;
  // Those with an answer return the id that it will have.
  struct Options {
    Overflow overflow = OVERFLOW_DEFAULT;
    uint32_t messages_max = 0;
    uint64_t bytes_max = 0;
    uint32_t age_max_ms = 0;
    Start start = START_NOW;
    uint64_t start_at = 0;
    uint64_t start_epoch = 0;
    bool skip_last_values = false;
    std::string group{};
    GroupStrategy strategy = GROUP_STRATEGY_UNSPECIFIED;
  };
  uint64_t Subscribe(std::string_view filter) ESOCKETS_ON_LOOP { return Subscribe(filter, {}); }
  uint64_t Subscribe(std::string_view filter, const Options& options) ESOCKETS_ON_LOOP;
  uint64_t Unsubscribe(std::string_view filter, std::string_view group = {}) ESOCKETS_ON_LOOP;
  struct MessageOptions {
    std::string key;
    uint32_t ttl_ms = 0;
    std::string message_id;
    std::string reply_to;
    uint32_t confirm_ms = 0;
  };
  void Publish(std::string_view topic, std::string_view payload) ESOCKETS_ON_LOOP {
    Publish(topic, payload, {});
  }
  void Publish(std::string_view topic, std::string_view payload,
               const MessageOptions& options) ESOCKETS_ON_LOOP;
  uint64_t PublishAcked(std::string_view topic, std::string_view payload) ESOCKETS_ON_LOOP {
    return PublishAcked(topic, payload, {});
  }
  uint64_t PublishAcked(std::string_view topic, std::string_view payload,
                        const MessageOptions& options) ESOCKETS_ON_LOOP;
  uint64_t Request(std::string_view topic, std::string_view payload) ESOCKETS_ON_LOOP;
  uint64_t Refresh(std::string_view token) ESOCKETS_ON_LOOP;
  void Ping(uint64_t id) ESOCKETS_ON_LOOP;
  void Disconnect(std::string_view reason) ESOCKETS_ON_LOOP;
  // The connection breaks.
  void Vanish() ESOCKETS_ON_LOOP;
  // What is sent until Uncork arrives together.
  void Cork() { corked_ = true; }
  void Uncork() ESOCKETS_ON_LOOP;

  // LineOf all that has arrived.
  std::vector<std::string> Lines();

  // Hears of each frame before the session takes it, and after.
  struct Observer {
    std::function<void(const ClientFrame&)> before = [](const ClientFrame&) {};
    std::function<void(const ClientFrame&)> after = [](const ClientFrame&) {};
  };
  void set_observer(Observer observer) { observer_ = std::move(observer); }
  // Frames that the broker has not taken yet.
  size_t waiting_frames() const { return waiting_.size(); }
  uint64_t next_request_id() const { return next_request_id_; }

  FakeSink sink;
  bool gone() const { return session_ == nullptr; }
  // REQUIRES: !gone().
  broker::Session& session() const { return *session_; }

 private:
  friend class SimBroker;
  void SendPublish(std::string_view topic, std::string_view payload, const MessageOptions& options,
                   uint64_t id) ESOCKETS_ON_LOOP;
  void TakeWaiting() ESOCKETS_ON_LOOP;
  // Each returns how many of the waiting frames the session has taken.
  size_t TakeOne() ESOCKETS_ON_LOOP;
  size_t TakePublishes() ESOCKETS_ON_LOOP;

  SimBroker& broker_;
  std::deque<ClientFrame> waiting_;
  Observer observer_;
  std::shared_ptr<broker::Session> session_;
  bool corked_ = false;
  proto::ClientFrameView view_;
  proto::PublishRuns publishes_;
  uint64_t next_request_id_ = 1;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_SIM_CLIENT_H_

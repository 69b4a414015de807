// A broker on a simulated loop, and clients that talk to it in frames, without sockets.
#ifndef TESTS_SUPPORT_SIM_CLIENT_H_
#define TESTS_SUPPORT_SIM_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/on_loop.h"
#include "broker/admin.h"
#include "broker/session.h"
#include "broker/shard.h"
#include "proto/client_frame_decoder.h"
#include "proto/esockets.pb.h"
#include "tests/support/fake_sink.h"
#include "tests/support/sim_executor.h"
#include "tests/support/sim_wire_form.h"

namespace esockets::tests {

class SimClient;

class SimBroker {
 public:
  explicit SimBroker(broker::Settings settings = {}, uint32_t chunk_bytes = 64 * 1024);
  // REQUIRES: the clients die first.
  ~SimBroker() = default;

  // Ends the turn and begins the next: deliveries arrive.
  void Turn() ESOCKETS_ASSERTS_ON_LOOP { executor.NextTurn(); }

  // In a turn from the beginning, and after every call.
  SimExecutor executor;
  SimWireForm wire_form;
  broker::Host host;
  broker::Shard shard;
  broker::Admin admin;

 private:
  friend class SimClient;
  void Flush();

  std::vector<SimClient*> clients_;
  uint64_t next_session_id_ = 1;
};

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

  // Each sends one frame, now. Nothing happens once the session has ended.
  void Send(const ClientFrame& frame) ESOCKETS_ON_LOOP;
  void Connect(std::string_view client_id) ESOCKETS_ON_LOOP;
  // Those with an answer return the id that it will have.
  struct Options {
    Overflow overflow = OVERFLOW_DEFAULT;
    uint32_t messages_max = 0;
    uint64_t bytes_max = 0;
  };
  uint64_t Subscribe(std::string_view filter) ESOCKETS_ON_LOOP { return Subscribe(filter, {}); }
  uint64_t Subscribe(std::string_view filter, const Options& options) ESOCKETS_ON_LOOP;
  uint64_t Unsubscribe(std::string_view filter) ESOCKETS_ON_LOOP;
  void Publish(std::string_view topic, std::string_view payload) ESOCKETS_ON_LOOP;
  uint64_t PublishAcked(std::string_view topic, std::string_view payload) ESOCKETS_ON_LOOP;
  uint64_t Request(std::string_view topic, std::string_view payload) ESOCKETS_ON_LOOP;
  void Ping(uint64_t id) ESOCKETS_ON_LOOP;
  void Disconnect(std::string_view reason) ESOCKETS_ON_LOOP;
  // The connection breaks.
  void Vanish() ESOCKETS_ON_LOOP;

  // What has arrived, in a line each: "a/b=payload", "subscribed 1", "gap a/# 3", "close 241", ...
  std::vector<std::string> Lines();

  FakeSink sink;
  bool gone() const { return session_ == nullptr; }
  // REQUIRES: !gone().
  broker::Session& session() const { return *session_; }

 private:
  friend class SimBroker;
  SimBroker& broker_;
  std::shared_ptr<broker::Session> session_;
  proto::ClientFrameView view_;
  uint64_t next_request_id_ = 1;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_SIM_CLIENT_H_

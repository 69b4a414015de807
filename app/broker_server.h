// The broker as one object: the socket core, the gateway and the shards, wired together. `bazel run
// broker` is this and a configuration; a test or an application may have one of its own.
#ifndef APP_BROKER_SERVER_H_
#define APP_BROKER_SERVER_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/on_loop.h"
#include "base/work_pool.h"
#include "broker/admin.h"
#include "broker/broker_totals.h"
#include "broker/loop_inbox.h"
#include "broker/memory_governor.h"
#include "broker/parcel.h"
#include "broker/shard.h"
#include "broker/siblings.h"
#include "broker/slow_view.h"
#include "gateways/front_bridge.h"
#include "gateways/http/admin_routes.h"
#include "gateways/native/native_codec.h"
#include "gateways/native/native_wire_form.h"
#include "gateways/websocket/pages.h"
#include "gateways/websocket/websocket_gateway.h"
#include "server/admission.h"
#include "server/event_loop.h"
#include "server/http/limits.h"
#include "server/http/static_pages.h"
#include "server/socket_server.h"

namespace esockets::app {

struct BrokerOptions {
  server::SocketServerOptions server;
  broker::Settings settings;
  server::AdmissionSettings admission{};
  // What may be spoken on each of server.listen; none: everything on all.
  std::vector<gateways::Protocols> protocols{};
  websocket::GatewaySettings websocket{};
  // What is served over HTTP. Never null.
  std::shared_ptr<const http::StaticPages> pages = std::make_shared<http::StaticPages>();
  http::Limits http{};
  // A client with the right to administrate wants the broker to drain and stop. Thread: a loop.
  std::function<void()> on_drain_request = [] {};
};

// So long a reload waits for loops whose turns take longer than that.
inline constexpr base::Duration kReplaceTimeMax = std::chrono::seconds(10);

// Name and version, as clients are told.
std::string_view BrokerVersion();

// Thread: any, but for the loops.
class BrokerServer {
 public:
  explicit BrokerServer(BrokerOptions options);
  BrokerServer(const BrokerServer&) = delete;
  BrokerServer& operator=(const BrokerServer&) = delete;
  // Stops.
  ~BrokerServer();

  // Errors: as of SocketServer::Start.
  absl::Status Start();

  // Stops accepting, asks every client to leave, sends what waits for them, and stops: after
  // `timeout` at the latest.
  void Drain(base::Duration timeout);
  void Stop();

  // New limits, users and modes. When it returns, they hold on every loop. False: a turn of some
  // loop takes so long (kReplaceTimeMax) that they hold there when it ends. REQUIRES: it is not
  // called on a loop.
  bool Replace(const broker::Settings& settings);
  void Replace(server::AdmissionSettings admission) { admission_.Replace(std::move(admission)); }
  // New certificates, for connections that come from here on. REQUIRES: of the same listeners.
  void ReplaceTls(const std::vector<gateways::Protocols>& protocols);

  bool stopped() const { return server_.stopped(); }
  // Asked to drain or to stop: nobody should connect any more.
  bool draining() const { return draining_; }
  // For the HTTP door. REQUIRES: it is destroyed before the broker, and not before the broker has
  // stopped.
  http::BrokerAccess admin_access();
  server::SocketServer& server() { return server_; }
  const server::SocketServer& server() const { return server_; }
  // Of the first loop, for an application with a broker inside.
  const broker::Metrics& metrics() const;

 private:
  // What one loop owns.
  struct LoopState {
    LoopState(server::EventLoop* loop, const BrokerOptions& options, server::Admission* admission,
              broker::Host host, broker::Place place);
    native::NativeWireForm wire_form;
    native::NativeCodec codec;
    broker::Shard shard;
    websocket::Pages pages;
    websocket::WebSocketGateway websocket;
    gateways::Front front;
    broker::SlowReports slow_reports;
    broker::Admin admin;
    broker::LoopInbox inbox;
  };
  // From one loop to the others.
  class Link final : public broker::LoopLink {
   public:
    Link(BrokerServer* broker, uint32_t from) : broker_(*broker), from_(from) {}
    void Post(uint32_t to, broker::Parcel parcel) override ESOCKETS_ON_LOOP;

   private:
    BrokerServer& broker_;
    const uint32_t from_;
  };
  // Callbacks of the socket core that concern no client.
  struct Events final : server::ServerHandler {
    void OnWarning(std::string_view warning) override;
  };

  server::SocketServerOptions ServerOptions(const BrokerOptions& options);
  std::string Refusal(std::string_view why) ESOCKETS_ON_LOOP;
  broker::Host MakeHost(size_t loop_index);
  void AddFigures(size_t loop_index, const broker::AddFigure& add) const;
  void AddLimits(const broker::AddLimit& add) const;

  const BrokerOptions options_;
  Events events_;
  server::Admission admission_;
  server::SocketServer server_;
  base::WorkPool pool_;  // stopped before the loops are destroyed
  std::atomic<bool> draining_{false};
  broker::BrokerTotals totals_;
  std::vector<std::unique_ptr<Link>> links_;
  // Destroyed before the loops, after the connections.
  std::vector<std::unique_ptr<LoopState>> loops_;
  std::unique_ptr<broker::MemoryGovernor> memory_governor_;  // of the first loop
};

}  // namespace esockets::app

#endif  // APP_BROKER_SERVER_H_

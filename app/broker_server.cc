#include "app/broker_server.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/process_memory.h"
#include "base/strings.h"
#include "broker/session.h"
#include "broker/settings_change.h"
#include "server/connection.h"

namespace esockets::app {
namespace {

// Passwords that wait to be checked: as many as are answered within the connect timeout, at some 25
// ms each.
constexpr size_t kPoolQueueMax = 200;

// Half of the machine is left to the loops.
size_t PoolThreads() { return std::max<size_t>(1, std::thread::hardware_concurrency() / 2); }

}  // namespace

std::string_view BrokerVersion() { return "ESocketS 0.1"; }

BrokerServer::LoopState::LoopState(server::EventLoop* loop, const BrokerOptions& options,
                                   server::Admission* admission, broker::Host host,
                                   broker::Place place)
    : wire_form(loop, options.settings.stamps),
      shard(loop, &wire_form, options.settings, std::move(host), place),
      pages(options.pages),
      websocket(options.websocket, &shard, &codec, loop, &pages),
      front{.of_listeners = options.protocols,
            .http = &websocket,
            .http_limits = &options.http,
            .admission = admission},
      slow_reports(&shard),
      admin(&shard),
      inbox(&shard, &admin) {
  shard.system_requests = &admin;
}

void BrokerServer::Events::OnWarning(std::string_view warning) {
  base::Log(base::LogLevel::kWarning, "socket core warns", {{"reason", warning}});
}

BrokerServer::BrokerServer(BrokerOptions options)
    : options_(std::move(options)),
      admission_(options_.admission),
      server_(ServerOptions(options_), &events_),
      pool_(PoolThreads(), kPoolQueueMax) {
  const auto count = static_cast<uint32_t>(server_.loop_count());
  for (uint32_t i = 0; i < count; ++i) {
    links_.push_back(std::make_unique<Link>(this, i));
    const broker::Place place{
        .loop = i, .loops = count, .link = links_[i].get(), .totals = &totals_};
    loops_.push_back(
        std::make_unique<LoopState>(&server_.loop(i), options_, &admission_, MakeHost(i), place));
  }
  memory_governor_ = std::make_unique<broker::MemoryGovernor>(
      &loops_[0]->shard,
      broker::ProcessMemory{.bytes = base::ResidentBytes, .release = base::ReleaseFreeMemory});
  server_.loop(0).Post([this] {
    server_.loop(0).AssertOnLoop();
    memory_governor_->Start();
  });
}

void BrokerServer::Link::Post(uint32_t to, broker::Parcel parcel) {
  server::EventLoop& loop = broker_.server_.loop(to);
  loop.Post(
      [&loop, &state = *broker_.loops_[to], from = from_, parcel = std::move(parcel)]() mutable {
        loop.AssertOnLoop();
        state.inbox.OnParcel(from, std::move(parcel));
      });
}

BrokerServer::~BrokerServer() { Stop(); }

server::SocketServerOptions BrokerServer::ServerOptions(const BrokerOptions& options) {
  server::SocketServerOptions server = options.server;
  server.framing = server::Framing::kRaw;
  server.closed_clients_max = 0;
  server.admission = &admission_;
  for (const gateways::Protocols& protocols : options.protocols) {
    server.behind_proxies.push_back(protocols.proxies != nullptr);
  }
  server.make_handler = [this](server::Connection& connection) {
    connection.loop().AssertOnLoop();
    LoopState& state = *loops_[static_cast<size_t>(connection.loop().index())];
    return std::make_unique<gateways::FrontBridge>(&state.front, &state.shard, &state.codec,
                                                   &connection);
  };
  server.on_refuse = [this](std::string_view why) {
    server_.loop(0).AssertOnLoop();
    return Refusal(why);
  };
  return server;
}

// Nobody has a session here that could say it.
std::string BrokerServer::Refusal(std::string_view why) {
  constexpr broker::CloseCode kCode = broker::CloseCode::kTooManyClients;
  LoopState& state = *loops_[0];
  state.shard.metrics.of(kCode).Add();
  std::string close;
  state.codec.AppendClose({.code = kCode, .detail = std::string(why)}, &close);
  return close;
}

broker::Host BrokerServer::MakeHost(size_t loop_index) {
  return {
      .server = std::string(BrokerVersion()),
      .listeners =
          [this] {
            std::vector<std::string> listeners;
            for (const auto& address : server_.addresses()) {
              listeners.push_back(address.ToString());
            }
            return listeners;
          },
      .request_drain = options_.on_drain_request,
      .arena_bytes =
          [this, loop_index] { return server_.loop(loop_index).metrics().arena_bytes.value(); },
      .figures = [this, loop_index](const broker::AddFigure& add) { AddFigures(loop_index, add); },
      .limits = [this](const broker::AddLimit& add) { AddLimits(add); },
      .pool = &pool_};
}

// Of the whole process: the first loop tells them, the others that they know of none.
void BrokerServer::AddFigures(size_t loop_index, const broker::AddFigure& add) const {
  using server::AdmissionRefusal;
  const auto of_process = [&](std::string_view name, std::string_view label, uint64_t value) {
    add(name, label, loop_index == 0 ? value : 0);
  };
  for (const auto refusal :
       {AdmissionRefusal::kOfListener, AdmissionRefusal::kOfAddress, AdmissionRefusal::kTooFast}) {
    of_process("refused_connections_total", server::AdmissionRefusalText(refusal),
               admission_.refused_total(refusal).value());
  }
  of_process("accept_pauses_total", "", admission_.pauses_total().value());
}

void BrokerServer::AddLimits(const broker::AddLimit& add) const {
  using server::AdmissionRefusal;
  const server::AdmissionUse use = admission_.Use(loops_[0]->shard.executor.clock().Now());
  // Of a rate that is not limited nothing is counted.
  const auto used_of = [](uint64_t max, uint64_t used) {
    return max == 0 ? std::nullopt : std::optional(used);
  };
  const uint64_t connects_max = use.settings.connects_per_second_max;
  add({"broker", "connects_per_second_max", connects_max, used_of(connects_max, use.connects),
       use.pauses_total});
  const std::vector<server::SocketAddress> addresses = server_.addresses();
  for (size_t i = 0; i < addresses.size(); ++i) {
    const auto& quotas = use.settings.of_listeners;
    const server::ListenerQuota quota = i < quotas.size() ? quotas[i] : server::ListenerQuota();
    const std::string scope = base::StrCat("listener ", addresses[i].ToString());
    const server::ListenerUse own =
        i < use.of_listeners.size() ? use.of_listeners[i] : server::ListenerUse();
    const auto refused = [&own](AdmissionRefusal refusal) {
      return own.refused_total[static_cast<size_t>(refusal)];
    };
    add({scope, "connections_max", quota.connections_max, own.connections,
         refused(AdmissionRefusal::kOfListener)});
    add({scope, "connects_per_second_max", quota.connects_per_second_max,
         used_of(quota.connects_per_second_max, own.connects), own.pauses_total});
    add({scope, "connections_per_address_max", quota.connections_per_address_max,
         use.connections_of_an_address, refused(AdmissionRefusal::kOfAddress)});
    add({scope, "connects_per_second_per_address_max", quota.connects_per_second_per_address_max,
         std::nullopt, refused(AdmissionRefusal::kTooFast)});
  }
}

absl::Status BrokerServer::Start() { return server_.Start(); }

http::BrokerAccess BrokerServer::admin_access() {
  http::BrokerAccess access{.loops = {}, .draining = [this] { return draining(); }, .pool = &pool_};
  for (size_t i = 0; i < loops_.size(); ++i) {
    access.loops.push_back({.loop = &server_.loop(i), .shard = &loops_[i]->shard});
  }
  return access;
}

void BrokerServer::Drain(base::Duration timeout) {
  draining_ = true;
  server_.Drain(timeout);
  pool_.Stop();
}

void BrokerServer::Stop() {
  draining_ = true;
  server_.Stop();
  pool_.Stop();
}

bool BrokerServer::Replace(const broker::Settings& settings) {
  std::vector<std::future<void>> taken;
  for (size_t i = 0; i < loops_.size(); ++i) {
    auto done = std::make_shared<std::promise<void>>();
    taken.push_back(done->get_future());
    server_.loop(i).Post([this, i, settings, done = std::move(done)] {
      server_.loop(i).AssertOnLoop();
      broker::ReplaceSettings(&loops_[i]->shard, settings);
      done->set_value();
    });
  }
  constexpr auto kLook = std::chrono::milliseconds(20);
  const auto deadline = std::chrono::steady_clock::now() + kReplaceTimeMax;
  return std::ranges::all_of(taken, [this, deadline, kLook](const std::future<void>& one) {
    while (one.wait_for(kLook) != std::future_status::ready) {
      if (server_.stopped()) return true;  // it takes nothing any more
      if (std::chrono::steady_clock::now() > deadline) return false;
    }
    return true;
  });
}

void BrokerServer::ReplaceTls(const std::vector<gateways::Protocols>& protocols) {
  for (size_t i = 0; i < options_.protocols.size(); ++i) {
    const auto& live = options_.protocols[i].tls;
    if (live != nullptr) live->Replace(protocols[i].tls->Get());
  }
}

const broker::Metrics& BrokerServer::metrics() const { return loops_[0]->shard.metrics; }

}  // namespace esockets::app

#include "app/plan_listeners.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/plan_tls.h"
#include "app/plan_users.h"
#include "base/strings.h"
#include "server/http/host_name.h"
#include "server/http/static_pages.h"
#include "server/socket_address.h"
#include "server/trusted_addresses.h"

namespace esockets::app {
namespace {

// A connection remembers the number of its listener in a byte.
constexpr size_t kListenersMax = 255;

// Addresses of one list, which may not stand in another either; what of them is against the rules.
class Listeners {
 public:
  Listeners(const Config& config, const Places& places, Plan* plan)
      : config_(config), places_(places), plan_(*plan) {}

  absl::Status Check(std::string_view field, const std::vector<std::string>& listen) {
    for (size_t i = 0; i < listen.size(); ++i) {
      absl::Status status = CheckOne(base::StrCat(field, "[", i, "]"), listen[i]);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // Has one of them a port that the kernel chooses?
  bool chosen_port() const { return chosen_port_; }

  // `names_clients`: nobody comes in there without a name.
  absl::Status CheckOne(const std::string& path, const std::string& text,
                        bool names_clients = false) {
    const absl::StatusOr<server::SocketAddress> address = server::SocketAddress::Parse(text);
    if (!address.ok()) return places_.Mistake(path, base::Message(address.status()));
    const bool has_port = address->family() != server::SocketAddress::Family::kUnix;
    chosen_port_ = chosen_port_ || (has_port && address->port() == 0);
    if ((!has_port || address->port() != 0) && !taken_.insert(address->ToString()).second) {
      return places_.Mistake(path, base::StrCat(text, " is listened on already"));
    }
    const bool knows_clients = NamesUsers(config_) || names_clients;
    if (address->IsLoopback() || knows_clients) return absl::OkStatus();
    if (!config_.allow_remote_without_auth()) {
      return places_.Mistake(
          path, base::StrCat("without users only loopback is listened on, not ", text,
                             "; configure users, or allow it with --allow_remote_without_auth"));
    }
    plan_.loopback_only = false;
    plan_.warnings.push_back(base::StrCat("anybody who can reach ", text,
                                          " may read and publish everything, and "
                                          "administrate: there are no users"));
    return absl::OkStatus();
  }

 private:
  const Config& config_;
  const Places& places_;
  Plan& plan_;
  std::set<std::string> taken_;
  bool chosen_port_ = false;
};

bool NamesClients(const gateways::Protocols& protocols) {
  return protocols.tls != nullptr && protocols.tls->Get()->names_clients();
}

absl::Status PlanProxies(const Listener& listener, const std::string& path, const Places& places,
                         gateways::Protocols* protocols) {
  if (listener.proxies().empty()) return absl::OkStatus();
  auto proxies = std::make_shared<server::TrustedAddresses>();
  for (int i = 0; i < listener.proxies_size(); ++i) {
    const absl::Status added = proxies->Add(listener.proxies(i));
    if (!added.ok()) {
      return places.Mistake(base::StrCat(path, ".proxies[", i, "]"), base::Message(added));
    }
  }
  protocols->proxies = std::move(proxies);
  return absl::OkStatus();
}

absl::Status PlanProtocols(const Listener& listener, const std::string& path, const Places& places,
                           std::vector<gateways::Protocols>* all) {
  gateways::Protocols protocols{.native = listener.protocols().empty(),
                                .http = listener.protocols().empty()};
  for (int i = 0; i < listener.protocols_size(); ++i) {
    const std::string& name = listener.protocols(i);
    if (name != "NATIVE" && name != "HTTP") {
      return places.Mistake(base::StrCat(path, ".protocols[", i, "]"),
                            base::StrCat("must be NATIVE or HTTP, not \"", name, "\""));
    }
    (name == "NATIVE" ? protocols.native : protocols.http) = true;
  }
  absl::Status status = PlanProxies(listener, path, places, &protocols);
  if (status.ok() && listener.has_tls())
    status = PlanTls(listener.tls(), path + ".tls", places, &protocols);
  all->push_back(std::move(protocols));
  return status;
}

absl::Status PlanAdminHosts(const Config& config, const Places& places, Plan* plan) {
  for (int i = 0; i < config.admin_hosts_size(); ++i) {
    if (http::HostName(config.admin_hosts(i)).size() != config.admin_hosts(i).size()) {
      return places.Mistake(base::StrCat("admin_hosts[", i, "]"),
                            "must be a name alone, without a port: \"broker.example.org\"");
    }
  }
  plan->admin.rules.hosts.assign(config.admin_hosts().begin(), config.admin_hosts().end());
  return absl::OkStatus();
}

// "https://chat.example.org", as browsers write it.
bool IsOrigin(std::string_view text) {
  if (text == "*") return true;
  const size_t scheme = text.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return false;
  return !http::HostName(std::string(text.substr(scheme + 3))).empty();
}

absl::Status PlanWebSocket(const WebSocket& config, const Places& places, Plan* plan) {
  websocket::GatewaySettings& settings = plan->broker.websocket;
  for (int i = 0; i < config.origins_size(); ++i) {
    if (!IsOrigin(config.origins(i))) {
      return places.Mistake(base::StrCat("websocket.origins[", i, "]"),
                            "must be as browsers write it, \"https://chat.example.org\", or \"*\"");
    }
    settings.origins.push_back(config.origins(i));
  }
  if (config.has_deflate()) settings.deflate = config.deflate();
  if (!config.has_message_bytes_max()) return absl::OkStatus();
  settings.message_bytes_max = config.message_bytes_max();
  const size_t frame_bytes_max = plan->broker.settings.limits.frame_bytes_max;
  if (settings.message_bytes_max >= frame_bytes_max) return absl::OkStatus();
  return places.Mistake(
      "websocket.message_bytes_max",
      base::StrCat("must hold a frame: at least limits.frame_bytes_max, ", frame_bytes_max));
}

absl::Status PlanPages(const Config& config, const Places& places, Plan* plan) {
  auto pages = std::make_shared<http::StaticPages>();
  for (int i = 0; i < config.serve_size(); ++i) {
    const Serve& serve = config.serve(i);
    const absl::Status added = pages->Add(serve.path(), serve.folder());
    if (!added.ok()) return places.Mistake(base::StrCat("serve[", i, "]"), base::Message(added));
  }
  plan->broker.pages = std::move(pages);
  return absl::OkStatus();
}

}  // namespace

absl::Status PlanListeners(const Config& config, const Places& places, Plan* plan) {
  std::vector<std::string>& listen = plan->broker.server.listen;
  listen.assign(config.listen().begin(), config.listen().end());
  if (listen.empty() && config.listener().empty()) listen.push_back("127.0.0.1:1234");
  Listeners listeners(config, places, plan);
  if (absl::Status status = listeners.Check("listen", listen); !status.ok()) return status;
  plan->broker.protocols.resize(listen.size());
  for (int i = 0; i < config.listener_size(); ++i) {
    const std::string path = base::StrCat("listener[", i, "]");
    const Listener& listener = config.listener(i);
    absl::Status status = PlanProtocols(listener, path, places, &plan->broker.protocols);
    if (status.ok()) {
      status = listeners.CheckOne(path + ".address", listener.address(),
                                  NamesClients(plan->broker.protocols.back()));
    }
    if (!status.ok()) return status;
    listen.push_back(listener.address());
  }
  if (listen.size() > kListenersMax) {
    return places.Mistake("listen", base::StrCat("at most ", kListenersMax, " addresses"));
  }

  std::vector<std::string>& admin = plan->admin.listen;
  admin.assign(config.admin_listen().begin(), config.admin_listen().end());
  plan->admin_by_default = admin.empty();
  if (plan->admin_by_default) {
    admin.push_back(listeners.chosen_port() ? "127.0.0.1:0" : "127.0.0.1:9234");
    return absl::OkStatus();
  }
  if (admin.size() == 1 && admin[0] == "off") admin.clear();
  return listeners.Check("admin_listen", admin);
}

absl::Status PlanDoors(const Config& config, const Places& places, Plan* plan) {
  absl::Status status = PlanAdminHosts(config, places, plan);
  if (status.ok()) status = PlanWebSocket(config.websocket(), places, plan);
  return status.ok() ? PlanPages(config, places, plan) : status;
}

}  // namespace esockets::app

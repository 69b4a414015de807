// esockets clients, subscriptions, streams, kick, recv, info, metrics, drain
#include <cstdio>
#include <string>

#include "base/strings.h"
#include "clients/cli/admin_request.h"
#include "clients/cli/admin_tables.h"
#include "clients/cli/commands.h"
#include "clients/cli/format.h"
#include "clients/cli/stream_tables.h"
#include "proto/admin.pb.h"
#include "proto/message_json.h"

namespace esockets::cli {
namespace {

absl::Status AskClients(client::Client* client, const std::string& client_id, admin::Clients* all) {
  admin::ClientsRequest request;
  request.set_client_id(client_id);
  return AskPages(client, "$SYS/clients", request, all,
                  [](const admin::Clients& page, admin::ClientsRequest* next) {
                    if (page.clients().empty()) return false;
                    next->set_after_session_id(page.clients().rbegin()->session_id());
                    return true;
                  });
}

absl::Status AskSubscriptions(client::Client* client, const std::string& client_id,
                              admin::Subscriptions* all) {
  admin::SubscriptionsRequest request;
  request.set_client_id(client_id);
  return AskPages(client, "$SYS/subscriptions", request, all,
                  [](const admin::Subscriptions& page, admin::SubscriptionsRequest* next) {
                    if (page.subscriptions().empty()) return false;
                    next->set_after_session_id(page.subscriptions().rbegin()->session_id());
                    next->set_after_filter(page.subscriptions().rbegin()->filter());
                    next->set_after_group(page.subscriptions().rbegin()->group());
                    return true;
                  });
}

absl::Status AskStreams(client::Client* client, const std::string& name, admin::Streams* all) {
  admin::StreamsRequest request;
  request.set_name(name);
  return AskPages(client, "$SYS/streams", request, all,
                  [](const admin::Streams& page, admin::StreamsRequest* next) {
                    if (page.streams().empty()) return false;
                    next->set_after_name(page.streams().rbegin()->name());
                    return true;
                  });
}

}  // namespace

int Run(const GlobalOptions& global, const ClientsOptions& options, Interrupt&) {
  return WithClient(global, "clients", [&](client::Client* client) {
    admin::Clients clients;
    absl::Status status = AskClients(client, options.client_id, &clients);
    if (!status.ok()) return status;
    global.json ? PrintJson(proto::ToJson(clients)["clients"]) : Print(ClientsTable(clients));
    return status;
  });
}

int Run(const GlobalOptions& global, const SubscriptionsOptions& options, Interrupt&) {
  return WithClient(global, "subscriptions", [&](client::Client* client) {
    admin::Subscriptions subscriptions;
    absl::Status status = AskSubscriptions(client, options.client_id, &subscriptions);
    if (!status.ok()) return status;
    global.json ? PrintJson(proto::ToJson(subscriptions)["subscriptions"])
                : Print(SubscriptionsTable(subscriptions));
    return status;
  });
}

int Run(const GlobalOptions& global, const StreamsOptions& options, Interrupt&) {
  return WithClient(global, "streams", [&](client::Client* client) {
    admin::Streams streams;
    absl::Status status = AskStreams(client, options.name, &streams);
    if (!status.ok()) return status;
    if (global.json) {
      PrintJson(proto::ToJson(streams)["streams"]);
    } else if (options.name.empty()) {
      Print(StreamsTable(streams));
    } else {
      for (const admin::Stream& stream : streams.streams()) Print(StreamText(stream));
    }
    return status;
  });
}

int Run(const GlobalOptions& global, const KickOptions& options, Interrupt&) {
  return WithClient(global, "kick", [&](client::Client* client) {
    admin::KickRequest request;
    request.set_client_id(options.client_id);
    request.set_reason(options.reason);
    admin::Kick reply;
    absl::Status status = Ask(client, "$SYS/kick", request, &reply);
    if (!status.ok()) return status;
    global.json ? PrintJson(proto::ToJson(reply))
                : Print(base::StrCat("kicked ", Escape(options.client_id), ", session ",
                                     reply.session_id(), "\n"));
    return status;
  });
}

int Run(const GlobalOptions& global, const RecvOptions& options, Interrupt&) {
  return WithClient(global, "recv", [&](client::Client* client) {
    admin::RecvRequest request;
    request.set_client_id(options.client_id);
    request.set_limit(options.limit);
    admin::Recv reply;
    absl::Status status = Ask(client, "$SYS/recv", request, &reply);
    if (!status.ok()) return status;
    if (global.json) {
      PrintJson(proto::ToJson(reply));
      return status;
    }
    for (const admin::ReceivedMessage& message : reply.messages()) {
      Print(base::StrCat(Escape(message.topic()), "\t", Escape(message.payload()), "\n"));
    }
    const std::string rest = base::StrCat("esockets: ", reply.remaining(), " more waiting, ",
                                          reply.dropped_total(), " dropped\n");
    std::fputs(rest.c_str(), stderr);
    return status;
  });
}

int Run(const GlobalOptions& global, const InfoOptions&, Interrupt&) {
  return WithClient(global, "info", [&](client::Client* client) {
    admin::Info info;
    absl::Status status = Ask(client, "$SYS/info", admin::InfoRequest(), &info);
    if (!status.ok()) return status;
    global.json ? PrintJson(proto::ToJson(info)) : Print(InfoText(info));
    return status;
  });
}

int Run(const GlobalOptions& global, const MetricsOptions& options, Interrupt&) {
  return WithClient(global, "metrics", [&](client::Client* client) {
    admin::Metrics metrics;
    absl::Status status = Ask(client, "$SYS/metrics", admin::MetricsRequest(), &metrics);
    if (!status.ok()) return status;
    if (!global.json) {
      Print(MetricsTable(metrics, options.all));
      return status;
    }
    nlohmann::ordered_json json;
    json["time_us"] = metrics.time_us();
    for (const admin::Metric& metric : metrics.metrics()) {
      if (metric.label().empty()) {
        json[metric.name()] = metric.value();
      } else {
        json[metric.name()][metric.label()] = metric.value();
      }
    }
    PrintJson(json);
    return status;
  });
}

int Run(const GlobalOptions& global, const DrainOptions&, Interrupt&) {
  return WithClient(global, "drain", [&](client::Client* client) {
    admin::Drain reply;
    absl::Status status = Ask(client, "$SYS/drain", admin::DrainRequest(), &reply);
    if (!status.ok()) return status;
    global.json ? PrintJson(proto::ToJson(reply))
                : Print(base::StrCat("asked ", reply.clients(), " clients to leave\n"));
    return status;
  });
}

}  // namespace esockets::cli

#include "clients/cli/admin_tables.h"

#include <utility>
#include <vector>

#include "base/strings.h"
#include "clients/cli/format.h"
#include "clients/cli/table.h"

namespace esockets::cli {

std::string ClientsTable(const admin::Clients& clients) {
  Table table({"CLIENT", "NAME", "USER", "ADDRESS", "AGE>", "SUBS>", "IN>", "OUT>", "QUEUE>",
               "KERNEL>", "BACKLOG>", "DROPPED>", "RECV_QUEUE>"});
  for (const admin::Client& client : clients.clients()) {
    table.Add({Escape(client.client_id()), Escape(client.name()), Escape(client.user()),
               client.address(), Age(client.connected_ms()), Short(client.subscriptions()),
               Short(client.messages_in_total()), Short(client.messages_out_total()),
               Short(client.send_queue_bytes()), Short(client.kernel_unsent_bytes()),
               Short(client.backlog_messages()), Short(client.dropped_messages_total()),
               Short(client.recv_queue_messages())});
  }
  return table.ToString();
}

std::string SubscriptionsTable(const admin::Subscriptions& subscriptions) {
  Table table({"CLIENT", "FILTER", "GROUP", "OVERFLOW", "DELIVERED>", "BACKLOG>", "DROPPED>"});
  for (const admin::Subscription& subscription : subscriptions.subscriptions()) {
    table.Add({Escape(subscription.client_id()), Escape(subscription.filter()),
               Escape(subscription.group()), subscription.overflow(),
               Short(subscription.delivered_messages_total()),
               Short(subscription.backlog_messages()),
               Short(subscription.dropped_messages_total())});
  }
  return table.ToString();
}

std::string MetricsTable(const admin::Metrics& metrics, bool all) {
  Table table({"METRIC", "VALUE>"});
  for (const admin::Metric& metric : metrics.metrics()) {
    if (metric.value() == 0 && !all) continue;
    table.Add({metric.label().empty() ? metric.name()
                                      : base::StrCat(metric.name(), "{", metric.label(), "}"),
               std::to_string(metric.value())});
  }
  return table.ToString();
}

namespace {

std::string LoopsTable(const admin::Info& info) {
  Table table({"LOOP>", "CLIENTS>", "SUBS>", "PUBLISHED>", "DELIVERED>", "FORWARDED>", "PAUSES>",
               "ENCODED_BYTES>", "BACKLOG_BYTES>"});
  for (const admin::Loop& loop : info.loop()) {
    table.Add({std::to_string(loop.index()), Short(loop.clients()), Short(loop.subscriptions()),
               Short(loop.published_messages_total()), Short(loop.delivered_messages_total()),
               Short(loop.forwarded_messages_total()), Short(loop.exchange_pauses_total()),
               Short(loop.arena_bytes()), Short(loop.backlog_bytes())});
  }
  return table.ToString();
}

}  // namespace

std::string InfoText(const admin::Info& info) {
  std::vector<std::pair<std::string, std::string>> fields = {
      {"server", info.server()},
      {"uptime", Age(info.uptime_ms())},
      {"loops", std::to_string(info.loops())}};
  for (const std::string& listener : info.listeners()) fields.emplace_back("listens on", listener);
  fields.insert(fields.end(), {{"clients", std::to_string(info.clients())},
                               {"subscriptions", std::to_string(info.subscriptions())},
                               {"encoded bytes", std::to_string(info.arena_bytes())},
                               {"backlog bytes", std::to_string(info.backlog_bytes())}});
  const std::string text = FieldLines(fields);
  return info.loop_size() > 1 ? base::StrCat(text, "\n", LoopsTable(info)) : text;
}

std::string Age(uint64_t millis) {
  const uint64_t seconds = millis / 1000;
  const uint64_t minutes = seconds / 60;
  const uint64_t hours = minutes / 60;
  if (minutes == 0) return base::StrCat(seconds, "s");
  if (hours == 0) return base::StrCat(minutes, "m");
  if (hours < 24) return base::StrCat(hours, "h ", minutes % 60, "m");
  return base::StrCat(hours / 24, "d ", hours % 24, "h");
}

std::string Elapsed(uint64_t millis) {
  if (millis < 1000) return base::StrCat(millis, "ms");
  if (millis < 10'000) return base::StrCat(millis / 1000, ".", millis % 1000 / 100, "s");
  return Age(millis);
}

}  // namespace esockets::cli

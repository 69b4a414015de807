#include "clients/cli/top_view.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "clients/cli/admin_tables.h"
#include "clients/cli/format.h"
#include "clients/cli/slow_tables.h"
#include "clients/cli/table.h"

namespace esockets::cli {
namespace {

constexpr double kMicrosPerSecond = 1e6;

uint64_t Value(const admin::Metrics& metrics, std::string_view name) {
  for (const admin::Metric& metric : metrics.metrics()) {
    if (metric.name() == name && metric.label().empty()) return metric.value();
  }
  return 0;
}

// What happened to one client between two looks.
struct Row {
  const admin::Client* client;
  uint64_t in_rate;
  uint64_t out_rate;

  uint64_t waiting() const { return client->send_queue_bytes() + client->backlog_bytes(); }
  uint64_t traffic() const { return in_rate + out_rate; }
};

uint64_t Rate(uint64_t before, uint64_t now, double seconds) {
  if (now < before || seconds <= 0) return 0;
  return static_cast<uint64_t>(std::llround(static_cast<double>(now - before) / seconds));
}

std::vector<Row> Rows(const Look& before, const Look& now, double seconds) {
  std::map<uint64_t, const admin::Client*> older;
  for (const admin::Client& client : before.clients.clients()) {
    older[client.session_id()] = &client;
  }
  static const admin::Client kNone;
  std::vector<Row> rows;
  for (const admin::Client& client : now.clients.clients()) {
    const auto found = older.find(client.session_id());
    const admin::Client& old = found == older.end() ? kNone : *found->second;
    rows.push_back({&client, Rate(old.messages_in_total(), client.messages_in_total(), seconds),
                    Rate(old.messages_out_total(), client.messages_out_total(), seconds)});
  }
  std::ranges::stable_sort(rows, [](const Row& a, const Row& b) {
    if (a.waiting() != b.waiting()) return a.waiting() > b.waiting();
    return a.traffic() > b.traffic();
  });
  return rows;
}

std::string Head(const Look& before, const Look& now, double seconds) {
  const auto rate = [&](std::string_view name) {
    return Short(Rate(Value(before.metrics, name), Value(now.metrics, name), seconds));
  };
  return base::StrCat(now.info.server(), "  up ", Age(now.info.uptime_ms()), "  clients ",
                      now.info.clients(), "  subscriptions ", now.info.subscriptions(), "\n",
                      "published ", rate("published_messages_total"), "/s (",
                      rate("published_bytes_total"), "B/s)  delivered ",
                      rate("delivered_messages_total"), "/s  dropped ",
                      rate("dropped_messages_total"), "/s  encoded ", Short(now.info.arena_bytes()),
                      "B  backlog ", Short(now.info.backlog_bytes()), "B\n\n");
}

// Those that are slow now and find room in `lines` lines; empty when there are none.
std::string SlowSection(const admin::Slow& slow, size_t lines) {
  constexpr size_t kBesideRows = 2;  // the names of the columns, and a line between
  admin::Slow shown;
  for (const admin::SlowClient& client : slow.clients()) {
    if (shown.clients().size() + kBesideRows >= lines) break;
    if (client.verdict() != kCaughtUp) *shown.add_clients() = client;
  }
  return shown.clients().empty() ? "" : SlowTable(shown) + "\n";
}

}  // namespace

std::string TopScreen(const Look& before, const Look& now, size_t lines) {
  constexpr size_t kHeadLines = 4;
  const double seconds =
      static_cast<double>(now.metrics.time_us() - before.metrics.time_us()) / kMicrosPerSecond;
  Table table({"CLIENT", "NAME", "AGE>", "SUBS>", "IN/s>", "OUT/s>", "QUEUE>", "KERNEL>",
               "BACKLOG>", "DROPPED>"});
  const std::string slow = SlowSection(now.slow, lines / 3);
  const size_t used = kHeadLines + static_cast<size_t>(std::ranges::count(slow, '\n'));
  const size_t rows_max = lines > used ? lines - used : 1;
  std::vector<Row> rows = Rows(before, now, seconds);
  rows.resize(std::min(rows.size(), rows_max));
  for (const Row& row : rows) {
    const admin::Client& client = *row.client;
    table.Add({Escape(client.client_id()), Escape(client.name()), Age(client.connected_ms()),
               Short(client.subscriptions()), Short(row.in_rate), Short(row.out_rate),
               Short(client.send_queue_bytes()), Short(client.kernel_unsent_bytes()),
               Short(client.backlog_messages()), Short(client.dropped_messages_total())});
  }
  return Head(before, now, seconds) + slow + table.ToString();
}

}  // namespace esockets::cli

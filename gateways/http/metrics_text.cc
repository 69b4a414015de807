#include "gateways/http/metrics_text.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include "base/histogram.h"
#include "base/strings.h"
#include "prometheus/text_serializer.h"

namespace esockets::http {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

// What the label of a metric that comes in kinds tells.
constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
    {"drops_total", "reason"},          {"errors_total", "code"},
    {"closes_total", "code"},           {"refused_connections_total", "reason"},
    {"slow_clients", "verdict"},        {"stream_messages", "stream"},
    {"stream_bytes", "stream"},         {"stream_memory_bytes", "stream"},
    {"stream_last_position", "stream"}, {"stream_retired_messages_total", "stream"},
    {"stream_readers", "stream"},       {"tickets_total", "outcome"},
};

std::string LabelName(std::string_view metric) {
  for (const auto& [name, label] : kKinds) {
    if (name == metric) return std::string(label);
  }
  return "kind";
}

// Brings the loops' numbers of one name together, in the order in which names come first.
class Families {
 public:
  void BeginLoop(int index) { loop_ = std::to_string(index); }

  void Add(std::string_view name, std::string_view label, uint64_t value) {
    prometheus::ClientMetric metric;
    metric.label.push_back({"loop", loop_});
    if (!label.empty()) metric.label.push_back({LabelName(name), std::string(label)});
    MetricFamily& family = Family(name);
    (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) =
        static_cast<double>(value);
    family.metric.push_back(std::move(metric));
  }

  // `unit`: of what was recorded, in that of the name.
  void AddHistogram(std::string_view name, const base::Histogram& histogram, double unit) {
    prometheus::ClientMetric metric;
    metric.label.push_back({"loop", loop_});
    uint64_t count = 0;
    for (size_t i = 0; i < base::Histogram::kBuckets; ++i) {
      count += histogram.count_in(i);
      const bool is_last = i + 1 == base::Histogram::kBuckets;
      const double bound = static_cast<double>(base::Histogram::UpperBound(i)) * unit;
      metric.histogram.bucket.push_back(
          {count, is_last ? std::numeric_limits<double>::infinity() : bound});
    }
    metric.histogram.sample_count = count;
    metric.histogram.sample_sum = static_cast<double>(histogram.sum()) * unit;
    MetricFamily& family = Family(name);
    family.type = MetricType::Histogram;
    family.metric.push_back(std::move(metric));
  }

  std::vector<MetricFamily> Take() { return std::move(families_); }

 private:
  MetricFamily& Family(std::string_view name) {
    const auto [found, is_new] = index_.try_emplace(std::string(name), families_.size());
    if (is_new) {
      const bool counts = name.ends_with("_total");
      families_.push_back({.name = base::StrCat("esockets_", name),
                           .help = {},
                           .type = counts ? MetricType::Counter : MetricType::Gauge,
                           .metric = {}});
    }
    return families_[found->second];
  }

  std::string loop_;
  std::map<std::string, size_t> index_;
  std::vector<MetricFamily> families_;
};

void AddEventLoop(const server::EventLoop& loop, Families* families) {
  constexpr double kSecondsPerMicro = 1e-6;
  const server::EventLoopMetrics& metrics = loop.metrics();
  const std::pair<std::string_view, const base::Counter&> counters[] = {
      {"connections", metrics.connections},
      {"connections_total", metrics.connections_total},
      {"received_bytes_total", metrics.received_bytes_total},
      {"sent_bytes_total", metrics.sent_bytes_total},
      {"tls_handshakes_total", metrics.tls_handshakes_total},
      {"tls_resumptions_total", metrics.tls_resumptions_total},
      {"tls_failures_total", metrics.tls_failures_total},
      {"turns_total", metrics.turns},
      {"events_total", metrics.events},
      {"posts_total", metrics.posts},
      {"slices_unfinished_total", metrics.slices_unfinished},
      {"arena_bytes", metrics.arena_bytes},
  };
  for (const auto& [name, counter] : counters) families->Add(name, "", counter.value());
  families->AddHistogram("loop_lag_seconds", metrics.turn_us, kSecondsPerMicro);
  families->AddHistogram("socket_to_socket_seconds", loop.flush_waits_us(), kSecondsPerMicro);
}

}  // namespace

std::vector<MetricFamily> BrokerMetrics::Collect() const {
  Families families;
  for (const BrokerLoop& each : loops_) {
    families.BeginLoop(each.loop->index());
    const auto add = [&](std::string_view name, std::string_view label, uint64_t value) {
      families.Add(name, label, value);
    };
    each.shard->metrics.ForEach(add);
    each.shard->host.figures(add);
    families.Add("backlog_bytes", "", each.shard->backlog_pool.bytes());
    families.Add("backlog_messages", "", each.shard->backlog_pool.messages());
    families.AddHistogram("fan_out_subscribers", each.shard->metrics.fan_out, 1);
    AddEventLoop(*each.loop, &families);
  }
  return families.Take();
}

std::string MetricsText(const prometheus::Collectable& metrics) {
  return prometheus::TextSerializer().Serializer::Serialize(metrics.Collect());
}

}  // namespace esockets::http

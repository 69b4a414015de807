// The counters of the broker's loops as Prometheus reads them: "esockets_" and the name that
// `esockets metrics` shows, with the loop as a label.
#ifndef GATEWAYS_HTTP_METRICS_TEXT_H_
#define GATEWAYS_HTTP_METRICS_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

#include "gateways/http/broker_loop.h"
#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

namespace esockets::http {

// Thread: any. Each number is whole; two may be of different moments.
class BrokerMetrics final : public prometheus::Collectable {
 public:
  // REQUIRES: the loops outlive it.
  explicit BrokerMetrics(std::vector<BrokerLoop> loops) : loops_(std::move(loops)) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::vector<BrokerLoop> loops_;
};

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

// In Prometheus' text format, version 0.0.4.
std::string MetricsText(const prometheus::Collectable& metrics);

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_METRICS_TEXT_H_

#include "gateways/http/metrics_text.h"

#include <map>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "prometheus/metric_family.h"
#include "tests/support/broker_fixture.h"

namespace esockets::http {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

class MetricsTextTest : public tests::BrokerFixture {
 protected:
  void SetUp() override {
    app::BrokerOptions options = DefaultOptions();
    options.server.loops = 2;
    options.settings.streams = {
        {.name = "the \"chat\"", .filter = "chat/#", .limits = {}, .message_ids = {}}};
    Start(options);
  }
  BrokerMetrics Metrics() { return BrokerMetrics(broker().admin_access().loops); }
  // The sum over all loops of each metric without a kind.
  std::map<std::string, double> Sums() {
    std::map<std::string, double> sums;
    for (const MetricFamily& family : Metrics().Collect()) {
      for (const auto& metric : family.metric) {
        if (metric.label.size() != 1) continue;
        sums[family.name] += metric.counter.value + metric.gauge.value;
      }
    }
    return sums;
  }
};

TEST_F(MetricsTextTest, CountsWhatClientsDo) {
  tests::NativePeer subscriber = ConnectedPeer("s");
  ASSERT_TRUE(subscriber.Subscribe("a"));
  tests::NativePeer publisher = ConnectedPeer("p");
  ASSERT_TRUE(publisher.Send(tests::PublishFrame("a", "payload")));
  ASSERT_TRUE(publisher.Ping());
  ASSERT_TRUE(subscriber.Receive());
  std::map<std::string, double> sums = Sums();
  EXPECT_EQ(sums["esockets_clients"], 2);
  EXPECT_EQ(sums["esockets_connections"], 2);
  EXPECT_EQ(sums["esockets_subscriptions"], 1);
  EXPECT_EQ(sums["esockets_published_messages_total"], 1);
  EXPECT_EQ(sums["esockets_published_bytes_total"], 7);
  EXPECT_EQ(sums["esockets_delivered_messages_total"], 1);
  EXPECT_GT(sums["esockets_received_bytes_total"], 7);
  EXPECT_GT(sums["esockets_sent_bytes_total"], 7);
  EXPECT_GT(sums["esockets_turns_total"], 0);
}

TEST_F(MetricsTextTest, EveryCounterOfTheBrokerIsThereOnceForEachLoop) {
  std::map<std::string, MetricFamily> families;
  for (const MetricFamily& family : Metrics().Collect()) {
    EXPECT_TRUE(families.emplace(family.name, family).second) << family.name << " comes twice";
    EXPECT_EQ(family.type == MetricType::Counter, family.name.ends_with("_total")) << family.name;
    EXPECT_TRUE(family.type != MetricType::Histogram || family.metric.size() == 2) << family.name;
  }
  broker().metrics().ForEach([&](std::string_view name, std::string_view label, uint64_t) {
    std::set<std::string> loops;
    for (const auto& metric : families["esockets_" + std::string(name)].metric) {
      const std::string kind = metric.label.size() < 2 ? "" : metric.label[1].value;
      EXPECT_EQ(metric.label[0].name, "loop");
      if (kind == label) loops.insert(metric.label[0].value);
    }
    EXPECT_EQ(loops, (std::set<std::string>{"0", "1"})) << name << " " << label;
  });
}

TEST_F(MetricsTextTest, KindsHaveNamesOfTheirOwn) {
  std::map<std::string, std::set<std::string>> labels;
  for (const MetricFamily& family : Metrics().Collect()) {
    for (const auto& metric : family.metric) {
      if (metric.label.size() > 1) labels[metric.label[1].name].insert(family.name);
    }
  }
  EXPECT_EQ(labels["reason"],
            (std::set<std::string>{"esockets_drops_total", "esockets_refused_connections_total"}));
  EXPECT_EQ(labels["code"],
            (std::set<std::string>{"esockets_errors_total", "esockets_closes_total"}));
  EXPECT_EQ(labels["stream"].size(), 6U);
  EXPECT_EQ(labels["outcome"], std::set<std::string>{"esockets_tickets_total"});
  EXPECT_FALSE(labels.contains("kind")) << "name its label in metrics_text.cc";
}

TEST_F(MetricsTextTest, HistogramsSayHowLongAndToHowMany) {
  tests::NativePeer subscriber = ConnectedPeer("s");
  ASSERT_TRUE(subscriber.Subscribe("a"));
  ASSERT_TRUE(subscriber.Send(tests::PublishFrame("a", "payload")));
  ASSERT_TRUE(subscriber.Receive());
  ASSERT_TRUE(subscriber.Ping());
  std::map<std::string, uint64_t> counts;
  for (const MetricFamily& family : Metrics().Collect()) {
    if (family.type != MetricType::Histogram) continue;
    for (const auto& metric : family.metric) {
      counts[family.name] += metric.histogram.sample_count;
      EXPECT_EQ(metric.histogram.bucket.back().cumulative_count, metric.histogram.sample_count);
    }
  }
  EXPECT_EQ(counts["esockets_fan_out_subscribers"], 1U);
  EXPECT_GT(counts["esockets_loop_lag_seconds"], 0U);
  EXPECT_GT(counts["esockets_socket_to_socket_seconds"], 0U);
}

TEST_F(MetricsTextTest, IsPrometheusText) {
  const tests::NativePeer client = ConnectedPeer("c");
  const std::string text = MetricsText(Metrics());
  EXPECT_NE(text.find("# TYPE esockets_clients gauge\nesockets_clients{loop=\"0\"} "),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("# TYPE esockets_connects_total counter\n"), std::string::npos);
  EXPECT_NE(text.find("\nesockets_closes_total{loop=\"1\",code=\"SLOW_CONSUMER\"} 0\n"),
            std::string::npos);
  EXPECT_NE(text.find("\nesockets_stream_messages{loop=\"1\",stream=\"the \\\"chat\\\"\"} 0\n"),
            std::string::npos);
  EXPECT_TRUE(text.ends_with("\n"));
}

}  // namespace
}  // namespace esockets::http

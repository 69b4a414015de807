#include "tests/soak/metrics_page.h"

#include "gtest/gtest.h"

namespace esockets::soak {
namespace {

TEST(MetricsPage, IsTheSumOverLoops) {
  const Figures figures = ParseMetrics(
      "# HELP esockets_clients now\n# TYPE esockets_clients gauge\n"
      "esockets_clients{loop=\"0\"} 2\nesockets_clients{loop=\"1\"} 3\n"
      "esockets_stream_bytes{loop=\"0\",stream=\"a b\"} 1.5e3\nother 9\n");
  EXPECT_EQ(figures, (Figures{{"clients", 5}, {"stream_bytes", 1500}}));
}

TEST(MetricsPage, NobodyAnswers) {
  const auto nobody = server::SocketAddress::FromUnixPath("/nowhere/at/all");
  EXPECT_FALSE(ReadMetrics(nobody, "token").ok());
}

}  // namespace
}  // namespace esockets::soak

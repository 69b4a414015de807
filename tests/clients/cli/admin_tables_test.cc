#include "clients/cli/admin_tables.h"

#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

TEST(AdminTables, NothingThatAClientSentDrivesATerminal) {
  admin::Clients clients;
  admin::Client& client = *clients.add_clients();
  for (std::string* sent :
       {client.mutable_client_id(), client.mutable_name(), client.mutable_user()}) {
    *sent = "\x1b";
  }
  EXPECT_NE(ClientsTable(clients).find("\\x1b    \\x1b  \\x1b"), std::string::npos);
  EXPECT_EQ(ClientsTable(clients).find('\x1b'), std::string::npos);
  admin::Subscriptions subscriptions;
  subscriptions.add_subscriptions()->set_client_id("\x1b");
  subscriptions.mutable_subscriptions(0)->set_filter("a/\n");
  subscriptions.mutable_subscriptions(0)->set_group("g\t");
  EXPECT_EQ(SubscriptionsTable(subscriptions),
            "CLIENT  FILTER  GROUP  OVERFLOW  DELIVERED  BACKLOG  DROPPED\n"
            "\\x1b    a/\\n    g\\t                      0        0        0\n");
}

TEST(AdminTables, MetricsWithTheirLabels) {
  admin::Metrics metrics;
  metrics.add_metrics()->set_name("clients");
  admin::Metric& closes = *metrics.add_metrics();
  closes.set_name("closes_total");
  closes.set_label("KICKED");
  closes.set_value(7);
  EXPECT_EQ(MetricsTable(metrics, false),
            "METRIC                VALUE\n"
            "closes_total{KICKED}      7\n");
  EXPECT_NE(MetricsTable(metrics, true).find("\nclients "), std::string::npos);
}

TEST(AdminTables, InfoHasATableOfSeveralLoops) {
  admin::Info info;
  info.set_server("ESocketS");
  info.set_uptime_ms(5000);
  info.add_listeners("a:1");
  info.add_listeners("b:2");
  info.add_loop();
  EXPECT_EQ(InfoText(info),
            "server         ESocketS\n"
            "uptime         5s\n"
            "loops          0\n"
            "listens on     a:1\n"
            "listens on     b:2\n"
            "clients        0\n"
            "subscriptions  0\n"
            "encoded bytes  0\n"
            "backlog bytes  0\n");
  info.add_loop()->set_index(1);
  EXPECT_NE(InfoText(info).find("\n\nLOOP  CLIENTS"), std::string::npos);
}

TEST(AdminTables, Times) {
  static constexpr struct {
    uint64_t millis;
    const char* age;
    const char* elapsed;
  } kCases[] = {{0, "0s", "0ms"},
                {999, "0s", "999ms"},
                {1049, "1s", "1.0s"},
                {9999, "9s", "9.9s"},
                {10'000, "10s", "10s"},
                {61'000, "1m", "1m"},
                {3'660'000, "1h 1m", "1h 1m"},
                {90'000'000, "1d 1h", "1d 1h"}};
  for (const auto& test : kCases) {
    EXPECT_EQ(Age(test.millis), test.age);
    EXPECT_EQ(Elapsed(test.millis), test.elapsed);
  }
}

}  // namespace
}  // namespace esockets::cli

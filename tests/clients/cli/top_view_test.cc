#include "clients/cli/top_view.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

Look At(uint64_t time_us, uint64_t published, uint64_t out, uint64_t waiting) {
  Look look;
  look.info.set_server("ESocketS");
  look.metrics.set_time_us(time_us);
  admin::Metric& metric = *look.metrics.add_metrics();
  metric.set_name("published_messages_total");
  metric.set_value(published);
  for (const char* name : {"quick", "stuck"}) {
    admin::Client& client = *look.clients.add_clients();
    client.set_client_id(name);
    client.set_session_id(name[0] == 'q' ? 1 : 2);
    client.set_messages_out_total(name[0] == 'q' ? out : 0);
    client.set_send_queue_bytes(name[0] == 'q' ? 0 : waiting);
  }
  return look;
}

TEST(TopView, RatesAreDifferencesAndTheSlowComeFirst) {
  const std::string screen = TopScreen(At(0, 0, 0, 0), At(2'000'000, 500, 40, 9), 24);
  EXPECT_NE(screen.find("published 250/s"), std::string::npos) << screen;
  EXPECT_LT(screen.find("stuck"), screen.find("quick")) << screen;
  EXPECT_NE(screen.find("   20  "), std::string::npos) << screen;
}

TEST(TopView, FitsTheTerminal) {
  const std::string screen = TopScreen(At(0, 0, 0, 0), At(1, 0, 0, 0), 5);
  EXPECT_EQ(std::count(screen.begin(), screen.end(), '\n'), 5);
}

void AddSlow(const std::string& id, const std::string& verdict, Look* look) {
  admin::SlowClient& client = *look->slow.add_clients();
  client.set_client_id(id);
  client.set_verdict(verdict);
}

TEST(TopView, TheSlowAndWhyOnAThirdOfTheScreen) {
  Look now = At(1, 0, 0, 0);
  AddSlow("recovered", "caught_up", &now);
  EXPECT_EQ(TopScreen(At(0, 0, 0, 0), now, 24), TopScreen(At(0, 0, 0, 0), At(1, 0, 0, 0), 24));
  for (int i = 0; i < 20; ++i) AddSlow("crawler-" + std::to_string(i), "reader", &now);
  for (const size_t lines : {size_t{12}, size_t{24}}) {
    const std::string screen = TopScreen(At(0, 0, 0, 0), now, lines);
    EXPECT_NE(screen.find("VERDICT"), std::string::npos) << screen;
    EXPECT_EQ(screen.find("recovered"), std::string::npos) << screen;
    const size_t last = lines / 3 - 3;  // of the third, one line for the names and one between
    EXPECT_NE(screen.find("crawler-" + std::to_string(last) + " "), std::string::npos) << screen;
    EXPECT_EQ(screen.find("crawler-" + std::to_string(last + 1) + " "), std::string::npos)
        << screen;
    EXPECT_LT(screen.find("crawler-0"), screen.find("stuck")) << screen;
    EXPECT_LE(std::count(screen.begin(), screen.end(), '\n'), lines);
  }
  // Too low for both.
  EXPECT_EQ(TopScreen(At(0, 0, 0, 0), now, 5).find("VERDICT"), std::string::npos);
}

TEST(TopView, ABrokerThatStartedAnewHasNoNegativeRates) {
  const std::string screen = TopScreen(At(9, 500, 40, 0), At(1'000'000, 5, 4, 0), 24);
  EXPECT_NE(screen.find("published 0/s"), std::string::npos) << screen;
}

}  // namespace
}  // namespace esockets::cli

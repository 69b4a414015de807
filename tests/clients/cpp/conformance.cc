// The scenarios of tests/conformance/features.json, played by the client library against the real
// broker. Writes features.json for the matrix of clients/README.md; conform.py compares it.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <ostream>
#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/clients/cpp/conformance_scenarios.h"

namespace esockets::client {
namespace {

struct Scenario {
  const char* feature;
  void (*play)();
};

std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
  return out << scenario.feature;
}

constexpr Scenario kScenarios[] = {
    {"connect", scenarios::Connect},
    {"credentials", scenarios::Credentials},
    {"token_refresh", scenarios::TokenRefresh},
    {"tickets", scenarios::Tickets},
    {"publish", scenarios::Publish},
    {"publish_and_wait", scenarios::PublishAndWait},
    {"publish_and_store", scenarios::PublishAndStore},
    {"publish_and_confirm", scenarios::PublishAndConfirm},
    {"subscribe", scenarios::Subscribe},
    {"subscribe_pull", scenarios::SubscribePull},
    {"overflow", scenarios::OverflowContracts},
    {"headers", scenarios::Headers},
    {"request", scenarios::Request},
    {"request_many", scenarios::RequestMany},
    {"reply", scenarios::Reply},
    {"groups", scenarios::Groups},
    {"stream_start", scenarios::StreamStarts},
    {"resume", scenarios::Resume},
    {"last_values", scenarios::LastValues},
    {"presence", scenarios::Presence},
    {"will", scenarios::Will},
    {"gaps", scenarios::Gaps},
    {"close_codes", scenarios::CloseCodes},
    {"reconnect", scenarios::Reconnect},
    {"keep_alive", scenarios::KeepAlive},
    {"flush_and_close", scenarios::FlushAndClose},
    {"tcp", scenarios::Tcp},
    {"unix", scenarios::Unix},
    {"vectors", scenarios::Vectors},
};

// What this client does not have.
constexpr struct {
  const char* feature;
  const char* reason;
} kMissing[] = {
    {"subscribe_iterator", "C++20 has none; Receive instead"},
    {"websocket", "TCP and UNIX sockets"},
};

class Conformance : public testing::TestWithParam<Scenario> {};

TEST_P(Conformance, Has) { GetParam().play(); }

INSTANTIATE_TEST_SUITE_P(Features, Conformance, testing::ValuesIn(kScenarios),
                         [](const auto& scenario) { return std::string(scenario.param.feature); });

// Of what was played, and that all of it succeeded.
bool WriteFeatures(const std::string& path) {
  std::map<std::string, std::string> features;
  for (const auto& scenario : kScenarios) features[scenario.feature] = "yes";
  for (const auto& missing : kMissing) {
    features[missing.feature] = std::string("no: ") + missing.reason;
  }
  std::ofstream out(path);
  out << nlohmann::json{{"client", "cpp"}, {"features", features}}.dump(2) << "\n";
  return out.good();
}

}  // namespace
}  // namespace esockets::client

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (const int failed = RUN_ALL_TESTS(); failed != 0) return failed;
  const char* const outputs = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  if (outputs == nullptr) return 0;
  return esockets::client::WriteFeatures(std::string(outputs) + "/features.json") ? 0 : 1;
}

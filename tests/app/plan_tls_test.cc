#include "app/plan_tls.h"

#include <string>
#include <string_view>

#include "app/plan.h"
#include "base/strings.h"
#include "gtest/gtest.h"
#include "tests/support/test_authority.h"

namespace esockets::app {
namespace {

class PlanTlsTest : public testing::Test {
 protected:
  // Of a listener with this after its certificate.
  absl::StatusOr<Plan> PlanOf(std::string_view rest, std::string_view listener = "") {
    const std::string text = base::StrCat(
        "listener { address: \"127.0.0.1:0\" ", listener, "\n tls { certificate { chain_file: \"",
        issued_.chain_file, "\" key_file: \"", issued_.key_file, "\" }\n", rest, "\n} }");
    return PlanOfText(text);
  }
  static absl::StatusOr<Plan> PlanOfText(std::string_view text) {
    const absl::StatusOr<LoadedConfig> loaded = ParseConfig(text, "b.textproto");
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return MakePlan(*loaded);
  }

  tests::TestAuthority authority_;
  tests::IssuedCertificate issued_ = authority_.Issue(tests::LoopbackServer());
};

TEST_F(PlanTlsTest, AListenerEncrypts) {
  const absl::StatusOr<Plan> plan = PlanOf("min_version: \"1.3\"");
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->broker.protocols.size(), 1U);
  EXPECT_NE(plan->broker.protocols[0].tls, nullptr);
  EXPECT_FALSE(plan->broker.protocols[0].tls->Get()->names_clients());
}

TEST_F(PlanTlsTest, WhereAllHaveCertificatesOthersMayReachIt) {
  const std::string ca = base::StrCat("client_ca_file: \"", authority_.ca_file(), "\"");
  const auto listening_to_all = [&](std::string_view ask) {
    return PlanOfText(
        base::StrCat("listener { address: \"0.0.0.0:0\" tls { certificate { chain_file: \"",
                     issued_.chain_file, "\" key_file: \"", issued_.key_file,
                     "\" } client_certificates: \"", ask, "\" ", ca, " } }"));
  };
  const absl::StatusOr<Plan> required = listening_to_all("REQUIRED");
  ASSERT_TRUE(required.ok()) << required.status();
  EXPECT_TRUE(required->broker.protocols[0].tls->Get()->names_clients());
  EXPECT_NE(
      base::Message(listening_to_all("OPTIONAL").status()).find("without users only loopback"),
      std::string_view::npos);
}

TEST_F(PlanTlsTest, MistakesHaveTheirPlace) {
  const struct {
    std::string rest;
    std::string_view why;
  } kCases[] = {
      {"min_version: \"1.1\"",
       "b.textproto:3:1: listener[0].tls.min_version: must be one of 1.2, 1.3, not \"1.1\""},
      {"client_certificates: \"MAYBE\"",
       "b.textproto:3:1: listener[0].tls.client_certificates: must be one of NONE, OPTIONAL, "
       "REQUIRED, not \"MAYBE\""},
      {"user_from: \"O\"",
       "b.textproto:3:1: listener[0].tls.user_from: must be one of CN, DNS, EMAIL, URI, not \"O\""},
      {"client_certificates: \"REQUIRED\"",
       "b.textproto:2:2: listener[0].tls.client_ca_file: is missing: whose certificates are good?"},
      {"client_ca_file: \"x\"",
       "b.textproto:2:2: listener[0].tls.client_certificates: must be OPTIONAL or REQUIRED for a "
       "client_ca_file"},
      {"certificate { chain_file: \"x\" }",
       "b.textproto:3:1: listener[0].tls.certificate[1]: needs a chain_file and a key_file"},
      {"certificate { chain_file: \"/gone.pem\" key_file: \"x\" }",
       "b.textproto:2:2: listener[0].tls: /gone.pem: there is no such file"},
      {base::StrCat("client_certificates: \"REQUIRED\" client_ca_file: \"", issued_.key_file, "\""),
       "there is no certificate in PEM"},
  };
  for (const auto& test : kCases) {
    const absl::Status status = PlanOf(test.rest).status();
    EXPECT_NE(base::Message(status).find(test.why), std::string_view::npos) << status;
  }
  EXPECT_EQ(
      base::Message(PlanOfText("listener { address: \"127.0.0.1:0\" tls {} }").status()),
      "b.textproto:1:35: listener[0].tls.certificate: is missing: a chain_file and a key_file");
}

TEST_F(PlanTlsTest, ProxiesAreNetworks) {
  const absl::StatusOr<Plan> plan = PlanOf("", "proxies: \"10.0.0.0/8\" proxies: \"unix\"");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_NE(plan->broker.protocols[0].proxies, nullptr);
  const absl::Status status = PlanOf("", "proxies: \"10.0.0.1/8\"").status();
  EXPECT_NE(base::Message(status).find("b.textproto:1:35: listener[0].proxies[0]: "),
            std::string_view::npos)
      << status;
}

}  // namespace
}  // namespace esockets::app

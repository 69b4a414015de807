#include "clients/cpp/endpoint.h"

#include <string_view>

#include "gtest/gtest.h"
#include "tests/support/test_authority.h"

namespace esockets::client {
namespace {

TEST(Endpoint, IsEncryptedWhereTheAddressSaysSo) {
  const tests::TestAuthority authority;
  EXPECT_EQ(EndpointOf({.address = "127.0.0.1:1"})->tls, nullptr);
  EXPECT_NE(
      EndpointOf({.address = "tls://127.0.0.1:1", .tls = {.ca_file = authority.ca_file()}})->tls,
      nullptr);
  EXPECT_NE(EndpointOf({.address = "tls://localhost:1"})->tls, nullptr);
}

TEST(Endpoint, MistakesInTheOptions) {
  const struct {
    ClientOptions options;
    std::string_view why;
  } kCases[] = {
      {{.address = "nowhere"}, "nowhere"},
      {{.address = "127.0.0.1:1", .tls = {.ca_file = "x"}}, "an address tls://HOST:PORT"},
      {{.address = "127.0.0.1:1", .tls = {.server_name = "x"}}, "an address tls://HOST:PORT"},
      {{.address = "127.0.0.1:1", .tls = {.verify = false}}, "an address tls://HOST:PORT"},
      {{.address = "tls://127.0.0.1:1", .tls = {.ca_file = "/gone"}},
       "/gone: there is no such file"},
      {{.address = "tls://127.0.0.1:1", .tls = {.chain_file = "x"}}, "belong together"},
      {{.address = "tls://127.0.0.1:1", .tls = {.key_file = "x"}}, "belong together"},
  };
  for (const auto& test : kCases) {
    const absl::Status status = EndpointOf(test.options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << test.why;
    EXPECT_NE(status.message().find({test.why.data(), test.why.size()}), absl::string_view::npos)
        << status;
  }
}

}  // namespace
}  // namespace esockets::client

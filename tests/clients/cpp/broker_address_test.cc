#include "clients/cpp/broker_address.h"

#include <set>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

TEST(BrokerAddress, SaysWhereAndHow) {
  const struct {
    std::string_view text;
    std::string_view host;
    bool tls;
    std::string_view resolved;
  } kCases[] = {
      {"127.0.0.1:1234", "127.0.0.1", false, "127.0.0.1:1234"},
      {"[::1]:1234", "::1", false, "[::1]:1234"},
      {"localhost:1234", "localhost", false, "127.0.0.1:1234"},
      {"unix:/tmp/x", "", false, "unix:/tmp/x"},
      {"tls://127.0.0.1:1235", "127.0.0.1", true, "127.0.0.1:1235"},
      {"tls://[::1]:1235", "::1", true, "[::1]:1235"},
      {"tls://localhost:1235", "localhost", true, "127.0.0.1:1235"},
  };
  for (const auto& test : kCases) {
    auto parsed = BrokerAddress::Parse(test.text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->host(), test.host);
    EXPECT_EQ(parsed->tls(), test.tls);
    const auto resolved = parsed->Resolve();
    ASSERT_TRUE(resolved.ok()) << resolved.status();
    EXPECT_EQ(resolved->ToString(), test.resolved);
  }
}

TEST(BrokerAddress, ANameIsLookedUpEachTime) {
  auto parsed = BrokerAddress::Parse("tls://no-such-host.invalid:1235");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->host(), "no-such-host.invalid");
  for (int i = 0; i < 2; ++i) {
    const auto resolved = parsed->Resolve();
    EXPECT_EQ(resolved.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_NE(resolved.status().message().find("cannot look up no-such-host.invalid: "),
              absl::string_view::npos);
  }
}

TEST(BrokerAddress, WhatIsNone) {
  for (const std::string_view text :
       {"",           ":1234",      "host",          "host:",           "host:0x10",
        "host:65536", "host:-1",    "a b:1",         "1.2.3:4",         "256.1.1.1:5",
        "::1:5",      "tls://",     "tls://unix:/x", "tls://tls://h:1", "ws://h:1",
        "wss://h:1/", "http://h:1", "user@host:1",   "host/path:1",     "unix:"}) {
    const auto parsed = BrokerAddress::Parse(text);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace esockets::client

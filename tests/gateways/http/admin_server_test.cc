#include "gateways/http/admin_server.h"

#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/test_client.h"

namespace esockets::http {
namespace {

class AdminServerTest : public tests::BrokerFixture {
 protected:
  void Open(AdminServerOptions options = {}) {
    Start();
    if (options.listen.empty()) options.listen = {"127.0.0.1:0"};
    server_ = std::make_unique<AdminServer>(options, broker().admin_access());
    const absl::Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started;
  }
  void TearDown() override {
    if (server_ != nullptr) broker().Stop();
    server_.reset();
    BrokerFixture::TearDown();
  }
  // The whole answer.
  std::string Ask(std::string_view request_line, std::string_view fields = {}, size_t address = 0) {
    tests::TestClient client(server_->addresses()[address]);
    EXPECT_TRUE(client.Send(base::StrCat(request_line, " HTTP/1.1\r\nHost: localhost\r\n", fields,
                                         "Connection: close\r\n\r\n")));
    return client.ReceiveAll();
  }

  std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminServerTest, ServesTheBroker) {
  Open();
  const tests::NativePeer client = ConnectedPeer("me");
  EXPECT_TRUE(Ask("GET /healthz").starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(Ask("GET /metrics").find("\nesockets_clients{loop=\"0\"} 1\n"), std::string::npos);
  EXPECT_NE(Ask("GET /api/v1/clients").find("\"client_id\":\"me\""), std::string::npos);
}

TEST_F(AdminServerTest, OnAUnixSocketToo) {
  const std::string path = base::StrCat("/tmp/admin_server_test.", ::getpid());
  Open({.listen = {"unix:" + path, "127.0.0.1:0"}});
  for (const size_t address : {size_t{0}, size_t{1}}) {
    EXPECT_TRUE(Ask("GET /readyz", "", address).starts_with("HTTP/1.1 200 OK\r\n")) << address;
  }
}

TEST_F(AdminServerTest, OthersWaitUntilThereIsAPlace) {
  AdminServerOptions options;
  options.limits.connections_max = 1;
  Open(options);
  tests::TestClient first(server_->addresses()[0]);
  ASSERT_TRUE(first.Send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  ASSERT_TRUE(first.WaitReadable());
  tests::TestClient second(server_->addresses()[0]);
  EXPECT_TRUE(second.ReceiveAll().starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
}

TEST_F(AdminServerTest, OtherRulesHoldForWhatComes) {
  Open();
  EXPECT_TRUE(Ask("GET /metrics").starts_with("HTTP/1.1 200 "));
  auto users = std::make_shared<broker::LocalAuthenticator>();
  users->AddToken("ops", "s3cret", true);
  server_->Replace({.users = users});
  EXPECT_TRUE(Ask("GET /metrics").starts_with("HTTP/1.1 401 "));
  EXPECT_TRUE(Ask("GET /metrics", "Authorization: Bearer s3cret\r\n").starts_with("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, GoesOnWhileTheBrokerIsStopped) {
  Open();
  broker().Stop();
  EXPECT_TRUE(Ask("GET /healthz").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(Ask("GET /readyz").starts_with("HTTP/1.1 503 "));
}

// Whatever one of them sends, the next one is answered.
TEST_F(AdminServerTest, BadInputHurtsNobodyElse) {
  AdminServerOptions options;
  options.limits.request_timeout = std::chrono::milliseconds(50);
  Open(options);
  const std::vector<std::string> kInputs = {
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  // TLS
      std::string("\x0a\x05\x0a\x03\x08\x01\x10\x00", 8),
      std::string(1 << 20, 'A'),
      "GET " + std::string(100'000, '/') + " HTTP/1.1\r\n",
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r",
      "POST /api/v1/kick HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999\r\n\r\n",
      "GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "",
  };
  for (const std::string& input : kInputs) {
    tests::TestClient client(server_->addresses()[0]);
    client.Send(input);
    client.ShutDown();
    client.ReceiveAll();
    EXPECT_TRUE(Ask("GET /healthz").starts_with("HTTP/1.1 200 ")) << input.substr(0, 80);
  }
}

}  // namespace
}  // namespace esockets::http

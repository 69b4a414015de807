#include "gateways/front.h"

#include <memory>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "proto/protocol_name.h"
#include "server/socket_server.h"
#include "server/tls/context_rules.h"
#include "server/tls/server_context.h"
#include "server/tls/tls_door.h"
#include "tests/support/test_authority.h"
#include "tests/support/tls_peer.h"

namespace esockets::gateways {
namespace {

// Tells its client what may be spoken.
struct Teller final : server::ServerHandler {
  void OnMessageRecv(const server::ClientPtr& client, std::string_view) override {
    client->loop().AssertOnLoop();
    client->Send(front.SpeaksNative(*client) ? "N" : "n");
    client->Send(front.SpeaksHttp(*client) ? "H" : "h");
  }
  Front front{.of_listeners = {}, .http = nullptr, .http_limits = nullptr};
};

TEST(FrontTest, WhatWasAgreedOnAloneIsSpoken) {
  tests::TestAuthority authority;
  const auto issued = authority.Issue(tests::LoopbackServer());
  auto context = tls::ServerContext::Load(
      {.certificates = {{issued.chain_file, issued.key_file}},
       .application_protocols = {std::string(proto::kProtocolName), std::string(kHttpAlpn)}},
      tls::TicketKeys::OfProcess());
  ASSERT_TRUE(context.ok()) << context.status();
  Teller teller;
  server::SocketServer server(
      {.port = 0, .door = tls::MakeTlsDoor(std::make_shared<tls::LiveContext>(*context))}, &teller);
  ASSERT_TRUE(server.Start().ok());
  const struct {
    std::string alpn;
    std::string_view allowed;
  } kCases[] = {{"", "NH"}, {"esockets.v1", "Nh"}, {"http/1.1", "nH"}};
  for (const auto& test : kCases) {
    tests::TlsPeer peer(server.addresses()[0],
                        {.ca_file = authority.ca_file(),
                         .alpn = test.alpn.empty() ? "" : tls::AlpnList({test.alpn})});
    ASSERT_TRUE(peer.ok()) << peer.error();
    peer.Send("?");
    EXPECT_EQ(peer.Receive(2), test.allowed) << test.alpn;
  }
}

}  // namespace
}  // namespace esockets::gateways

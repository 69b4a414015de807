// Who becomes a session over WebSocket, over real sockets.
#include "gateways/websocket/websocket_gateway.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"
#include "tests/support/test_client.h"
#include "tests/support/websocket_wire.h"

namespace esockets::websocket {
namespace {

using tests::TestClient;

class WebSocketGatewayTest : public tests::BrokerFixture {
 protected:
  std::string AnswerTo(std::string_view request) {
    TestClient client(address());
    EXPECT_TRUE(client.Send(request));
    client.ShutDown();
    return client.ReceiveAll();
  }
};

std::string Without(std::string_view field) {
  std::string request = tests::WebSocketRequest();
  const size_t at = request.find(field);
  return request.erase(at, request.find("\r\n", at) + 2 - at);
}

TEST_F(WebSocketGatewayTest, TheSubprotocolIsOursAndIsChosen) {
  Start();
  EXPECT_NE(AnswerTo(tests::WebSocketRequest()).find("\r\nSec-WebSocket-Protocol: esockets.v1\r\n"),
            std::string::npos);
  const std::string refused = AnswerTo(Without("Sec-WebSocket-Protocol"));
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 400 ")) << refused;
  EXPECT_NE(refused.find("must offer esockets.v1"), std::string::npos) << refused;
}

TEST_F(WebSocketGatewayTest, AWrongVersionIsToldTheRightOne) {
  Start();
  const std::string refused = AnswerTo(Without("Sec-WebSocket-Version"));
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 426 ")) << refused;
  EXPECT_NE(refused.find("\r\nSec-WebSocket-Version: 13\r\n"), std::string::npos) << refused;
}

TEST_F(WebSocketGatewayTest, WhoIsRefusedMayTryAgainOnTheSameConnection) {
  Start();
  TestClient client(address());
  ASSERT_TRUE(client.Send(Without("Sec-WebSocket-Key") + tests::WebSocketRequest()));
  client.ShutDown();
  const std::string answers = client.ReceiveAll();
  EXPECT_TRUE(answers.starts_with("HTTP/1.1 400 ")) << answers;
  EXPECT_NE(answers.find("HTTP/1.1 101 "), std::string::npos) << answers;
}

TEST_F(WebSocketGatewayTest, CompressionCanBeSwitchedOff) {
  app::BrokerOptions options = DefaultOptions();
  options.websocket.deflate = false;
  Start(options);
  EXPECT_EQ(AnswerTo(tests::WebSocketRequest(tests::kOfferDeflate)).find("permessage-deflate"),
            std::string::npos);
}

}  // namespace
}  // namespace esockets::websocket

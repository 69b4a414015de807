// A session whose deliveries are compressed, over real sockets.
#include "gateways/websocket/deflated_bridge.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"

namespace esockets::websocket {
namespace {

using tests::NativePeer;
using tests::PublishFrame;

class DeflatedBridgeTest : public tests::BrokerFixture {
 protected:
  NativePeer Deflated(std::string_view client_id, int receive_buffer_bytes = 0) {
    return ConnectedPeer(client_id, {.receive_buffer_bytes = receive_buffer_bytes,
                                     .transport = tests::PeerTransport::kDeflatedWebSocket});
  }
};

TEST_F(DeflatedBridgeTest, AnswersGoOutAsTheyAreAndDeliveriesCompressed) {
  Start();
  NativePeer peer = Deflated("me");
  ASSERT_TRUE(peer.Subscribe("a"));
  EXPECT_EQ(peer.websocket().compressed(), 0);
  ASSERT_TRUE(peer.Send(PublishFrame("a", std::string(10'000, '.'))));
  EXPECT_EQ(peer.Receive()->message().payload().size(), 10'000U);
  EXPECT_EQ(peer.websocket().compressed(), 1);
}

// What it loses it is told, and what comes is whole: nothing is cut in the middle of a message.
TEST_F(DeflatedBridgeTest, AReaderThatStopsGetsGapsAndWholeFrames) {
  constexpr int kMessages = 3000;
  app::BrokerOptions options = DefaultOptions();
  options.settings.limits.backlog_messages_max = 100;
  Start(options);
  NativePeer peer = Deflated("reader", 4096);
  NativePeer publisher = ConnectedPeer("publisher");
  ASSERT_TRUE(peer.Subscribe("a"));
  std::string payload;  // that does not shrink
  for (int i = 0; i < 2000; ++i) payload += static_cast<char>(i * 2654435761U >> 13);
  for (int i = 0; i < kMessages; ++i) ASSERT_TRUE(publisher.Send(PublishFrame("a", payload)));
  ASSERT_TRUE(publisher.Ping());
  ASSERT_TRUE(publisher.Send(PublishFrame("a", "last")));
  uint64_t seen = 0;
  uint64_t lost = 0;
  for (bool last = false; !last;) {
    const auto frame = peer.Receive();
    ASSERT_TRUE(frame.has_value());
    lost += frame->has_gap() ? frame->gap().messages() : 0;
    if (!frame->has_message()) continue;
    ++seen;
    last = frame->message().payload() == "last";
  }
  EXPECT_EQ(seen + lost, kMessages + 1U);
  EXPECT_GT(lost, 0U);
}

}  // namespace
}  // namespace esockets::websocket

// The bridge over real sockets, with a whole broker around it: what only the two together can show.
#include "gateways/session_bridge.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "broker/errors.h"
#include "broker/session.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"

namespace esockets::gateways {
namespace {

using tests::NativePeer;

class SessionBridgeTest : public tests::BrokerFixture {};

TEST_F(SessionBridgeTest, CommandsGoUpAndDeliveriesComeDown) {
  Start();
  NativePeer subscriber = ConnectedPeer("subscriber");
  NativePeer publisher = ConnectedPeer("publisher");
  ASSERT_TRUE(subscriber.Subscribe("a/#"));
  ASSERT_TRUE(publisher.Send(tests::PublishFrame("a/b", "1", publisher.NextId())));
  ASSERT_TRUE(publisher.Send(tests::PublishFrame("a/c", "2", publisher.NextId())));
  EXPECT_EQ(publisher.Receive()->published().id(), 1U);
  EXPECT_EQ(publisher.Receive()->published().id(), 2U);
  EXPECT_EQ(subscriber.Receive()->message().payload(), "1");
  EXPECT_EQ(subscriber.Receive()->message().payload(), "2");
}

TEST_F(SessionBridgeTest, WhatIsQueuedIsSentToAClientThatHasSaidItsLast) {
  Start();
  NativePeer peer = ConnectedPeer("me");
  ASSERT_TRUE(peer.Subscribe("a"));
  ASSERT_TRUE(peer.Send(tests::PublishFrame("a", std::string(500'000, '.'), peer.NextId())));
  peer.EndOutput();
  EXPECT_EQ(peer.Receive()->message().payload().size(), 500'000U);
  EXPECT_TRUE(peer.Receive()->has_published());
  EXPECT_TRUE(peer.ReceiveEnd());
}

// ... and while that is still on its way, nothing more is kept for it.
TEST_F(SessionBridgeTest, AClientThatHasSaidItsLastIsNobodysSubscriberAnyMore) {
  Start();
  NativePeer peer = ConnectedPeer("me", {.receive_buffer_bytes = 4096});
  NativePeer publisher = ConnectedPeer("publisher");
  ASSERT_TRUE(peer.Subscribe("a"));
  ASSERT_TRUE(publisher.Send(tests::PublishFrame("a", std::string(900'000, '.'))));
  ASSERT_TRUE(publisher.Ping());
  peer.EndOutput();
  EXPECT_TRUE(WaitUntil([this] { return broker().metrics().subscriptions.value() == 0; }));
  EXPECT_EQ(broker().metrics().clients.value(), 1U);
  EXPECT_EQ(peer.Receive()->message().payload().size(), 900'000U);
  EXPECT_TRUE(peer.ReceiveEnd());
}

// Several jobs are one message of WebSocket, and compressed they are shorter than one of them: the
// member's window of the group opens all the same.
TEST_F(SessionBridgeTest, AGroupGoesOnThoughItsJobsCrossCompressed) {
  Start();
  NativePeer worker =
      ConnectedPeer("worker", {.transport = tests::PeerTransport::kDeflatedWebSocket});
  NativePeer publisher = ConnectedPeer("publisher");
  ClientFrame subscribe = tests::SubscribeFrame(worker.NextId(), "jobs");
  subscribe.mutable_subscribe()->set_group("workers");
  ASSERT_TRUE(worker.Send(subscribe));
  ASSERT_TRUE(worker.Receive()->has_subscribed());
  const std::string payload(10'000, '.');  // a hundred are a window
  std::string jobs;
  for (int job = 0; job < 300; ++job) jobs += tests::Framed(tests::PublishFrame("jobs", payload));
  ASSERT_TRUE(publisher.SendRaw(jobs));
  for (int job = 0; job < 300; ++job) {
    const std::optional<ServerFrame> frame = worker.Receive();
    ASSERT_TRUE(frame.has_value()) << "after " << job << " jobs the group waits";
    EXPECT_EQ(frame->message().payload(), payload);
  }
}

TEST_F(SessionBridgeTest, AClientThatIsGoneIsForgotten) {
  Start();
  NativePeer watcher = ConnectedPeer("watcher");
  {
    NativePeer peer = ConnectedPeer("me");
    ASSERT_TRUE(peer.Subscribe("a"));
    peer.Reset();
  }
  EXPECT_TRUE(WaitUntil([this] {
    return broker().metrics().clients.value() == 1 && broker().metrics().subscriptions.value() == 0;
  }));
}

TEST_F(SessionBridgeTest, AdministrationSeesTheConnection) {
  Start();
  NativePeer peer = ConnectedPeer("me");
  const admin::Client client = Look(peer, "me");
  EXPECT_EQ(client.transport(), "tcp");
  EXPECT_TRUE(client.address().starts_with("127.0.0.1:")) << client.address();
  EXPECT_GT(client.bytes_in_total(), 0U);
  EXPECT_GT(client.bytes_out_total(), 0U);
}

TEST_F(SessionBridgeTest, TheCloseIsTheLastFrame) {
  Start();
  NativePeer peer = ConnectedPeer("me");
  ASSERT_TRUE(peer.SendRaw(tests::Framed(tests::PingFrame(1)) + tests::Framed("\xff")));
  EXPECT_EQ(ExpectClose(peer, broker::CloseCode::kProtocolError).empty(), false);
}

}  // namespace
}  // namespace esockets::gateways

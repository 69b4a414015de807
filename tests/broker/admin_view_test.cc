#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/admin.h"
#include "broker/shard.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using tests::SimBroker;
using tests::SimClient;

// The reply to a request; fails on anything else.
template <typename Reply>
Reply Ask(SimBroker& broker, SimClient& client, std::string_view topic,
          const google::protobuf::MessageLite& request) {
  broker.executor.AssertOnLoop();
  client.Request(topic, request.SerializeAsString());
  broker.Turn();
  Reply reply;
  const std::vector<ServerFrame> frames = client.sink.TakeFrames();
  EXPECT_EQ(frames.size(), 1U) << topic;
  EXPECT_TRUE(!frames.empty() && frames[0].has_message() &&
              reply.ParseFromString(frames[0].message().payload()))
      << topic;
  return reply;
}

std::string Refusal(SimBroker& broker, SimClient& client, std::string_view topic,
                    std::string_view request) {
  broker.executor.AssertOnLoop();
  client.Request(topic, request);
  broker.Turn();
  const std::vector<std::string> lines = client.Lines();
  return lines.empty() ? "" : lines.back();
}

TEST(AdminView, WhatIsRefused) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  SimClient client(&broker, "me");
  admin::KickRequest kick;
  kick.set_client_id("nobody");
  const struct {
    std::string_view topic;
    std::string request;
    std::string_view answer;
  } cases[] = {
      {"$SYS/nothing", "", "error 1 141"},
      {"$SYS/clients", "\xff", "error 2 140"},
      {"$SYS/kick", kick.SerializeAsString(), "error 3 142"},
      {"$SYS/recv", "", "error 4 143"},
      {"$OTHER", "", "error 5 113"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Refusal(broker, client, c.topic, c.request), c.answer) << c.topic;
  }
}

TEST(AdminView, InfoAndMetrics) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  SimClient client(&broker, "me");
  client.Subscribe("a");
  broker.Turn();
  client.Lines();
  const auto info = Ask<admin::Info>(broker, client, "$SYS/info", admin::InfoRequest());
  EXPECT_EQ(info.clients(), 1U);
  EXPECT_EQ(info.subscriptions(), 1U);
  client.Publish("a", "1");
  broker.Turn();
  client.Lines();
  const auto reply = Ask<admin::Metrics>(broker, client, "$SYS/metrics", admin::MetricsRequest());
  std::map<std::string, uint64_t> values;
  for (const admin::Metric& metric : reply.metrics()) values[metric.name()] += metric.value();
  EXPECT_EQ(values["delivered_messages_total"], 1U);
  EXPECT_EQ(values["published_messages_total"], 1U);
}

TEST(AdminView, ClientsInPages) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  std::deque<SimClient> clients;
  for (int i = 0; i < 5; ++i) clients.emplace_back(&broker, "client " + std::to_string(i));
  SimClient asks(&broker, "z");
  admin::ClientsRequest request;
  request.set_limit(4);
  std::vector<std::string> ids;
  bool more = true;
  while (more) {
    const auto page = Ask<admin::Clients>(broker, asks, "$SYS/clients", request);
    for (const admin::Client& one : page.clients()) ids.push_back(one.client_id());
    ASSERT_GT(page.clients_size(), 0);
    request.set_after_session_id(page.clients(page.clients_size() - 1).session_id());
    more = page.more();
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"client 0", "client 1", "client 2", "client 3",
                                           "client 4", "z"}));
  request.set_client_id("client 3");
  EXPECT_EQ(Ask<admin::Clients>(broker, asks, "$SYS/clients", request).clients_size(), 1);
}

TEST(AdminView, RepliesFitIntoAFrameWhateverThePageSize) {
  constexpr size_t kReplyBytesMax = 20'000;
  Settings settings;
  settings.limits.payload_bytes_max = kReplyBytesMax;
  SimBroker broker(settings);
  broker.executor.AssertOnLoop();
  std::deque<SimClient> clients;
  for (int i = 0; i < 40; ++i) {
    SimClient& client = clients.emplace_back(&broker);
    ClientFrame connect;
    connect.mutable_connect()->set_protocol_version(1);
    (*connect.mutable_connect()->mutable_metadata())["k"] = std::string(1000, 'm');
    client.Send(connect);
    client.Subscribe(std::string(1000, 'f') + std::to_string(i));
  }
  SimClient asks(&broker, "me");
  admin::ClientsRequest request;
  int seen = 0;
  for (bool more = true; more;) {
    const auto page = Ask<admin::Clients>(broker, asks, "$SYS/clients", request);
    ASSERT_LE(page.ByteSizeLong(), kReplyBytesMax);
    ASSERT_GT(page.clients_size(), 1);
    seen += page.clients_size();
    request.set_after_session_id(page.clients(page.clients_size() - 1).session_id());
    more = page.more();
  }
  EXPECT_EQ(seen, 41);
}

TEST(AdminView, SubscriptionsInPages) {
  constexpr size_t kReplyBytesMax = 20'000;
  Settings settings;
  settings.limits.payload_bytes_max = kReplyBytesMax;
  SimBroker broker(settings);
  broker.executor.AssertOnLoop();
  std::deque<SimClient> clients;
  for (const char* id : {"ann", "bob"}) {
    SimClient& client = clients.emplace_back(&broker, id);
    for (int i = 0; i < 40; ++i) client.Subscribe(std::string(1000, 'f') + std::to_string(i));
  }
  SimClient asks(&broker, "me");
  for (const char* of : {"", "bob"}) {
    SCOPED_TRACE(of);
    admin::SubscriptionsRequest request;
    request.set_client_id(of);
    std::set<std::pair<uint64_t, std::string>> seen;
    for (bool more = true; more;) {
      const auto page = Ask<admin::Subscriptions>(broker, asks, "$SYS/subscriptions", request);
      ASSERT_LE(page.ByteSizeLong(), kReplyBytesMax);
      ASSERT_GT(page.subscriptions_size(), 0);
      for (const admin::Subscription& one : page.subscriptions()) {
        EXPECT_TRUE(seen.emplace(one.session_id(), one.filter()).second) << "twice";
      }
      request.set_after_session_id(page.subscriptions().rbegin()->session_id());
      request.set_after_filter(page.subscriptions().rbegin()->filter());
      more = page.more();
    }
    EXPECT_EQ(seen.size(), *of == 0 ? 80U : 40U);
  }
}

TEST(AdminView, SubscriptionsNameTheirGroups) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  SimClient ann(&broker, "ann");
  ann.Subscribe("a");
  for (const char* group : {"y", "x"}) ann.Subscribe("a", {.group = group});
  SimClient asks(&broker, "me");
  admin::SubscriptionsRequest request;
  request.set_limit(1);
  std::vector<std::string> seen;
  for (bool more = true; more;) {
    const auto page = Ask<admin::Subscriptions>(broker, asks, "$SYS/subscriptions", request);
    ASSERT_EQ(page.subscriptions_size(), 1);
    const admin::Subscription& one = page.subscriptions(0);
    seen.push_back(one.filter() + " " + one.group());
    request.set_after_session_id(one.session_id());
    request.set_after_filter(one.filter());
    request.set_after_group(one.group());
    more = page.more();
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"a ", "a x", "a y"}));
  const auto clients = Ask<admin::Clients>(broker, asks, "$SYS/clients", admin::ClientsRequest());
  EXPECT_EQ(clients.clients(0).subscriptions(), 3U);
}

TEST(AdminView, RecvTakesWhatFitsAndLosesNothing) {
  constexpr size_t kReplyBytesMax = 10'000;
  Settings settings;
  settings.recv_queue = true;
  settings.limits.payload_bytes_max = kReplyBytesMax;
  SimBroker broker(settings);
  broker.executor.AssertOnLoop();
  SimClient client(&broker, "it");
  SimClient asks(&broker, "me");
  std::vector<std::string> published;
  for (const size_t bytes : {100, 9'900, 4'000, 4'000, 4'000, 10, 10'000, 10}) {
    published.emplace_back(bytes, 'p');
    client.Publish("a", published.back());
  }
  admin::RecvRequest request;
  request.set_client_id("it");
  std::vector<std::string> received;
  for (uint64_t remaining = 1; remaining > 0;) {
    const auto reply = Ask<admin::Recv>(broker, asks, "$SYS/recv", request);
    ASSERT_GT(reply.messages_size(), 0);
    EXPECT_TRUE(reply.messages_size() == 1 || reply.ByteSizeLong() <= kReplyBytesMax);
    for (const auto& one : reply.messages()) received.push_back(one.payload());
    remaining = reply.remaining();
  }
  EXPECT_EQ(received, published);
}

TEST(AdminView, KickClosesAndWhoKicksHimselfGetsTheAnswer) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  SimClient other(&broker, "other");
  SimClient me(&broker, "me");
  admin::KickRequest request;
  request.set_client_id("other");
  request.set_reason("noise");
  Ask<admin::Kick>(broker, me, "$SYS/kick", request);
  ASSERT_TRUE(other.sink.closed());
  EXPECT_EQ(other.sink.closed()->code, CloseCode::kKicked);
  EXPECT_EQ(other.sink.closed()->detail, "noise");
  EXPECT_FALSE(other.sink.closed()->flush_first);
  request.set_client_id("me");
  Ask<admin::Kick>(broker, me, "$SYS/kick", request);
  EXPECT_TRUE(me.sink.closed()->flush_first);
}

}  // namespace
}  // namespace esockets::broker

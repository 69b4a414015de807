#include "broker/slow_view.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "broker/local_authenticator.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::SimBroker;
using tests::SimClient;

Settings LowMark() {
  Settings settings;
  settings.limits.high_watermark_bytes = 100;
  settings.limits.backlog_messages_max = 5;
  return settings;
}

class SlowViewTest : public testing::Test {
 protected:
  void Pass(base::Duration time) {
    broker_.executor.EndTurn();
    broker_.executor.Advance(time);
    broker_.executor.BeginTurn();
  }
  void Stop(SimClient* client) {
    client->sink.set_window(0);
    client->sink.set_oldest(broker_.executor.TurnTime());
    client->sink.set_network({.known = true});
  }
  void Publish(int messages) {
    for (int i = 0; i < messages; ++i) {
      publisher_.Publish("a/b", "a payload of some bytes");
      broker_.Turn();
    }
  }
  admin::Slow Ask(const admin::SlowRequest& request = {}) {
    admin::Slow reply;
    administrator_.Request("$SYS/slow", request.SerializeAsString());
    broker_.Turn();
    for (const ServerFrame& frame : administrator_.sink.TakeFrames()) {
      EXPECT_TRUE(reply.ParseFromString(frame.message().payload())) << frame.ShortDebugString();
    }
    return reply;
  }

  SimBroker broker_{LowMark()};
  SimClient publisher_{&broker_, "publisher"};
  SimClient administrator_{&broker_, "administrator"};
};

TEST_F(SlowViewTest, NobodyIsSlow) { EXPECT_EQ(Ask().clients_size(), 0); }

TEST_F(SlowViewTest, SaysWhoIsSlowAndWhyTheLongestFirst) {
  SimClient late(&broker_, "late"), later(&broker_, "later"), fast(&broker_, "fast");
  for (SimClient* client : {&late, &later, &fast}) client->Subscribe("a/#");
  broker_.Turn();
  Stop(&late);
  Publish(20);
  Pass(seconds(1));
  Stop(&later);
  Publish(10);
  Pass(milliseconds(250));
  late.sink.set_network({.known = true, .busy = seconds(2), .receive_window_limited = seconds(2)});
  Pass(seconds(1));

  const admin::Slow slow = Ask();
  ASSERT_EQ(slow.clients_size(), 2) << slow.ShortDebugString();
  const admin::SlowClient& first = slow.clients(0);
  EXPECT_EQ(first.client_id(), "late");
  EXPECT_TRUE(first.behind());
  EXPECT_EQ(first.oldest_ms(), 2250U);
  EXPECT_EQ(first.backlog_messages(), 5U);
  EXPECT_GT(first.send_queue_bytes(), 0U);
  EXPECT_EQ(first.verdict(), "reader");
  EXPECT_EQ(first.evidence().receive_window_percent(), 100U);
  EXPECT_NE(first.evidence().text().find("receive window"), std::string::npos);
  EXPECT_EQ(first.slow_ms(), 2250U);
  ASSERT_EQ(first.drops_size(), 1);
  EXPECT_EQ(first.drops(0).filter(), "a/#");
  EXPECT_EQ(first.drops(0).reason(), "BACKLOG_FULL");
  EXPECT_EQ(first.drops(0).messages(), late.session().outbox().dropped_messages_total());
  EXPECT_EQ(slow.clients(1).client_id(), "later");
  EXPECT_FALSE(slow.more());

  admin::SlowRequest one;
  one.set_limit(1);
  EXPECT_EQ(Ask(one).clients(0).client_id(), "late");
  EXPECT_TRUE(Ask(one).more());
  one.set_client_id("later");
  EXPECT_EQ(Ask(one).clients(0).client_id(), "later");
  one.set_client_id("fast");
  EXPECT_EQ(Ask(one).clients_size(), 0);
}

TEST_F(SlowViewTest, ASubscriberHearsOfEachVerdictAndOfTheEnd) {
  SimClient late(&broker_, "late");
  late.Subscribe("a/#");
  administrator_.Subscribe("$SYS/slow");
  broker_.Turn();
  administrator_.sink.TakeFrames();
  Stop(&late);
  Publish(20);
  late.sink.set_network({.known = true, .busy = seconds(2), .receive_window_limited = seconds(2)});
  Pass(milliseconds(250));
  late.sink.set_network({.known = true, .busy = seconds(4), .receive_window_limited = seconds(4)});
  Pass(seconds(1));
  late.sink.set_window(tests::FakeSink::kUnlimited);
  late.sink.Read(1'000'000);
  Pass(milliseconds(500));
  std::vector<std::string> verdicts;
  for (const ServerFrame& frame : administrator_.sink.TakeFrames()) {
    admin::SlowClient event;
    EXPECT_EQ(frame.message().topic(), "$SYS/slow");
    ASSERT_TRUE(event.ParseFromString(frame.message().payload()));
    EXPECT_EQ(event.client_id(), "late");
    verdicts.push_back(event.verdict());
  }
  EXPECT_EQ(verdicts, (std::vector<std::string>{"reader", "caught_up"}));
  const admin::Slow slow = Ask();
  ASSERT_EQ(slow.clients_size(), 1);
  EXPECT_EQ(slow.clients(0).verdict(), "caught_up");
  EXPECT_EQ(slow.clients(0).slow_ms(), 0U);
  EXPECT_EQ(slow.clients(0).slow_ms_total(), 1500U);
}

TEST(SlowView, IsForAdministratorsAlone) {
  Settings settings = LowMark();
  auto authenticator = std::make_shared<LocalAuthenticator>();
  authenticator->AddToken("ann", "secret", /*admin=*/false);
  settings.authenticator = authenticator;
  SimBroker broker(settings);
  SimClient client(&broker);
  ClientFrame connect;
  connect.mutable_connect()->set_protocol_version(1);
  connect.mutable_connect()->set_token("secret");
  client.Send(connect);
  broker.Turn();
  client.sink.TakeFrames();
  client.Subscribe("$SYS/slow");
  broker.Turn();
  const std::vector<ServerFrame> frames = client.sink.TakeFrames();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].error().code(), static_cast<uint32_t>(ErrorCode::kNotPermitted));
}

}  // namespace
}  // namespace esockets::broker

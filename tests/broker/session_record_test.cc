#include <string>
#include <vector>

#include "broker/session.h"
#include "gtest/gtest.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using tests::SimBroker;
using tests::SimClient;

class SessionRecordTest : public testing::Test {
 protected:
  const PastSession& Last() {
    EXPECT_FALSE(broker_.shard.past_sessions.sessions().empty());
    return broker_.shard.past_sessions.sessions().back();
  }
  size_t Endings() { return broker_.shard.past_sessions.sessions().size(); }
  uint64_t Count(CloseCode code) { return broker_.shard.metrics.of(code).value(); }
  static std::vector<std::string> Steps(const PastSession& past) {
    std::vector<std::string> steps;
    for (const FlightStep& step : past.flight) {
      steps.push_back(std::string(FlightKindText(step.kind())) + " " + std::string(step.topic()) +
                      " " + std::to_string(step.messages));
    }
    return steps;
  }

  SimBroker broker_;
};

TEST_F(SessionRecordTest, AnAbnormalEndIsRememberedWithItsFlight) {
  SimClient client(&broker_, "ann");
  client.Subscribe("a/#");
  client.Publish("a/1", "x");
  client.Publish("a/1", "y");
  client.Publish("b", "z");
  client.Subscribe("c");
  broker_.Turn();
  client.session().End(CloseCode::kKicked, "why not");
  const PastSession& past = Last();
  EXPECT_EQ(past.client_id, "ann");
  EXPECT_EQ(past.code, CloseCode::kKicked);
  EXPECT_EQ(past.detail, "why not");
  EXPECT_EQ(past.messages_in_total, 3U);
  EXPECT_EQ(past.messages_out_total, 2U);
  EXPECT_EQ(Steps(past), (std::vector<std::string>{"connect ann 1", "publish a/1 2", "publish b 1",
                                                   "subscribe c 1", "flush  1"}))
      << "what an idle client does begins no record";
  EXPECT_EQ(Count(CloseCode::kKicked), 1U);
  EXPECT_EQ(broker_.shard.flight_recorders.in_use(), 0U);
}

TEST_F(SessionRecordTest, AnIdleClientHasNoRecorder) {
  SimClient client(&broker_, "ann");
  client.Subscribe("a");
  client.Ping(1);
  client.session().OnFlushed(100, 0);
  broker_.Turn();
  EXPECT_EQ(broker_.shard.flight_recorders.in_use(), 0U);
  SimClient publisher(&broker_, "bob");
  publisher.Publish("a", "1");
  broker_.Turn();
  client.session().OnFlushed(100, 0);
  EXPECT_EQ(broker_.shard.flight_recorders.in_use(), 2U) << "now both are active";
}

TEST_F(SessionRecordTest, AGoodbyeIsRememberedWithoutFlight) {
  SimClient client(&broker_, "ann");
  client.Publish("a", "1");
  client.Disconnect("bye");
  broker_.Turn();
  EXPECT_EQ(Last().code, CloseCode::kGoodbye);
  EXPECT_TRUE(Last().flight.empty());
}

TEST_F(SessionRecordTest, WhoGoesWithoutAWordIsRememberedIfItWasSomebody) {
  SimClient nobody(&broker_);
  nobody.Vanish();
  EXPECT_EQ(Endings(), 0U) << "a port scanner";
  SimClient client(&broker_, "ann");
  client.Publish("a", "1");
  broker_.Turn();
  client.Vanish();
  EXPECT_EQ(Last().code, CloseCode::kConnectionLost);
  EXPECT_EQ(Last().flight.size(), 2U);
  EXPECT_EQ(Count(CloseCode::kConnectionLost), 1U);
}

TEST_F(SessionRecordTest, WhoNeverConnectedIsRememberedIfItWasRefused) {
  SimClient client(&broker_);
  ClientFrame ping;
  ping.mutable_ping()->set_id(1);
  client.Send(ping);
  broker_.Turn();
  EXPECT_EQ(Last().code, CloseCode::kConnectExpected);
  EXPECT_EQ(Last().client_id, "");
  EXPECT_EQ(Last().connected, base::Duration::zero());
}

}  // namespace
}  // namespace esockets::broker

#include "broker/closed_view.h"

#include <chrono>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;

PastSession Slow(uint64_t id, std::string client_id) {
  PastSession past{.session_id = id,
                   .client_id = std::move(client_id),
                   .connected = milliseconds(4000),
                   .ended = base::TimePoint(milliseconds(9000)),
                   .ended_us = 1'700'000'009'000'000,
                   .code = CloseCode::kSlowConsumer,
                   .detail = "limit 5 messages",
                   .oldest = milliseconds(70),
                   .dropped_messages_total = 8};
  past.sink.address = "127.0.0.1:4";
  past.sink.send_queue_bytes = 12;
  FlightStep step(FlightKind::kRefused, "", 1, 0);
  step.time = past.ended - milliseconds(70);
  step.queue_bytes = 12;
  past.flight.push_back(step);
  return past;
}

TEST(ClosedView, SaysHowWhenAndWithWhatTheLastFirst) {
  PastSessions past;
  past.Add(Slow(1, "ann"));
  past.Add(Slow(2, "bob"));
  admin::ClosedRequest request;
  const admin::Closed all = ClosedClients(past, request, Limits());
  ASSERT_EQ(all.clients_size(), 2);
  const admin::ClosedClient& last = all.clients(0);
  EXPECT_EQ(last.client_id(), "bob");
  EXPECT_EQ(last.code(), 241U);
  EXPECT_EQ(last.reason(), "SLOW_CONSUMER");
  EXPECT_EQ(last.detail(), "limit 5 messages");
  EXPECT_EQ(last.advice(), std::string(Info(CloseCode::kSlowConsumer).advice));
  EXPECT_EQ(last.connected_ms(), 4000U);
  EXPECT_EQ(last.closed_us(), 1'700'000'009'000'000U);
  EXPECT_EQ(last.address(), "127.0.0.1:4");
  EXPECT_EQ(last.oldest_ms(), 70U);
  EXPECT_EQ(last.send_queue_bytes(), 12U);
  EXPECT_EQ(last.dropped_messages_total(), 8U);
  EXPECT_EQ(last.flight_size(), 0) << "only if one is asked for";
}

TEST(ClosedView, OfOneClientOrSessionWithItsFlight) {
  PastSessions past;
  for (uint64_t id = 1; id <= 4; ++id) past.Add(Slow(id, id % 2 == 0 ? "even" : "odd"));
  admin::ClosedRequest request;
  request.set_client_id("even");
  admin::Closed some = ClosedClients(past, request, Limits());
  ASSERT_EQ(some.clients_size(), 2);
  EXPECT_EQ(some.clients(0).session_id(), 4U);
  ASSERT_EQ(some.clients(0).flight_size(), 1);
  EXPECT_EQ(some.clients(0).flight(0).kind(), "refused");
  EXPECT_EQ(some.clients(0).flight(0).time_us(), 1'700'000'008'930'000U);
  EXPECT_EQ(some.clients(0).flight(0).queue_bytes(), 12U);

  request.Clear();
  request.set_session_id(3);
  some = ClosedClients(past, request, Limits());
  ASSERT_EQ(some.clients_size(), 1);
  EXPECT_EQ(some.clients(0).client_id(), "odd");
  request.set_session_id(99);
  EXPECT_EQ(ClosedClients(past, request, Limits()).clients_size(), 0);
}

TEST(ClosedView, APageSaysThatThereAreMore) {
  PastSessions past;
  for (uint64_t id = 1; id <= 4; ++id) past.Add(Slow(id, "x"));
  admin::ClosedRequest request;
  request.set_limit(3);
  const admin::Closed page = ClosedClients(past, request, Limits());
  EXPECT_EQ(page.clients_size(), 3);
  EXPECT_TRUE(page.more());
}

}  // namespace
}  // namespace esockets::broker

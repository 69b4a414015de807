#include "broker/stream_view.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using tests::SimClient;
using Names = std::vector<std::string>;

// Three streams on one loop, two and four; the administrator is on the first of them.
class StreamViewTest : public testing::TestWithParam<uint32_t> {
 protected:
  StreamViewTest() {
    tests::PretendOnLoop();
    settings_.streams = {
        {.name = "state",
         .filter = "fleet/#",
         .limits = {.messages_max = 5, .age_max = milliseconds(60'000)},
         .message_ids = {}},
        {.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}},
        {.name = "log", .filter = "log", .limits = {}, .message_ids = {}},
    };
    settings_.limits.high_watermark_bytes = 200;
    cluster_ = std::make_unique<tests::SimCluster>(GetParam(), settings_, 64 << 10);
    asks_ = Join(0, "admin");
  }
  std::unique_ptr<SimClient> Join(uint32_t loop, std::string_view client_id) {
    tests::PretendOnLoop();
    auto client = std::make_unique<SimClient>(&cluster_->loop(loop % cluster_->size()));
    client->Connect(client_id);
    Settle();
    client->Lines();
    return client;
  }
  void Settle() {
    tests::PretendOnLoop();
    for (int turn = 0; turn < 20; ++turn) {
      for (uint32_t loop = 0; loop < cluster_->size(); ++loop) cluster_->loop(loop).Turn();
    }
  }
  void Pass(base::Duration time) {
    for (uint32_t loop = 0; loop < cluster_->size(); ++loop) {
      tests::SimExecutor& executor = cluster_->loop(loop).executor;
      executor.EndTurn();
      executor.Advance(time);
      executor.BeginTurn();
    }
    Settle();
  }
  void Publish(std::string_view topic, int messages) {
    tests::PretendOnLoop();
    for (int i = 0; i < messages; ++i) asks_->Publish(topic, "a payload of some bytes");
    Settle();
    asks_->Lines();
  }
  // A client that takes nothing more and has much to read, on another loop than the home's, if
  // there is one.
  std::unique_ptr<SimClient> Reader(std::string_view filter) {
    auto reader = Join(cluster_->loop(0).shard.streams.HomeOf(1) + 1, "reader");
    tests::PretendOnLoop();
    reader->sink.set_window(0);
    reader->Subscribe(filter, {.start = START_AT_TIME, .start_at = 1});
    Settle();
    return reader;
  }

  // The answer to the last request; of a refusal the code is in refused_.
  template <typename Reply>
  Reply Ask(std::string_view topic, const google::protobuf::MessageLite& request) {
    tests::PretendOnLoop();
    asks_->Request(topic, request.SerializeAsString());
    Settle();
    Reply reply;
    refused_.clear();
    for (const ServerFrame& frame : asks_->sink.TakeFrames()) {
      if (frame.has_error()) {
        refused_ = base::StrCat(frame.error().code(), " ", frame.error().detail());
      }
      EXPECT_TRUE(!frame.has_message() || reply.ParseFromString(frame.message().payload()));
    }
    return reply;
  }
  admin::Streams Streams(const admin::StreamsRequest& request = {}) {
    return Ask<admin::Streams>("$SYS/streams", request);
  }
  admin::Stream StreamNamed(std::string_view name) {
    admin::StreamsRequest request;
    request.set_name(std::string(name));
    const admin::Streams reply = Streams(request);
    EXPECT_EQ(reply.streams_size(), 1) << refused_;
    return reply.streams_size() == 1 ? reply.streams(0) : admin::Stream();
  }
  // "stream_messages chat" -> of all loops.
  std::map<std::string, uint64_t> Metrics() {
    std::map<std::string, uint64_t> values;
    const auto reply = Ask<admin::Metrics>("$SYS/metrics", admin::MetricsRequest());
    for (const admin::Metric& metric : reply.metrics()) {
      values[base::StrCat(metric.name(), metric.label().empty() ? "" : " ", metric.label())] =
          metric.value();
    }
    return values;
  }
  uint64_t SumOfMessages() const {
    uint64_t sum = 0;
    for (uint32_t loop = 0; loop < cluster_->size(); ++loop) {
      sum += cluster_->loop(loop).shard.metrics.streams[1].messages.value();
    }
    return sum;
  }
  static Names NamesOf(const admin::Streams& streams) {
    Names names;
    for (const admin::Stream& stream : streams.streams()) names.push_back(stream.name());
    return names;
  }

  Settings settings_;
  std::unique_ptr<tests::SimCluster> cluster_;
  std::unique_ptr<SimClient> asks_;
  std::string refused_;
};

INSTANTIATE_TEST_SUITE_P(Loops, StreamViewTest, testing::Values(1, 2, 4),
                         [](const auto& one) { return std::to_string(one.param); });

TEST_P(StreamViewTest, WhatAStreamKeepsAndWhatItMayKeep) {
  Publish("fleet/a", 3);
  Pass(milliseconds(500));
  Publish("fleet/b", 5);
  Pass(milliseconds(200));
  const admin::Stream stream = StreamNamed("state");
  EXPECT_EQ(stream.filter(), "fleet/#");
  EXPECT_EQ(stream.home_loop(), cluster_->loop(0).shard.streams.HomeOf(0));
  EXPECT_GT(stream.epoch(), 0U);
  EXPECT_EQ(stream.first_position(), 4U);
  EXPECT_EQ(stream.last_position(), 8U);
  EXPECT_EQ(stream.messages(), 5U);
  EXPECT_GT(stream.bytes(), 5U * 20);
  EXPECT_GT(stream.memory_bytes(), stream.bytes());
  EXPECT_EQ(stream.topics(), 1U);
  EXPECT_GE(stream.oldest_ms(), 200U);
  EXPECT_LT(stream.oldest_ms(), 500U) << "of those that are there";
  EXPECT_EQ(stream.messages_max(), 5U);
  EXPECT_EQ(stream.bytes_max(), StreamLimits().bytes_max);
  EXPECT_EQ(stream.age_max_ms(), 60'000U);
  EXPECT_EQ(stream.messages_per_topic_max(), 0U);
  const admin::Stream empty = StreamNamed("chat");
  EXPECT_EQ(empty.first_position(), 1U);
  EXPECT_EQ(empty.last_position(), 0U);
  EXPECT_EQ(empty.oldest_ms(), 0U);
}

TEST_P(StreamViewTest, WhoReadsIsCountedWhateverLoopItIsOn) {
  Publish("chat/1", 100);
  EXPECT_EQ(StreamNamed("chat").readers(), 0U);
  const auto reader = Reader("chat/+");
  EXPECT_EQ(StreamNamed("chat").readers(), 1U);
  EXPECT_EQ(StreamNamed("log").readers(), 0U);
  EXPECT_EQ(Metrics()["stream_readers chat"], 1U);
  tests::PretendOnLoop();
  reader->sink.Read(tests::FakeSink::kUnlimited);
  Settle();
  EXPECT_EQ(StreamNamed("chat").readers(), 0U) << "it is at the head";
  EXPECT_EQ(Metrics()["stream_read_messages_total"], 100U);
  EXPECT_GT(Metrics()["stream_read_pages_total"], 0U);
}

TEST_P(StreamViewTest, WhoLeavesOrBeginsElsewhereReadsNoMore) {
  Publish("chat/1", 100);
  auto reader = Reader("chat/+");
  tests::PretendOnLoop();
  reader->Subscribe("chat/+", {.start = START_LAST, .start_at = 90});
  Settle();
  EXPECT_EQ(StreamNamed("chat").readers(), 1U);
  reader.reset();
  Settle();
  EXPECT_EQ(StreamNamed("chat").readers(), 0U);
}

TEST_P(StreamViewTest, IdsThatAreRemembered) {
  tests::PretendOnLoop();
  asks_->PublishAcked("log", "x", {.message_id = "one"});
  asks_->PublishAcked("log", "x", {.message_id = "one"});
  asks_->PublishAcked("log", "y", {.message_id = "one"});
  Settle();
  asks_->Lines();
  EXPECT_EQ(StreamNamed("log").message_ids(), 1U);
  EXPECT_EQ(Metrics()["stored_messages_total"], 1U);
  EXPECT_EQ(Metrics()["repeated_messages_total"], 1U);
  EXPECT_EQ(Metrics()["errors_total MESSAGE_ID_USED"], 1U);
  Pass(MessageIdLimits().window);
  EXPECT_EQ(StreamNamed("log").message_ids(), 0U);
}

TEST_P(StreamViewTest, AllOfThemByNameInPages) {
  EXPECT_EQ(NamesOf(Streams()), (Names{"chat", "log", "state"}));
  admin::StreamsRequest request;
  request.set_limit(2);
  admin::Streams page = Streams(request);
  EXPECT_EQ(NamesOf(page), (Names{"chat", "log"}));
  EXPECT_TRUE(page.more());
  request.set_after_name("log");
  page = Streams(request);
  EXPECT_EQ(NamesOf(page), Names{"state"});
  EXPECT_FALSE(page.more());
}

TEST_P(StreamViewTest, AnUnknownNameIsRefused) {
  admin::StreamsRequest request;
  request.set_name("Chat");
  EXPECT_EQ(Streams(request).streams_size(), 0);
  EXPECT_EQ(refused_, "144 Chat");
}

TEST_P(StreamViewTest, MetricsOfEachStream) {
  Publish("fleet/a", 8);
  Publish("chat/1", 2);
  std::map<std::string, uint64_t> values = Metrics();
  EXPECT_EQ(values["stream_messages state"], 5U);
  EXPECT_EQ(values["stream_messages chat"], 2U);
  EXPECT_EQ(values["stream_last_position state"], 8U);
  EXPECT_EQ(values["stream_retired_messages_total state"], 3U);
  EXPECT_EQ(values["stream_retired_messages_total chat"], 0U);
  EXPECT_EQ(values["stream_bytes chat"], StreamNamed("chat").bytes());
  EXPECT_EQ(values["stream_memory_bytes chat"], StreamNamed("chat").memory_bytes());
  EXPECT_EQ(values["stored_messages_total"], 10U);
}

// For those who read the counters without asking a loop.
TEST_P(StreamViewTest, MetricsAreASecondOldAtMost) {
  Publish("chat/1", 2);
  EXPECT_EQ(SumOfMessages(), 0U);
  Pass(milliseconds(1'000));
  EXPECT_EQ(SumOfMessages(), 2U);
  Publish("chat/1", 1);
  Pass(milliseconds(1'000));
  EXPECT_EQ(SumOfMessages(), 3U);
}

}  // namespace
}  // namespace esockets::broker

// Scenario: what the shared vectors say is what this client writes, and what its program hears.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "base/topic.h"
#include "clients/cpp/frames.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/clients/cpp/conformance_scenarios.h"
#include "tests/clients/cpp/conformance_world.h"
#include "tests/conformance/vector.pb.h"
#include "tests/conformance/vectors.h"
#include "tests/support/scripted_broker.h"

namespace esockets::client::scenarios {
namespace {

using conformance::BytesOf;
using conformance::LoadVectors;
using conformance::Vector;
using Strings = std::vector<std::string>;

// --- what the client writes

PublishOptions OptionsOf(const esockets::Publish& publish) {
  PublishOptions options{.reply_to = publish.reply_to(),
                         .key = publish.key(),
                         .ttl_ms = publish.ttl_ms(),
                         .message_id = publish.message_id()};
  for (const auto& header : publish.headers()) {
    options.headers.emplace_back(header.name(), header.value());
  }
  return options;
}

std::string Encoded(const esockets::Connect& connect) {
  ClientOptions options{
      .client_id = connect.client_id(),
      .token = connect.token(),
      .user = connect.user(),
      .password = connect.password(),
      .name = connect.name(),
      .metadata = {connect.metadata().begin(), connect.metadata().end()},
      .keep_alive = std::chrono::milliseconds(connect.keep_alive_ms()),
  };
  if (connect.has_will()) {
    const esockets::Publish& message = connect.will().message();
    options.will = LastWill{.topic = message.topic(),
                            .payload = message.payload(),
                            .options = OptionsOf(message),
                            .delay = std::chrono::milliseconds(connect.will().delay_ms())};
  }
  std::string bytes;
  AppendConnect(options, options.token, connect.resume(), &bytes);
  return bytes;
}

Start StartOf(const esockets::Subscribe& subscribe) {
  switch (subscribe.start()) {
    case START_AFTER_POSITION:
      return Start::AfterPosition(subscribe.start_at(), subscribe.start_epoch());
    case START_AT_TIME:
      return Start::AtTime(subscribe.start_at());
    case START_LAST:
      return Start::Last(subscribe.start_at());
    case START_LAST_OF_EACH_TOPIC:
      return Start::LastOfEachTopic(subscribe.start_at());
    default:
      return Start::Now();
  }
}

std::string Encoded(const esockets::Subscribe& subscribe) {
  const SubscribeOptions options{
      .group = subscribe.group(),
      .group_strategy = static_cast<GroupStrategy>(subscribe.group_strategy()),
      .overflow = static_cast<Overflow>(subscribe.overflow()),
      .start = StartOf(subscribe),
      .last_values = !subscribe.skip_last_values(),
      .max_backlog_messages = subscribe.max_backlog_messages(),
      .max_backlog_bytes = subscribe.max_backlog_bytes(),
      .max_backlog_age_ms = subscribe.max_backlog_age_ms()};
  std::string bytes;
  AppendSubscribe(subscribe.filter(), options, subscribe.id(), &bytes);
  return bytes;
}

std::string Encoded(const ClientFrame& frame) {
  if (frame.has_connect()) return Encoded(frame.connect());
  if (frame.has_subscribe()) return Encoded(frame.subscribe());
  std::string bytes;
  if (frame.has_publish()) {
    const esockets::Publish& publish = frame.publish();
    AppendPublish(publish.topic(), publish.payload(), OptionsOf(publish),
                  {.id = publish.id(), .confirm_ms = publish.confirm_ms()}, &bytes);
  } else if (frame.has_unsubscribe()) {
    AppendUnsubscribe({frame.unsubscribe().filter(), frame.unsubscribe().group()},
                      frame.unsubscribe().id(), &bytes);
  } else if (frame.has_ping()) {
    AppendPing(frame.ping().id(), &bytes);
  } else if (frame.has_refresh()) {
    AppendRefresh(frame.refresh().token(), frame.refresh().id(), &bytes);
  } else {
    AppendDisconnect(frame.disconnect().reason(), &bytes);
  }
  return bytes;
}

void ExpectWritten() {
  for (const Vector& vector : LoadVectors("client_frames.jsonl")) {
    // This client speaks version 1.
    const bool is_newer = vector.client().connect().protocol_version() > 1;
    if (vector.decode_only() || is_newer) continue;
    EXPECT_EQ(Encoded(vector.client()), BytesOf(vector)) << vector.name();
  }
}

// --- what its program hears

std::string LineOf(const Message& message) {
  std::string line =
      base::StrCat("message ", message.topic, " ", message.payload, " ", message.reply_to, " ",
                   message.key, " ", message.ttl_ms, " ", message.group, " ", message.time_us, " ",
                   message.publisher, " ", message.position);
  for (const auto& [name, value] : message.headers) base::StrAppend(&line, " ", name, "=", value);
  return line;
}

std::string LineOf(const Gap& gap) {
  return base::StrCat("gap ", gap.filter, " ", gap.messages, " ", gap.bytes, " ", gap.from_us, "-",
                      gap.to_us, " ", gap.reason, " ", gap.conflated, " ", gap.expired, " ",
                      gap.from_position, "-", gap.to_position, " ", gap.group);
}

std::string LineOf(std::string_view kind, const BrokerError& error) {
  return base::StrCat(kind, " ", error.code, " ", error.text, " ", error.detail, " ",
                      error.retryable, " ", error.retry_after_ms, " ", error.advice);
}

// Of a frame that nobody waits for; nothing: none is told of it.
std::optional<std::string> ExpectedLine(const ServerFrame& frame) {
  if (frame.has_message()) {
    const esockets::Message& told = frame.message();
    Message message{.topic = told.topic(),
                    .payload = told.payload(),
                    .reply_to = told.reply_to(),
                    .key = told.key(),
                    .ttl_ms = told.ttl_ms(),
                    .time_us = told.time_us(),
                    .publisher = told.publisher(),
                    .position = told.position(),
                    .group = told.group()};
    for (const auto& header : told.headers()) {
      message.headers.emplace_back(header.name(), header.value());
    }
    return LineOf(message);
  }
  if (frame.has_gap()) {
    const esockets::Gap& told = frame.gap();
    return LineOf(Gap{.filter = told.filter(),
                      .messages = told.messages(),
                      .bytes = told.bytes(),
                      .from_us = told.from_us(),
                      .to_us = told.to_us(),
                      .reason = esockets::Gap::Reason_Name(told.reason()),
                      .conflated = told.conflated(),
                      .expired = told.expired(),
                      .from_position = told.from_position(),
                      .to_position = told.to_position(),
                      .group = told.group()});
  }
  if (frame.has_snapshot_end()) return "snapshot " + frame.snapshot_end().filter();
  if (frame.has_go_away()) return base::StrCat("go away ", frame.go_away().code());
  // What the library acts on by itself: an Unsubscribe, or a request, whose time is over.
  const bool is_acted_on = frame.error().code() == kNotSubscribedCode ||
                           frame.error().code() == kNoRespondersCode ||
                           frame.error().code() == kInboxNotAllowedCode;
  if (frame.has_error() && !is_acted_on) return base::StrCat("error ", frame.error().code());
  return std::nullopt;
}

ClientEvents Events(Diary* diary) {
  ClientEvents events = diary->events();
  events.on_gap = [diary](const Gap& gap) { diary->Note(LineOf(gap)); };
  events.on_close = [diary](const BrokerError& close) { diary->Note(LineOf("close", close)); };
  return events;
}

ClientOptions OptionsFor(const tests::ScriptedBroker& broker) {
  return {.address = broker.address(),
          .reconnect = true,
          .backoff_min = std::chrono::milliseconds(1),
          .backoff_max = std::chrono::milliseconds(20)};
}

// One connection gets all that ends none.
void ExpectHeard() {
  constexpr std::string_view kGroupFilter = "jobs/#";
  tests::BrokerScript script{.filter = std::string(kGroupFilter)};
  Strings expected{"connecting", "connected"};
  for (const Vector& vector : LoadVectors("server_frames.jsonl")) {
    if (vector.server().has_close()) continue;
    script.after_subscribed += BytesOf(vector);
    if (const auto line = ExpectedLine(vector.server())) expected.push_back(*line);
  }
  const tests::ScriptedBroker broker(script);
  Diary diary;
  const auto client = World::Connect(OptionsFor(broker), Events(&diary));
  ASSERT_NE(client, nullptr);
  const auto pen = [&diary](const MessageView& message) {
    diary.Note(LineOf(Message::CopyOf(message)));
  };
  ASSERT_TRUE(client->Subscribe("#", {}, pen).ok());
  ASSERT_TRUE(client->Subscribe(kGroupFilter, {.group = "workers"}, pen).ok());
  EXPECT_EQ(diary.AwaitLines(expected.size()), expected);
  EXPECT_EQ(client->connects_total(), 1U);
}

void ExpectEnd(const Vector& vector) {
  const Close& told = vector.server().close();
  tests::BrokerScript script{.after_connected = BytesOf(vector)};
  const tests::ScriptedBroker broker(script);
  Diary diary;
  const auto client = Client::Create(OptionsFor(broker), Events(&diary));
  EXPECT_TRUE(diary.Await(LineOf("close", {.code = told.code(),
                                           .text = told.text(),
                                           .detail = told.detail(),
                                           .retryable = told.retryable(),
                                           .retry_after_ms = told.retry_after_ms(),
                                           .advice = told.advice()})));
  EXPECT_TRUE(diary.Await(told.retryable() ? "waiting" : "closed"));
  EXPECT_EQ(BrokerCode(diary.reason()), told.code());
}

// It is given up without a word, and made anew.
void ExpectGivenUp(const Vector& vector) {
  tests::ScriptedBroker broker({.after_connected = BytesOf(vector)});
  Diary diary;
  const auto client = Client::Create(OptionsFor(broker), Events(&diary));
  EXPECT_TRUE(diary.Await("waiting"));
  EXPECT_FALSE(diary.reason().ok());
  EXPECT_EQ(BrokerCode(diary.reason()), 0U);
  broker.AwaitConnections(2);
}

}  // namespace

void Vectors() {
  ExpectWritten();
  ExpectHeard();
  for (const Vector& vector : LoadVectors("server_frames.jsonl")) {
    SCOPED_TRACE(vector.name());
    if (vector.server().has_close()) ExpectEnd(vector);
  }
  for (const Vector& vector : LoadVectors("broken_server_frames.jsonl")) {
    SCOPED_TRACE(vector.name());
    ExpectGivenUp(vector);
  }
  for (const Vector& vector : LoadVectors("topics.jsonl")) {
    SCOPED_TRACE(vector.ShortDebugString());
    if (vector.has_matches()) {
      EXPECT_EQ(base::FilterMatches(vector.filter(), vector.topic()), vector.matches());
    } else if (vector.has_filter()) {
      EXPECT_EQ(base::CheckFilter(vector.filter(), {}) == base::TopicError::kOk, vector.valid());
    } else {
      EXPECT_EQ(base::CheckTopic(vector.topic(), {}) == base::TopicError::kOk, vector.valid());
    }
  }
}

}  // namespace esockets::client::scenarios

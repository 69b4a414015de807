#include "proto/publish_run.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "proto/client_frame_decoder.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "proto/message_frame.h"
#include "proto/varint.h"

namespace esockets::proto {
namespace {

using namespace std::string_view_literals;

constexpr PublishRun::Limits kLimits{.frame_bytes_max = 1 << 20, .payload_bytes_max = 1'000'000};

std::string Framed(const ClientFrame& frame) {
  char prefix[kVarint64BytesMax];
  std::string bytes(prefix, PutVarint(frame.ByteSizeLong(), prefix));
  frame.AppendToString(&bytes);
  return bytes;
}

std::string Publish(std::string_view topic, std::string_view payload) {
  ClientFrame frame;
  frame.mutable_publish()->set_topic(std::string(topic));
  frame.mutable_publish()->set_payload(std::string(payload));
  return Framed(frame);
}

TEST(PublishRun, TakesWhatFollowsToTheSameTopic) {
  const std::vector<std::string> frames = {
      Publish("a/b", "one"), Publish("a/b", "two"),  Publish("a/b", std::string(300, 'x')),
      Publish("a/b", ""),    Publish("a/b", "four"), Publish("a/c", "other")};
  std::string bytes;
  for (const std::string& frame : frames) bytes += frame;
  PublishRun run;
  ASSERT_TRUE(run.Begin(bytes, kLimits));
  EXPECT_EQ(run.frames().count(), 1U);
  run.Extend(100);
  EXPECT_EQ(run.topic(), "a/b");
  EXPECT_EQ(run.frames().count(), 5U);
  EXPECT_EQ(run.payload_bytes(), 3U + 3 + 300 + 0 + 4);
  EXPECT_EQ(run.bytes(), bytes.size() - frames.back().size());
  base::FrameSequence rest = run.frames();
  for (size_t i = 0; i < 5; ++i, rest.RemoveFirst(1)) EXPECT_EQ(rest.front(), frames[i]);
}

TEST(PublishRun, TakesNoMoreThanItIsAllowed) {
  const std::string bytes = Publish("a", "1") + Publish("a", "2") + Publish("a", "3");
  PublishRun run;
  ASSERT_TRUE(run.Begin(bytes, kLimits));
  run.Extend(1);
  EXPECT_EQ(run.frames().count(), 1U);
  run.Extend(2);
  EXPECT_EQ(run.frames().count(), 2U);
}

TEST(PublishRun, LeavesAnythingElseToOthers) {
  ClientFrame with_id, with_header, ping;
  with_id.mutable_publish()->set_topic("a");
  with_id.mutable_publish()->set_id(7);
  with_header.mutable_publish()->set_topic("a");
  with_header.mutable_publish()->add_headers()->set_name("n");
  ping.mutable_ping()->set_id(1);
  const struct {
    const char* what;
    std::string bytes;
  } kCases[] = {
      {"nothing", ""},
      {"with an id", Framed(with_id)},
      {"with a header", Framed(with_header)},
      {"another command", Framed(ping)},
      {"no topic", Publish("", "x")},
      {"not UTF-8", std::string("\x07\x22\x05\x0A\x01\xFF\x12\x00"sv)},
      {"too large", Publish("a", std::string((1 << 20) + 1, 'x'))},
      {"payload too large", Publish("a", std::string(1'000'001, 'x'))},
      {"payload before the topic", std::string("\x08\x22\x06\x12\x01p\x0A\x01t"sv)},
      {"a length longer than necessary", std::string("\x85\x00\x22\x03\x0A\x01t"sv)},
      {"an inner length too long", std::string("\x06\x22\x83\x00\x0A\x01t"sv)},
      {"two fields after the payload", std::string("\x0A\x22\x08\x0A\x01t\x12\x01p\x12\x00"sv)},
      {"inner length beyond the frame", std::string("\x05\x22\x04\x0A\x01t"sv)},
      {"topic beyond the frame", std::string("\x05\x22\x03\x0A\x7Ft"sv)},
      {"an endless length", std::string("\xFF\xFF\xFF\xFF\xFF\xFF"sv)},
  };
  PublishRun run;
  for (const auto& c : kCases) {
    if (std::string_view(c.what) == "no topic") continue;  // it is one, and for others to refuse
    EXPECT_FALSE(run.Begin(c.bytes, kLimits)) << c.what;
    const std::string good = Publish("t", "1");
    const std::string bytes = good + c.bytes;
    ASSERT_TRUE(run.Begin(bytes, kLimits));
    run.Extend(100);
    EXPECT_EQ(run.bytes(), good.size()) << c.what;
  }
}

TEST(PublishRun, LeavesAnUnfinishedFrame) {
  const std::string whole = Publish("a/b", std::string(200, 'x'));
  PublishRun run;
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    EXPECT_FALSE(run.Begin(std::string_view(whole).substr(0, bytes), kLimits)) << bytes;
    const std::string twice = whole + whole.substr(0, bytes);
    ASSERT_TRUE(run.Begin(twice, kLimits));
    run.Extend(100);
    EXPECT_EQ(run.bytes(), whole.size()) << bytes;
  }
}

// What it takes, the decoder reads as the same, and the frame is the one that would be delivered.
TEST(PublishRun, ReadsAsTheDecoderDoes) {
  for (const size_t payload_bytes : {0, 1, 100, 120, 127, 128, 300, 16'500}) {
    const std::string bytes = Publish("telemetry/cpu", std::string(payload_bytes, 'x'));
    PublishRun run;
    ASSERT_TRUE(run.Begin(bytes, kLimits));
    std::string_view body;
    size_t consumed = 0, needed = 0;
    ASSERT_EQ(CutFrame(bytes, 1 << 20, &body, &consumed, &needed), CutResult::kFrame);
    ClientFrameView view;
    ASSERT_EQ(DecodeClientFrame(body, &view), DecodeError::kOk);
    const auto& publish = std::get<PublishView>(view.command);
    EXPECT_EQ(run.topic(), publish.topic);
    EXPECT_EQ(run.payload_bytes(), publish.payload.size());
    ASSERT_EQ(publish.piece_count, 1U);
    EXPECT_EQ(FieldsOfFrame(run.frames().front()), publish.pieces[0]);
    MessageFrame frame;
    frame.Assign(publish.topic, publish.forwarded());
    std::string copy(run.frames().view());
    MarkAsMessages(copy.data(), run.frames());
    EXPECT_EQ(copy, frame.frames().view());
  }
}

}  // namespace
}  // namespace esockets::proto

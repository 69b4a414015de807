#include "proto/publish_run.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/client_frame_decoder.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "proto/message_frame.h"
#include "proto/varint.h"

namespace esockets::proto {
namespace {

using namespace std::string_view_literals;

constexpr PublishRun::Limits kLimits{
    .frame_bytes_max = 1 << 20, .payload_bytes_max = 1'000'000, .frames_max = 100};

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

bool Any(std::string_view) { return true; }

class PublishRunTest : public testing::Test {
 protected:
  std::span<const PublishRun> Cut(std::string_view bytes, PublishRuns::Accept accept = Any) {
    return runs_.Cut(bytes, kLimits, accept);
  }
  size_t BytesCut(std::string_view bytes) {
    size_t cut = 0;
    for (const PublishRun& run : Cut(bytes)) cut += run.bytes();
    return cut;
  }

  PublishRuns runs_;
};

TEST_F(PublishRunTest, ARunIsWhatFollowsToTheSameTopic) {
  const std::vector<std::string> frames = {
      Publish("a/b", "one"), Publish("a/b", "two"),  Publish("a/b", std::string(300, 'x')),
      Publish("a/b", ""),    Publish("a/b", "four"), Publish("a/c", "other")};
  std::string bytes;
  for (const std::string& frame : frames) bytes += frame;
  const auto runs = Cut(bytes);
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].topic(), "a/b");
  EXPECT_EQ(runs[0].frames().count(), 5U);
  EXPECT_EQ(runs[0].payload_bytes(), 3U + 3 + 300 + 0 + 4);
  EXPECT_EQ(runs[0].bytes(), bytes.size() - frames.back().size());
  base::FrameSequence rest = runs[0].frames();
  for (size_t i = 0; i < 5; ++i, rest.RemoveFirst(1)) EXPECT_EQ(rest.front(), frames[i]);
  EXPECT_EQ(runs[1].topic(), "a/c");
  EXPECT_EQ(runs[1].frames().view(), frames[5]);
}

TEST_F(PublishRunTest, TopicsOfOneLengthAreNotMistakenForEachOther) {
  std::string bytes;
  for (const std::string_view topic : {"a/1", "a/2", "b/2", "a/2", "a/2", "a2", "a/2"}) {
    bytes += Publish(topic, "x");
  }
  std::string topics;
  for (const PublishRun& run : Cut(bytes)) {
    topics += base::StrCat(run.topic(), "*", run.frames().count(), " ");
  }
  EXPECT_EQ(topics, "a/1*1 a/2*1 b/2*1 a/2*2 a2*1 a/2*1 ");
}

TEST_F(PublishRunTest, TakesNoMoreThanItIsAllowed) {
  const std::string bytes = Publish("a", "1") + Publish("a", "2") + Publish("a", "3");
  PublishRun::Limits two = kLimits;
  two.frames_max = 2;
  const auto runs = runs_.Cut(bytes, two, Any);
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].frames().count(), 2U);
  EXPECT_EQ(runs[1].frames().count(), 1U);

  std::string many;
  for (size_t i = 0; i < 2 * PublishRuns::kRunsMax; ++i) many += Publish(std::to_string(i), "x");
  EXPECT_EQ(Cut(many).size(), PublishRuns::kRunsMax);
}

TEST_F(PublishRunTest, EndsBeforeATopicThatIsRefused) {
  const std::string bytes = Publish("a", "1") + Publish("$SYS", "2") + Publish("a", "3");
  const auto accept = [](std::string_view topic) { return topic[0] != '$'; };
  EXPECT_EQ(Cut(bytes, accept).size(), 1U);
  EXPECT_EQ(Cut(std::string_view(bytes).substr(Publish("a", "1").size()), accept).size(), 0U);
}

TEST_F(PublishRunTest, LeavesAnythingElseToOthers) {
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
      {"too large", Publish("a", std::string((1 << 20) + 1, 'x'))},
      {"payload too large", Publish("a", std::string(1'000'001, 'x'))},
      {"payload before the topic", std::string("\x08\x22\x06\x12\x01p\x0A\x01t"sv)},
      {"a length longer than necessary", std::string("\x85\x00\x22\x03\x0A\x01t"sv)},
      {"an inner length too long", std::string("\x06\x22\x83\x00\x0A\x01t"sv)},
      {"a field after the payload", std::string("\x0A\x22\x08\x0A\x01t\x12\x01p\x12\x00"sv)},
      {"inner length beyond the frame", std::string("\x05\x22\x04\x0A\x01t"sv)},
      {"topic beyond the frame", std::string("\x05\x22\x03\x0A\x7Ft"sv)},
      {"an endless length", std::string("\xFF\xFF\xFF\xFF\xFF\xFF"sv)},
  };
  const std::string good = Publish("t", "1");
  for (const auto& c : kCases) {
    EXPECT_EQ(BytesCut(c.bytes), 0U) << c.what;
    EXPECT_EQ(BytesCut(good + c.bytes), good.size()) << c.what;
    EXPECT_EQ(BytesCut(good + Publish("u", "2") + c.bytes), 2 * good.size()) << c.what;
  }
}

TEST_F(PublishRunTest, LeavesAnUnfinishedFrame) {
  const std::string whole = Publish("a/b", std::string(200, 'x'));
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    EXPECT_EQ(BytesCut(std::string_view(whole).substr(0, bytes)), 0U) << bytes;
    EXPECT_EQ(BytesCut(whole + whole.substr(0, bytes)), whole.size()) << bytes;
  }
}

// What it takes, the decoder reads as the same, and the frame is the one that would be delivered.
TEST_F(PublishRunTest, ReadsAsTheDecoderDoes) {
  for (const size_t payload_bytes : {0, 1, 100, 120, 127, 128, 300, 16'500}) {
    const std::string bytes = Publish("telemetry/cpu", std::string(payload_bytes, 'x'));
    const auto runs = Cut(bytes);
    ASSERT_EQ(runs.size(), 1U);
    std::string_view body;
    size_t consumed = 0, needed = 0;
    ASSERT_EQ(CutFrame(bytes, 1 << 20, &body, &consumed, &needed), CutResult::kFrame);
    ClientFrameView view;
    ASSERT_EQ(DecodeClientFrame(body, &view), DecodeError::kOk);
    const auto& publish = std::get<PublishView>(view.command);
    EXPECT_EQ(runs[0].topic(), publish.topic);
    EXPECT_EQ(runs[0].payload_bytes(), publish.payload.size());
    ASSERT_EQ(publish.piece_count, 1U);
    EXPECT_EQ(FieldsOfFrame(runs[0].frames().front()), publish.pieces[0]);
    MessageFrame frame;
    frame.Assign(publish.topic, publish.forwarded());
    std::string copy(runs[0].frames().view());
    MarkAsMessages(copy.data(), runs[0].frames());
    EXPECT_EQ(copy, frame.frames().view());
  }
}

}  // namespace
}  // namespace esockets::proto

#include "proto/message_frame.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "proto/server_frame_encoder.h"

namespace esockets::proto {
namespace {

std::string Joined(std::span<const std::string_view> pieces) {
  std::string all;
  for (const std::string_view piece : pieces) all += piece;
  return all;
}

TEST(MessageFrame, HoldsItsFieldsAndKnowsItsTopic) {
  for (const size_t payload_bytes : {0, 1, 100, 127, 128, 16'383, 20'000}) {
    const std::string payload(payload_bytes, 'x');
    const TopicAndPayload fields("room/42", payload);
    MessageFrame frame;
    frame.Assign(fields.pieces()[1], fields.pieces());
    EXPECT_EQ(frame.topic(), "room/42");
    EXPECT_GE(frame.topic().data(), frame.frames().front().data());
    EXPECT_EQ(FieldsOfFrame(frame.frames().front()), Joined(fields.pieces()));
    EXPECT_EQ(frame.frames().count(), 1U);
    EXPECT_EQ(frame.frames().view(), frame.frames().front());
  }
}

TEST(MessageFrame, FindsATopicInsideAPiece) {
  const std::string_view fields =
      "\x12\x01p\x0A\x03"
      "a/b";
  const std::string_view pieces[] = {fields.substr(0, 3), fields.substr(3)};
  MessageFrame frame;
  frame.Assign(fields.substr(5), pieces);
  EXPECT_EQ(frame.topic(), "a/b");
}

TEST(MessageFrame, BecomesAMessageByItsTag) {
  std::string bytes;
  std::vector<uint32_t> ends;
  for (const size_t payload_bytes : {1, 200, 20'000}) {
    const std::string payload(payload_bytes, 'x');
    const TopicAndPayload fields("a", payload);
    MessageFrame frame;
    frame.Assign(fields.pieces()[1], fields.pieces());
    bytes += frame.frames().view();
    ends.push_back(static_cast<uint32_t>(bytes.size()));
  }
  const std::string wanted = bytes;
  // As if it came from somebody else's Publish; all but the first frame, which is left alone.
  base::FrameSequence frames{.bytes = bytes, .begin = 0, .ends = ends};
  frames.RemoveFirst(1);
  std::string copy(frames.view());
  copy[FieldsOfFrame(frames.First(1).front()).size() > 127 ? 2 : 1] = '\x22';
  MarkAsMessages(copy.data(), frames);
  EXPECT_EQ(copy, wanted.substr(ends[0]));
}

}  // namespace
}  // namespace esockets::proto

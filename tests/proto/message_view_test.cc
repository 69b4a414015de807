#include "proto/message_view.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "proto/pair_range.h"

namespace esockets::proto {
namespace {

using namespace std::string_view_literals;

TEST(MessageView, EveryField) {
  ServerFrame frame;
  Message& message = *frame.mutable_message();
  message.set_topic("a/b");
  message.set_payload("p");
  message.set_reply_to("r");
  message.set_key("k");
  message.set_ttl_ms(7);
  message.set_group("g");
  message.set_time_us(123'456'789);
  message.set_publisher(42);
  message.add_headers()->set_name("n");
  message.add_headers()->set_value("v");
  const std::string body = frame.SerializeAsString();

  MessageView view;
  ASSERT_TRUE(DecodeMessage(body, &view));
  EXPECT_EQ(view.topic, "a/b");
  EXPECT_EQ(view.payload, "p");
  EXPECT_EQ(view.reply_to, "r");
  EXPECT_EQ(view.key, "k");
  EXPECT_EQ(view.ttl_ms, 7u);
  EXPECT_EQ(view.group, "g");
  EXPECT_EQ(view.time_us, 123'456'789u);
  EXPECT_EQ(view.publisher, 42u);
  std::vector<Pair> headers;
  for (const Pair& header : view.headers) headers.push_back(header);
  EXPECT_EQ(headers, (std::vector<Pair>{{"n", ""}, {"", "v"}}));
}

TEST(MessageView, NewFieldsOfANewerBrokerAreReadOver) {
  MessageView view;
  // Fields 18 as number, 19 as bytes, 20 as fixed32, 21 as fixed64.
  ASSERT_TRUE(DecodeMessage(
      "\x12\x1A\x0A\x01t\x90\x01\x05\x9A\x01\x01x\xA5\x01....\xA9\x01........"sv, &view));
  EXPECT_EQ(view.topic, "t");
}

TEST(MessageView, OthersAreLeftToProtobuf) {
  const struct {
    const char* name;
    std::string_view body;
  } cases[] = {
      {"nothing", ""sv},
      {"another kind", "\x5A\x02\x08\x01"sv},
      {"two kinds", "\x12\x00\x5A\x00"sv},
      {"cut short", "\x12\x05\x0A"sv},
      {"field cut short", "\x12\x02\x0A\x05"sv},
      {"group", "\x12\x02\x0B\x0C"sv},
  };
  for (const auto& c : cases) {
    MessageView view;
    EXPECT_FALSE(DecodeMessage(c.body, &view)) << c.name;
  }
}

}  // namespace
}  // namespace esockets::proto

#include "gateways/native/native_wire_form.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "server/event_loop.h"
#include "server/limits.h"
#include "tests/support/published.h"

namespace esockets::native {
namespace {

base::BlockSpan Encode(NativeWireForm& form, server::EventLoop& loop, std::string_view payload) {
  loop.AssertOnLoop();
  size_t encoded = 0;
  base::BlockSpan span = form.Encode(tests::Published("a/b", payload, 42).messages(), &encoded);
  EXPECT_EQ(encoded, 1U);
  return span;
}

Message Parsed(std::string_view bytes) {
  ServerFrame frame;
  std::string_view body;
  size_t consumed = 0;
  size_t needed = 0;
  EXPECT_EQ(proto::CutFrame(bytes, 1u << 30, &body, &consumed, &needed), proto::CutResult::kFrame);
  EXPECT_EQ(consumed, bytes.size());
  EXPECT_TRUE(frame.ParseFromArray(body.data(), static_cast<int>(body.size())));
  return frame.message();
}

TEST(NativeWireForm, FramesLieBackToBack) {
  server::EventLoop loop({});
  NativeWireForm form(&loop, {});
  const base::BlockSpan first = Encode(form, loop, "one");
  const base::BlockSpan second = Encode(form, loop, "two");
  EXPECT_TRUE(first.IsFollowedBy(second));
  EXPECT_EQ(Parsed(first.view()).payload(), "one");
  EXPECT_EQ(Parsed(second.view()).topic(), "a/b");
}

TEST(NativeWireForm, AMessageLargerThanAChunkHasABlockOfItsOwn) {
  server::EventLoop loop({});
  NativeWireForm form(&loop, {});
  const base::BlockSpan before = Encode(form, loop, "one");
  const base::BlockSpan large =
      Encode(form, loop, std::string(size_t{2} * server::kChunkBytes, 'x'));
  EXPECT_FALSE(before.IsFollowedBy(large));
  EXPECT_EQ(Parsed(large.view()).payload().size(), 2 * server::kChunkBytes);
  EXPECT_TRUE(before.IsFollowedBy(Encode(form, loop, "two")));
}

TEST(NativeWireForm, StampsAreWrittenWhereTheyAreConfigured) {
  server::EventLoop loop({});
  for (const bool time : {false, true}) {
    for (const bool publisher : {false, true}) {
      NativeWireForm form(&loop, {.time = time, .publisher = publisher});
      const Message message = Parsed(Encode(form, loop, "one").view());
      EXPECT_EQ(message.time_us() != 0, time);
      EXPECT_EQ(message.publisher(), publisher ? 42U : 0U);
    }
  }
}

}  // namespace
}  // namespace esockets::native

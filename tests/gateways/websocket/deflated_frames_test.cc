#include "gateways/websocket/deflated_frames.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "server/frame_arena.h"
#include "server/websocket/deflate.h"
#include "tests/support/websocket_wire.h"

namespace esockets::websocket {
namespace {

std::string Bytes(const DeflatedFrames::Form& form) {
  std::string bytes;
  for (const base::BlockSpan& span : form.spans) bytes += span.view();
  return bytes;
}

// `count` frames that lie back to back.
base::BlockSpan WriteFrames(server::EventLoop& loop, int count, std::string* all) {
  base::BlockSpan span;
  for (int i = 0; i < count; ++i) {
    const std::string frame = "frame " + std::to_string(i) + std::string(200, 'x');
    const base::BlockSpan next = loop.arena().Write(frame);
    *all += frame;
    if (span.empty()) span = next;
    span.end = next.end;
  }
  return span;
}

TEST(DeflatedFrames, AMessageForEachFrame) {
  server::EventLoop loop({});
  DeflatedFrames deflated(&loop);
  std::string all;
  const base::BlockSpan frames = WriteFrames(loop, 20, &all);
  const DeflatedFrames::Form& form = deflated.Of(frames, kWindowBitsMax);
  EXPECT_LT(form.bytes, all.size() / 4);
  EXPECT_EQ(form.spans.size(), 1U) << "they lie back to back";
  tests::WebSocketWire wire(/*deflate=*/true);
  EXPECT_EQ(wire.Take(Bytes(form)), all);
  EXPECT_EQ(wire.compressed(), 20);
}

TEST(DeflatedFrames, ARunIsCompressedOnceForAllWhoGetIt) {
  server::EventLoop loop({});
  DeflatedFrames deflated(&loop);
  std::string all;
  const base::BlockSpan frames = WriteFrames(loop, 3, &all);
  for (int subscriber = 0; subscriber < 1000; ++subscriber) deflated.Of(frames, kWindowBitsMax);
  EXPECT_EQ(deflated.runs_total(), 1U);
  deflated.Of(frames, kWindowBitsMin);
  EXPECT_EQ(deflated.runs_total(), 2U) << "for a smaller window it is another form";
}

TEST(DeflatedFrames, OnlyTheLastRunsAreKept) {
  server::EventLoop loop({});
  DeflatedFrames deflated(&loop);
  const size_t before = loop.arena().bytes_in_use();
  std::string all;
  for (int run = 0; run < 1000; ++run) deflated.Of(WriteFrames(loop, 100, &all), kWindowBitsMax);
  EXPECT_LE(loop.arena().bytes_in_use() - before, 20U * 64 * 1024);
}

TEST(DeflatedFrames, WhatDoesNotShrinkGoesAsItIs) {
  server::EventLoop loop({});
  DeflatedFrames deflated(&loop);
  const base::BlockSpan frame = loop.arena().Write("short");
  tests::WebSocketWire wire(/*deflate=*/true);
  EXPECT_EQ(wire.Take(Bytes(deflated.Of(frame, kWindowBitsMax))), "short");
  EXPECT_EQ(wire.compressed(), 0);
}

}  // namespace
}  // namespace esockets::websocket

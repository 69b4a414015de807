#include "clients/cpp/server_frames.h"

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

TEST(ServerFrames, GapHasEveryField) {
  esockets::Gap frame;
  frame.set_filter("a/#");
  frame.set_messages(1);
  frame.set_bytes(2);
  frame.set_from_us(3);
  frame.set_to_us(4);
  frame.set_reason(esockets::Gap::TOO_OLD);
  frame.set_conflated(5);
  frame.set_expired(6);
  frame.set_from_position(7);
  frame.set_to_position(8);
  frame.set_group("workers");
  const Gap gap = GapOf(frame);
  EXPECT_EQ(gap.filter, "a/#");
  EXPECT_EQ(gap.messages, 1u);
  EXPECT_EQ(gap.bytes, 2u);
  EXPECT_EQ(gap.from_us, 3u);
  EXPECT_EQ(gap.to_us, 4u);
  EXPECT_EQ(gap.reason, "TOO_OLD");
  EXPECT_EQ(gap.conflated, 5u);
  EXPECT_EQ(gap.expired, 6u);
  EXPECT_EQ(gap.from_position, 7u);
  EXPECT_EQ(gap.to_position, 8u);
  EXPECT_EQ(gap.group, "workers");
}

TEST(ServerFrames, DeliveryHasEveryField) {
  esockets::Delivery frame;
  frame.set_matched(15);
  frame.set_written(1);
  frame.set_queued(2);
  frame.set_conflated(3);
  frame.set_dropped(4);
  frame.set_gone(5);
  const Delivery delivery = DeliveryOf(frame);
  EXPECT_EQ(delivery.matched, 15u);
  EXPECT_EQ(delivery.written, 1u);
  EXPECT_EQ(delivery.queued, 2u);
  EXPECT_EQ(delivery.conflated, 3u);
  EXPECT_EQ(delivery.dropped, 4u);
  EXPECT_EQ(delivery.gone, 5u);
}

TEST(ServerFrames, WhatConcernsAStreamHasEveryField) {
  esockets::Stored stored_frame;
  stored_frame.set_epoch(1);
  stored_frame.set_position(2);
  stored_frame.set_repeated(true);
  const Stored stored = StoredOf(stored_frame);
  EXPECT_EQ(stored.epoch, 1u);
  EXPECT_EQ(stored.position, 2u);
  EXPECT_TRUE(stored.repeated);

  esockets::StreamStart start_frame;
  start_frame.set_name("chat");
  start_frame.set_epoch(1);
  start_frame.set_position(2);
  start_frame.set_recovered(true);
  start_frame.set_overflow(OVERFLOW_CONFLATE);
  const StreamStart start = StreamStartOf(start_frame);
  EXPECT_EQ(start.name, "chat");
  EXPECT_EQ(start.epoch, 1u);
  EXPECT_EQ(start.position, 2u);
  EXPECT_TRUE(start.recovered);
  EXPECT_EQ(start.overflow, Overflow::kConflate);
}

TEST(ServerFrames, ErrorsHaveCodeWordsAndAdvice) {
  esockets::Close close;
  close.set_code(241);
  close.set_text("t");
  close.set_detail("d");
  close.set_retryable(true);
  close.set_retry_after_ms(7);
  close.set_advice("a");
  BrokerError error = ErrorOf(close);
  EXPECT_EQ(error.code, 241u);
  EXPECT_EQ(error.text + error.detail + error.advice, "tda");
  EXPECT_TRUE(error.retryable);
  EXPECT_EQ(error.retry_after_ms, 7u);

  esockets::Error refusal;
  refusal.set_code(120);
  refusal.set_text("t");
  refusal.set_detail("d");
  refusal.set_advice("a");
  error = ErrorOf(refusal);
  EXPECT_EQ(error.code, 120u);
  EXPECT_EQ(error.text + error.detail + error.advice, "tda");
  EXPECT_FALSE(error.retryable);

  esockets::GoAway go_away;
  go_away.set_code(250);
  go_away.set_retry_after_ms(9);
  go_away.set_ticket("s3cret");
  error = ErrorOf(go_away);
  EXPECT_EQ(error.code, 250u);
  EXPECT_TRUE(error.retryable);
  EXPECT_EQ(error.retry_after_ms, 9u);
  EXPECT_NE(error.advice, "");
  EXPECT_EQ((error.text + error.detail + error.advice).find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace esockets::client

#include "clients/cpp/receive_queue.h"

#include <string>
#include <thread>

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

constexpr base::Duration kPatience = std::chrono::seconds(20);

MessageView With(std::string_view payload) {
  MessageView view;
  view.topic = "a";
  view.payload = payload;
  return view;
}

TEST(ReceiveQueue, PausesWhenFullAndResumesWhenHalfEmpty) {
  int pauses = 0;
  int resumes = 0;
  ReceiveQueue queue(
      4, [&] { ++pauses; }, [&] { ++resumes; });
  for (const char* payload : {"1", "2", "3"}) queue.OnMessage(With(payload));
  EXPECT_EQ(pauses, 0);
  queue.OnMessage(With("4"));
  queue.OnMessage(With("5"));  // was under way already
  EXPECT_EQ(pauses, 1);
  for (const char* payload : {"1", "2"}) EXPECT_EQ(queue.Pop({})->payload, payload);
  EXPECT_EQ(resumes, 0);
  EXPECT_EQ(queue.Pop({})->payload, "3");
  EXPECT_EQ(resumes, 1);
  EXPECT_EQ(queue.size(), 2u);
}

TEST(ReceiveQueue, SaysThatNothingCameInTime) {
  ReceiveQueue queue(
      1, [] {}, [] {});
  EXPECT_TRUE(absl::IsDeadlineExceeded(queue.Pop({}).status()));
}

TEST(ReceiveQueue, WhatWasLeftIsReadBeforeTheEnd) {
  int resumes = 0;
  ReceiveQueue queue(
      1, [] {}, [&] { ++resumes; });
  queue.OnMessage(With("last"));
  queue.OnEnd(absl::AbortedError("over"));
  queue.OnEnd(absl::InternalError("twice"));
  queue.OnMessage(With("late"));
  EXPECT_EQ(resumes, 1);  // its pause does not outlive it
  EXPECT_EQ(queue.Pop({})->payload, "last");
  EXPECT_TRUE(absl::IsAborted(queue.Pop(kPatience).status()));
}

TEST(ReceiveQueue, WakesTheOneThatWaits) {
  ReceiveQueue queue(
      1, [] {}, [] {});
  std::thread receiver([&] { EXPECT_EQ(queue.Pop(kPatience)->payload, "x"); });
  queue.OnMessage(With("x"));
  receiver.join();
}

}  // namespace
}  // namespace esockets::client

#include "clients/cpp/message.h"

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

TEST(Message, IsACopyOfEveryField) {
  MessageView view;
  view.topic = "t";
  view.payload = "p";
  view.reply_to = "r";
  view.key = "k";
  view.group = "g";
  view.ttl_ms = 1;
  view.time_us = 2;
  view.publisher = 3;
  view.position = 4;
  const Message message = Message::CopyOf(view);
  EXPECT_EQ(message.topic + message.payload + message.reply_to + message.key + message.group,
            "tprkg");
  EXPECT_EQ(message.ttl_ms, 1U);
  EXPECT_EQ(message.time_us, 2U);
  EXPECT_EQ(message.publisher, 3U);
  EXPECT_EQ(message.position, 4U);
}

TEST(Message, HasAnErrorWhereAHeaderSaysSo) {
  EXPECT_EQ(ErrorIn({.headers = {{"a", "1"}}}), std::nullopt);
  EXPECT_EQ(ErrorIn({.headers = {{"a", "1"}, {"error", "by zero"}}}), "by zero");
}

}  // namespace
}  // namespace esockets::client

#include "proto/message_json.h"

#include "gtest/gtest.h"
#include "proto/admin.pb.h"

namespace esockets::proto {
namespace {

TEST(MessageJsonTest, EveryFieldUnderItsName) {
  admin::Clients clients;
  clients.set_more(true);
  admin::Client& client = *clients.add_clients();
  client.set_client_id("me");
  client.set_bytes_in_total(~uint64_t{0});
  (*client.mutable_metadata())["place"] = "attic";
  const auto json = ToJson(clients);
  EXPECT_EQ(json["more"], true);
  EXPECT_EQ(json["clients"][0]["client_id"], "me");
  EXPECT_EQ(json["clients"][0]["bytes_in_total"], ~uint64_t{0});
  EXPECT_EQ(json["clients"][0]["subscriptions"], 0);
  EXPECT_EQ(json["clients"][0]["metadata"]["place"], "attic");
}

TEST(MessageJsonTest, WhatIsAbsentIsLeftOut) {
  admin::Limit limit;
  limit.set_name("a_max");
  EXPECT_EQ(ToJson(limit).dump(), R"({"name":"a_max","scope":"","max":0})");
  limit.set_used(0);
  EXPECT_EQ(ToJson(limit).dump(), R"({"name":"a_max","scope":"","max":0,"used":0})");
}

TEST(MessageJsonTest, BytesThatAreNoText) {
  admin::ReceivedMessage message;
  message.set_topic("a");
  message.set_payload("\xff");
  EXPECT_EQ(ToJson(message).dump(), R"({"topic":"a","payload_base64":"/w=="})");
}

}  // namespace
}  // namespace esockets::proto

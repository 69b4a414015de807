#include "clients/cli/format.h"

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace esockets::cli {
namespace {

client::MessageView View(std::string_view topic, std::string_view payload) {
  client::MessageView view;
  view.topic = topic;
  view.payload = payload;
  return view;
}

TEST(Format, Payload) {
  const auto view = View("a/b", "x\ty");
  EXPECT_EQ(FormatMessage(FormatOf("payload"), view, {}), "x\ty\n");
  EXPECT_EQ(FormatMessage(FormatOf("line"), view, {}), "a/b\tx\\ty\n");
  EXPECT_EQ(FormatMessage(FormatOf("line"), view, {.time_us = 1'000'000}),
            "1970-01-01T00:00:01.000000Z\ta/b\tx\\ty\n");
}

TEST(Format, JsonIsOneLineWhateverTheBytes) {
  auto view = View("a", "\xff\n");
  view.ttl_ms = 7;
  const auto json = nlohmann::json::parse(FormatMessage(FormatOf("json"), view, {.time_us = 1}));
  EXPECT_EQ(json["payload_base64"], "/wo=");
  EXPECT_EQ(json["ttl_ms"], 7);
  EXPECT_EQ(json["time"], "1970-01-01T00:00:00.000001Z");
  EXPECT_FALSE(json.contains("key"));
  EXPECT_EQ(FormatMessage(FormatOf("json"), View("a", "x\n"), {}),
            "{\"topic\":\"a\",\"payload\":\"x\\n\"}\n");
}

TEST(Format, Positions) {
  auto view = View("a", "x");
  EXPECT_EQ(FormatMessage(FormatOf("line"), view, {.position = true}), "-\ta\tx\n");
  view.position = 17;
  EXPECT_EQ(FormatMessage(FormatOf("payload"), view, {.position = true}), "17\tx\n");
  EXPECT_EQ(FormatMessage(FormatOf("json"), view, {}),
            "{\"topic\":\"a\",\"payload\":\"x\",\"position\":17}\n");
}

TEST(Format, Stored) {
  EXPECT_EQ(FormatStored({.epoch = 3, .position = 17}), "stored at 17");
  EXPECT_EQ(FormatStored({.epoch = 3, .position = 17, .repeated = true}), "stored at 17 already");
  EXPECT_EQ(FormatStoredJson({.epoch = 3, .position = 17}),
            R"({"stored":{"epoch":3,"position":17,"repeated":false}})");
  client::Delivery delivery{.matched = 1, .written = 1};
  delivery.stored = client::Stored{.epoch = 3, .position = 17};
  EXPECT_EQ(FormatDelivery(delivery), "matched 1: 1 written; stored at 17");
  EXPECT_NE(FormatDeliveryJson(delivery).find(R"("stored":{"epoch":3)"), std::string::npos);
}

TEST(Format, NothingDrivesATerminal) {
  EXPECT_EQ(Escape("a\\b\n\t\x1b[0m\x7f"), "a\\\\b\\n\\t\\x1b[0m\\x7f");
  EXPECT_EQ(Escape("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(Escape("\xc3"), "\\xc3");
}

TEST(Format, Gap) {
  EXPECT_EQ(FormatGap({.filter = "a/#", .messages = 7, .bytes = 812, .reason = "BACKLOG_FULL"}),
            "a Gap of 7 messages (812 bytes) in a/#: BACKLOG_FULL");
  EXPECT_EQ(FormatGap({.filter = "a/#",
                       .messages = 7,
                       .bytes = 812,
                       .reason = "BACKLOG_FULL",
                       .conflated = 4,
                       .expired = 2}),
            "a Gap of 7 messages (812 bytes) in a/#: BACKLOG_FULL, 4 of them CONFLATED, 2 of them "
            "EXPIRED");
  EXPECT_EQ(FormatGap({.filter = "a", .messages = 7, .reason = "CONFLATED", .conflated = 7}),
            "a Gap of 7 messages (0 bytes) in a: CONFLATED");
  EXPECT_EQ(FormatGap({.filter = "a",
                       .messages = 7,
                       .reason = "RETENTION",
                       .from_position = 11,
                       .to_position = 17}),
            "a Gap of 7 messages (at 11 to 17) in a: RETENTION");
}

TEST(Format, Groups) {
  auto view = View("a", "x");
  view.group = "workers";
  EXPECT_EQ(FormatMessage(FormatOf("json"), view, {}),
            "{\"topic\":\"a\",\"payload\":\"x\",\"group\":\"workers\"}\n");
  EXPECT_EQ(FormatMessage(FormatOf("line"), view, {}), "a\tx\n");
  EXPECT_EQ(FormatGap({.filter = "a/#",
                       .messages = 7,
                       .bytes = 812,
                       .reason = "BACKLOG_FULL",
                       .group = "workers"}),
            "a Gap of 7 messages (812 bytes) in a/# of the group workers: BACKLOG_FULL");
}

TEST(Format, DeliveryWithoutWhatIsZero) {
  EXPECT_EQ(FormatDelivery({}), "matched 0: nobody is subscribed");
  EXPECT_EQ(FormatDelivery({.matched = 3, .written = 2, .queued = 1}),
            "matched 3: 2 written, 1 queued");
  EXPECT_EQ(FormatDelivery({.matched = 6, .conflated = 1, .dropped = 2, .gone = 3}),
            "matched 6: 1 conflated, 2 dropped, 3 gone");
  EXPECT_EQ(FormatDeliveryJson({.matched = 3, .written = 2, .queued = 1}),
            R"({"matched":3,"written":2,"queued":1,"conflated":0,"dropped":0,"gone":0})");
}

TEST(Format, ReplyWithOneNewline) {
  EXPECT_EQ(FormatReply({.payload = "x"}, false), "x\n");
  EXPECT_EQ(FormatReply({.payload = "x\n"}, false), "x\n");
  EXPECT_EQ(FormatReply({.payload = ""}, false), "\n");
  EXPECT_EQ(FormatReply({.topic = "a", .payload = "x\n", .headers = {{"error", "e"}}}, true),
            R"({"topic":"a","payload":"x\n","headers":[{"name":"error","value":"e"}]})"
            "\n");
}

}  // namespace
}  // namespace esockets::cli

#include "clients/cli/closed_tables.h"

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

admin::ClosedClient Ended(const std::string& more = "") {
  admin::ClosedClient client;
  const std::string text = R"(
      session_id: 17 client_id: "view\ner" name: "n\t" user: "ann" address: "127.0.0.1:5"
      transport: "tcp" connected_ms: 61000 closed_us: 2000000 code: 241 reason: "SLOW_CONSUMER"
      text: "the client did not read fast enough" detail: "1 message\nbehind"
      advice: "Read faster." oldest_ms: 3456 backlog_messages: 1 backlog_bytes: 2
      send_queue_bytes: 3 kernel_unsent_bytes: 4 messages_in_total: 5 bytes_in_total: 6
      messages_out_total: 7 bytes_out_total: 8 dropped_messages_total: 9 )";
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text + more, &client));
  return client;
}

TEST(ClosedTables, DigitsAloneAreASession) {
  EXPECT_EQ(ClosedRequestOf("").ShortDebugString(), "");
  EXPECT_EQ(ClosedRequestOf("viewer-7").ShortDebugString(), "client_id: \"viewer-7\"");
  EXPECT_EQ(ClosedRequestOf("4711").ShortDebugString(), "session_id: 4711");
  EXPECT_EQ(ClosedRequestOf("0").ShortDebugString(), "client_id: \"0\"");
  EXPECT_EQ(ClosedRequestOf("4711x").ShortDebugString(), "client_id: \"4711x\"");
  EXPECT_EQ(ClosedRequestOf("-1").ShortDebugString(), "client_id: \"-1\"");
  EXPECT_EQ(ClosedRequestOf("18446744073709551616").client_id(), "18446744073709551616");
}

TEST(ClosedTables, OneLineAnEnding) {
  admin::Closed closed;
  *closed.add_clients() = Ended();
  EXPECT_EQ(
      ClosedTable(closed),
      "CLIENT    SESSION  CLOSED                       AFTER  CODE  REASON         LOST  DETAIL\n"
      "view\\ner       17  1970-01-01T00:00:02.000000Z     1m   241  SLOW_CONSUMER     9  "
      "1 message\\nbehind\n");
  EXPECT_EQ(ClosedTable({}), "no connection has ended\n");
}

TEST(ClosedTables, OneEndingInFull) {
  const std::string text = ClosedText(Ended(R"(
      flight { time_us: 750000 kind: "subscribe" topic: "a/#\033" }
      flight { time_us: 1999000 kind: "flush" messages: 300 bytes: 123456 queue_bytes: 10 }
      flight { time_us: 2000000 kind: "refused" })"));
  EXPECT_EQ(text,
            "client       view\\ner\n"
            "session      17\n"
            "name         n\\t\n"
            "user         ann\n"
            "address      127.0.0.1:5, tcp\n"
            "closed       1970-01-01T00:00:02.000000Z\n"
            "after        1m\n"
            "code         241 SLOW_CONSUMER: the client did not read fast enough\n"
            "detail       1 message\\nbehind\n"
            "advice       Read faster.\n"
            "oldest byte  3.4s\n"
            "backlog      1 messages, 2 bytes\n"
            "send queue   3 bytes\n"
            "kernel       4 bytes not sent\n"
            "published    5 messages, 6 bytes\n"
            "delivered    7 messages, 8 bytes\n"
            "lost         9 messages\n"
            "\n"
            "   TIME  KIND       MESSAGES  BYTES  QUEUE  TOPIC\n"
            "-1.250s  subscribe         0      0      0  a/#\\x1b\n"
            "-0.001s  flush           300   123k     10\n"
            "+0.000s  refused           0      0      0\n");
}

}  // namespace
}  // namespace esockets::cli

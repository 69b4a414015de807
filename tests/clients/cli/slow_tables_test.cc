#include "clients/cli/slow_tables.h"

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

admin::SlowClient Slow(const std::string& more = "") {
  admin::SlowClient client;
  const std::string text = R"(
      session_id: 17 client_id: "view\ner" name: "The \033[31mviewer" address: "127.0.0.1:5"
      transport: "tcp" oldest_ms: 3456 backlog_messages: 120 backlog_bytes: 4096
      send_queue_bytes: 262144 kernel_unsent_bytes: 200 kernel_unacked_bytes: 1200 slow_ms: 61000
      slow_ms_total: 340 slow_total: 2 verdict: "reader"
      drops { filter: "a/#" reason: "BACKLOG_FULL" messages: 7 }
      drops { filter: "b\t" reason: "TOO_OLD" messages: 5 } )";
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text + more, &client));
  return client;
}

constexpr const char* kEvidence = R"(
    evidence { window_ms: 1000 text: "the receive window was closed for 98 % of 1,000 ms"
               busy_percent: 99 receive_window_percent: 98 acked_bytes: 11 segments: 12
               retransmits: 13 rtt_us: 14 rtt_min_us: 15 loop_lag_us: 16 } )";

TEST(SlowTables, OneLineAClient) {
  admin::Slow slow;
  *slow.add_clients() = Slow(kEvidence);
  EXPECT_EQ(
      SlowTable(slow),
      "CLIENT    NAME                ADDRESS      OLDEST  BACKLOG  QUEUE  KERNEL  SLOW FOR  "
      "DROPPED  VERDICT  EVIDENCE\n"
      "view\\ner  The \\x1b[31mviewer  127.0.0.1:5    3.4s      120   262k    1200        1m  "
      "     12  reader   the receive window was closed for 98 % of 1,000 ms\n");
  EXPECT_EQ(SlowTable({}), "no client is slow\n");
}

TEST(SlowTables, WhoHasCaughtUpIsLateNoMore) {
  admin::Slow slow;
  slow.add_clients()->set_client_id("viewer");
  slow.mutable_clients(0)->set_verdict("caught_up");
  EXPECT_EQ(
      SlowTable(slow),
      "CLIENT  NAME  ADDRESS  OLDEST  BACKLOG  QUEUE  KERNEL  SLOW FOR  DROPPED  VERDICT    "
      "EVIDENCE\n"
      "viewer                      -        0      0       0         -        0  caught_up\n");
}

TEST(SlowTables, OneClientInFull) {
  EXPECT_EQ(SlowText(Slow(kEvidence)),
            "client       view\\ner\n"
            "session      17\n"
            "name         The \\x1b[31mviewer\n"
            "address      127.0.0.1:5, tcp\n"
            "verdict      reader: the client does not read as fast as its messages come\n"
            "behind       no\n"
            "oldest byte  3.4s\n"
            "backlog      120 messages, 4096 bytes\n"
            "send queue   262144 bytes\n"
            "kernel       1200 bytes not acknowledged, 200 of them not sent\n"
            "slow for     1m; 340ms in all, 2 times\n"
            "\n"
            "evidence       the receive window was closed for 98 % of 1,000 ms\n"
            "looked for     1000 ms\n"
            "had to send    99 % of it\n"
            "window closed  98 % of it\n"
            "acknowledged   11 bytes\n"
            "segments       12, sent again 13\n"
            "round trip     14 us, shortest 15 us\n"
            "loop late      16 us\n"
            "\n"
            "LOST  REASON        FILTER\n"
            "   7  BACKLOG_FULL  a/#\n"
            "   5  TOO_OLD       b\\t\n");
}

TEST(SlowTables, WhatIsNotThereIsLeftOut) {
  admin::SlowClient client = Slow("behind: true");
  client.clear_drops();
  EXPECT_THAT(SlowText(client), AllOf(HasSubstr("yes: its contracts apply"),
                                      Not(HasSubstr("looked for")), Not(HasSubstr("LOST"))));
}

TEST(SlowTables, OneLineAnEvent) {
  EXPECT_EQ(
      SlowLine(Slow(kEvidence), 1),
      "1970-01-01T00:00:00.000001Z  view\\ner  reader  oldest 3.4s  backlog 120 messages, 4096 "
      "bytes  dropped 12  the receive window was closed for 98 % of 1,000 ms\n");
  admin::SlowClient client = Slow();
  client.set_verdict("caught_up");
  EXPECT_EQ(SlowLine(client, 1),
            "1970-01-01T00:00:00.000001Z  view\\ner  caught_up  was slow for 340ms in all, 2 "
            "times, dropped 12\n");
}

TEST(SlowTables, EveryVerdictHasItsWords) {
  for (const char* verdict :
       {"reader", "network", "bandwidth", "broker", "rate_limit", "unknown", "caught_up"}) {
    EXPECT_NE(VerdictText(verdict), "") << verdict;
  }
  admin::SlowClient client = Slow();
  client.set_verdict("moon");
  EXPECT_THAT(SlowText(client), HasSubstr("verdict      moon\n"));
}

}  // namespace
}  // namespace esockets::cli

#include "clients/cli/trace_tables.h"

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

std::string TextOf(const std::string& text) {
  admin::Trace trace;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &trace));
  return TraceText(trace);
}

TEST(TraceTables, SaysHowManyAndWhy) {
  EXPECT_EQ(TextOf(R"(
      receivers: 2
      entries { client_id: "view\ner" filter: "a/\t" overflow: "DROP_OLDEST" receives: true
                outcome: "waits" why: "behind the 3 that wait" }
      entries { client_id: "ben" filter: "b" overflow: "CONFLATE" outcome: "no_match" why: "b" })"),
            "2 clients would receive it\n"
            "\n"
            "CLIENT    FILTER  OVERFLOW     RECEIVES  OUTCOME   WHY\n"
            "view\\ner  a/\\t    DROP_OLDEST  yes       waits     behind the 3 that wait\n"
            "ben       b       CONFLATE     no        no_match  b\n");
}

TEST(TraceTables, NamesTheGroups) {
  EXPECT_EQ(TextOf(R"(
      receivers: 2
      groups { filter: "a/\t" group: "w\n" strategy: "hash" members: 3 }
      groups { filter: "a" group: "x" strategy: "first" members: 1 waiting_messages: 7 })"),
            "2 clients would receive it\n"
            "one of 3 in group w\\n of a/\\t (hash)\n"
            "one of 1 in group x of a (first): all are behind, behind 7 messages\n");
}

TEST(TraceTables, Heads) {
  EXPECT_EQ(TextOf(""), "nobody would receive it\n");
  EXPECT_EQ(TextOf("receivers: 1"), "1 client would receive it\n");
  EXPECT_EQ(TextOf("refused: 'topics below $ are published by the broker alone'"),
            "refused: topics below $ are published by the broker alone\n");
}

}  // namespace
}  // namespace esockets::cli

#include "clients/cli/stream_tables.h"

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

admin::Stream Stream(const std::string& more = "") {
  admin::Stream stream;
  const std::string text = R"(
      name: "ch\033t" filter: "chat/\n" home_loop: 1 epoch: 1700000000000000 first_position: 11
      last_position: 1234567 messages: 300000 bytes: 4096 memory_bytes: 12345678 topics: 3
      oldest_ms: 3456 messages_max: 300000 bytes_max: 67108864 readers: 2 message_ids: 7 )";
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text + more, &stream));
  return stream;
}

TEST(StreamTables, OneLineAStream) {
  admin::Streams streams;
  *streams.add_streams() = Stream();
  streams.add_streams()->set_name("empty");
  streams.mutable_streams(1)->set_first_position(1);
  streams.mutable_streams(1)->set_last_values(true);
  EXPECT_EQ(
      StreamsTable(streams),
      "STREAM   FILTER   KEEPS  LOOP  FIRST     LAST  MESSAGES  BYTES  MEMORY  TOPICS  OLDEST  "
      "READERS  IDS\n"
      "ch\\x1bt  chat/\\n  all       1     11  1234567      300k   4096   12.3M       3    3.4s  "
      "      2    7\n"
      "empty             last      0      1        0         0      0       0       0       -  "
      "      0    0\n");
  EXPECT_EQ(StreamsTable({}), "the broker has no streams\n");
}

TEST(StreamTables, EverythingAboutOne) {
  EXPECT_EQ(StreamText(Stream()),
            "stream       ch\\x1bt\n"
            "filter       chat/\\n\n"
            "home         loop 1\n"
            "epoch        1700000000000000\n"
            "positions    11 to 1234567\n"
            "messages     300000 of at most 300000\n"
            "topics       3\n"
            "bytes        4096, at most 67108864 with what each needs\n"
            "memory       12345678 bytes\n"
            "oldest       3.4s\n"
            "readers      2 that are not at the head\n"
            "message ids  7 remembered\n");
  EXPECT_NE(
      StreamText(Stream("last_values: true")).find(" of at most 300000, the last of each topic\n"),
      std::string::npos);
  const std::string limited = StreamText(Stream("age_max_ms: 90000 messages_per_topic_max: 9"));
  EXPECT_NE(limited.find("of at most 300000, 9 of each topic\n"), std::string::npos) << limited;
  EXPECT_NE(limited.find("oldest       3.4s; goes after 1m\n"), std::string::npos) << limited;
}

TEST(StreamTables, WhereThereIsNothing) {
  admin::Stream stream = Stream();
  stream.set_messages(0);
  EXPECT_NE(StreamText(stream).find("nothing is there any more; the last was 1234567\n"),
            std::string::npos);
  EXPECT_NE(StreamText(stream).find("oldest       -\n"), std::string::npos);
  stream.set_last_position(0);
  EXPECT_NE(StreamText(stream).find("positions    none was given yet\n"), std::string::npos);
}

}  // namespace
}  // namespace esockets::cli

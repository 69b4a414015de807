// docs/PROTOCOL.md says what the code does: its tables of codes, its worked example, and the names
// in its tables of administration and limits.
#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "broker/errors.h"
#include "broker/limits.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"

namespace esockets {
namespace {

std::vector<std::string> Lines() {
  std::ifstream in("docs/PROTOCOL.md");
  EXPECT_TRUE(in);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The rows of the table below the heading `heading`, without its head.
std::vector<std::string> Table(std::string_view heading) {
  std::vector<std::string> rows;
  bool below = false;
  for (const std::string& line : Lines()) {
    if (line.starts_with('#')) below = line == heading;
    if (below && line.starts_with('|')) rows.push_back(line);
  }
  EXPECT_GT(rows.size(), 2u) << heading;
  rows.erase(rows.begin(), rows.begin() + 2);
  return rows;
}

// "| a | `b` |" gives "a" and "b".
std::vector<std::string> Cells(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream in(row.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const auto begin = cell.find_first_not_of(" `");
    const auto end = cell.find_last_not_of(" `");
    cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1));
  }
  return cells;
}

template <typename Code>
std::vector<std::string> Rows(std::span<const broker::CodeInfo<Code>> all) {
  std::vector<std::string> rows;
  for (const auto& info : all) {
    std::ostringstream row;
    row << "| " << static_cast<uint32_t>(info.code) << " | `" << info.name << "` | " << info.text
        << " | " << (info.retryable ? "yes" : "no") << " | " << info.advice << " |";
    rows.push_back(row.str());
  }
  return rows;
}

TEST(ProtocolDoc, TableOfErrors) {
  EXPECT_EQ(Table("### Codes of Error"), Rows(broker::AllErrors()));
}

TEST(ProtocolDoc, TableOfCloses) {
  EXPECT_EQ(Table("### Codes of Close"), Rows(broker::AllCloses()));
}

std::string FromHex(const std::string& hex) {
  std::string bytes;
  std::istringstream in(hex);
  for (std::string byte; in >> byte;) bytes += static_cast<char>(std::stoi(byte, nullptr, 16));
  return bytes;
}

TEST(ProtocolDoc, ExampleIsWhatItsBytesMean) {
  const auto rows = Table("## A conversation");
  for (const std::string& row : rows) {
    SCOPED_TRACE(row);
    const auto cells = Cells(row);
    ASSERT_EQ(cells.size(), 3u);
    std::unique_ptr<google::protobuf::Message> frame;
    if (cells[0] == "client") {
      frame = std::make_unique<ClientFrame>();
    } else {
      ASSERT_EQ(cells[0], "broker");
      frame = std::make_unique<ServerFrame>();
    }
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(cells[2], frame.get()));
    const std::string bytes = FromHex(cells[1]);
    std::string_view body;
    size_t consumed = 0, needed = 0;
    ASSERT_EQ(proto::CutFrame(bytes, 1000, &body, &consumed, &needed), proto::CutResult::kFrame);
    EXPECT_EQ(consumed, bytes.size());
    EXPECT_EQ(body, frame->SerializeAsString());
  }
}

TEST(ProtocolDoc, AdministrationIsThatOfAdminProto) {
  const auto& file = *admin::InfoRequest::descriptor()->file();
  std::set<std::string> requests;
  for (const std::string& row : Table("## Administration")) {
    const auto cells = Cells(row);
    EXPECT_TRUE(cells[0].starts_with("$SYS/")) << row;
    EXPECT_NE(file.FindMessageTypeByName(cells[2]), nullptr) << row;
    requests.insert(cells[1]);
  }
  for (int i = 0; i < file.message_type_count(); ++i) {
    const std::string& name = file.message_type(i)->name();
    if (name.ends_with("Request")) {
      EXPECT_EQ(requests.erase(name), 1u) << name;
    }
  }
  EXPECT_TRUE(requests.empty());
}

// "1 MiB" and "10,000" as numbers.
uint64_t Number(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  const uint64_t unit = text.ends_with(" MiB") ? 1 << 20 : text.ends_with(" KiB") ? 1 << 10 : 1;
  return std::stoull(digits) * unit;
}

TEST(ProtocolDoc, LimitsAreTheDefaults) {
  const broker::Limits limits;
  const std::map<std::string, uint64_t> defaults = {
      {"frame_bytes_max", limits.frame_bytes_max},
      {"payload_bytes_max", limits.payload_bytes_max},
      {"topic_bytes_max", limits.topic.topic_bytes_max},
      {"topic_levels_max", limits.topic.topic_levels_max},
      {"subscriptions_max", limits.subscriptions_max},
      {"topics with [presence](PRESENCE.md) that a client is on",
       limits.presence_topics_per_client_max},
      {"backlog_messages_max", limits.backlog_messages_max},
      {"backlog_bytes_max", limits.backlog_bytes_max},
      {"bytes of the frame with Connect", limits.first_packet_bytes_max},
      {"seconds until Connect is accepted",
       static_cast<uint64_t>(
           std::chrono::duration_cast<std::chrono::seconds>(limits.connect_timeout).count())},
  };
  std::map<std::string, uint64_t> said;
  for (const std::string& row : Table("## Limits")) {
    const auto cells = Cells(row);
    said[cells[2].empty() ? cells[0] : cells[2]] = Number(cells[1]);
  }
  EXPECT_EQ(said, defaults);
}

TEST(ProtocolDoc, LimitsNameEveryFieldOfConnected) {
  std::set<std::string> named;
  for (const std::string& row : Table("## Limits")) named.insert(Cells(row)[2]);
  named.erase("");
  std::set<std::string> fields;
  const auto& limits = *Limits::descriptor();
  for (int i = 0; i < limits.field_count(); ++i) fields.insert(limits.field(i)->name());
  EXPECT_EQ(named, fields);
}

}  // namespace
}  // namespace esockets

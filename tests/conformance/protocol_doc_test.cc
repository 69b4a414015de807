// docs/PROTOCOL.md says what the code does: its tables of codes, its worked example, and the names
// in its tables of administration and limits.
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "broker/errors.h"
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

// The tables of docs/CLIENTS.md are those of this library.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "broker/errors.h"
#include "clients/cpp/limits.h"
#include "clients/cpp/options.h"
#include "clients/cpp/status.h"
#include "gtest/gtest.h"

namespace esockets::client {
namespace {

using Cells = std::vector<std::string>;

Cells CellsOf(const std::string& row) {
  Cells cells;
  std::istringstream in(row.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const auto begin = cell.find_first_not_of(" `");
    const auto end = cell.find_last_not_of(" `");
    cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1));
  }
  return cells;
}

// The rows of the table below the heading, without its head.
std::vector<Cells> Table(std::string_view heading) {
  std::ifstream in("docs/CLIENTS.md");
  EXPECT_TRUE(in);
  std::vector<Cells> rows;
  bool below = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) below = line == heading;
    if (below && line.starts_with('|')) rows.push_back(CellsOf(line));
  }
  EXPECT_GT(rows.size(), 2u) << heading;
  rows.erase(rows.begin(), rows.begin() + 2);
  return rows;
}

// "8 MiB", "60,000 ms" and "10 s" in bytes, milliseconds, or as they are.
uint64_t Number(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  uint64_t unit = 1;
  if (text.ends_with(" MiB")) unit = 1 << 20;
  if (text.ends_with(" KiB")) unit = 1 << 10;
  if (text.ends_with(" s")) unit = 1000;
  return std::stoull(digits) * unit;
}

uint64_t Millis(base::Duration duration) {
  return static_cast<uint64_t>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

TEST(ClientsDoc, LimitsAreThose) {
  const ClientOptions options;
  const std::map<std::string, uint64_t> limits = {
      {"connect_timeout", Millis(options.connect_timeout)},
      {"request_timeout", Millis(options.request_timeout)},
      {"backoff_min", Millis(options.backoff_min)},
      {"backoff_max", Millis(options.backoff_max)},
      {"outgoing_bytes_max", options.outgoing_bytes_max},
      {"receive_queue_messages_max", SubscribeOptions().receive_queue_messages_max},
      {"bytes of a frame from the broker", kServerFrameBytesMax},
      {"bytes of a frame to the broker, before Connected has told", kFrameBytesMaxBeforeConnected},
      {"bytes handed to the connection at once", kSendPieceBytes},
      {"time that a confirmation may take", kConfirmMillisMax},
      {"bytes of a `message_id", kMessageIdBytesMax},
      {"bytes of the name of a group", kGroupBytesMax},
      {"members of a page of a roster", kPresencePageMembers},
      {"pause before a roster is asked for again", Millis(kPresencePause)},
      {"least time between two Refreshes", Millis(kRefreshIntervalMin)},
      {"half keep-alives without a sign of life", kSilentTicksMax},
  };
  std::map<std::string, uint64_t> told;
  for (const Cells& row : Table("## Limits")) {
    EXPECT_FALSE(row.at(3).empty()) << row[0];
    told[row[1].empty() ? row[0] : row[1]] = Number(row[2]);
  }
  EXPECT_EQ(told, limits);
}

// "kNotFound" for NOT_FOUND.
std::string KindOf(uint32_t code, bool retryable) {
  const absl::Status status = ToStatus({.code = code, .retryable = retryable});
  std::string kind = "k";
  bool begins = true;
  for (const char c : absl::StatusCodeToString(status.code())) {
    if (c != '_') kind += begins ? c : static_cast<char>(c - 'A' + 'a');
    begins = c == '_';
  }
  return kind;
}

std::set<uint32_t> CodesIn(const std::string& cell) {
  std::set<uint32_t> codes;
  std::istringstream in(cell);
  for (std::string word; in >> word;) {
    if (word[0] >= '1' && word[0] <= '9') codes.insert(static_cast<uint32_t>(std::stoul(word)));
  }
  return codes;
}

TEST(ClientsDoc, ErrorsAreOfTheirKinds) {
  std::map<uint32_t, std::string> kinds;
  std::string kind;
  for (const Cells& row : Table("## Errors")) {
    if (!row[0].empty()) kind = row[0];
    if (row[1].starts_with("other codes")) continue;
    for (const uint32_t code : CodesIn(row[1].substr(0, row[1].find(';')))) kinds[code] = kind;
  }
  EXPECT_GT(kinds.size(), 10u);
  const auto expect = [&kinds](const auto& info) {
    const auto code = static_cast<uint32_t>(info.code);
    const std::string others = code < 200 ? "kInvalidArgument" : "kFailedPrecondition";
    const std::string by_flag = info.retryable ? "kUnavailable" : others;
    const std::string told = kinds.contains(code) ? kinds[code] : by_flag;
    EXPECT_EQ(KindOf(code, info.retryable), told) << info.name;
    kinds.erase(code);
  };
  for (const auto& info : broker::AllErrors()) expect(info);
  for (const auto& info : broker::AllCloses()) expect(info);
  EXPECT_TRUE(kinds.empty()) << kinds.begin()->first << " is no code";
}

}  // namespace
}  // namespace esockets::client

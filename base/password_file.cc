#include "base/password_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/strings.h"
#include "base/utf8.h"
#include "base/whole_file.h"

namespace esockets::base {
namespace {

// Why not? Empty: it is one.
std::string_view WhyNoUser(std::string_view user) {
  if (user.empty()) return "there is no name";
  if (user.size() > kPasswordFileUserBytesMax) return "the name is longer than 256 bytes";
  if (!IsValidUtf8(user)) return "the name is no valid UTF-8";
  if (user.front() == '#') return "the name begins with #";
  if (user.front() == ' ' || user.back() == ' ') return "a space begins or ends the name";
  const auto is_out_of_place = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == ':';
  };
  if (std::ranges::any_of(user, is_out_of_place)) {
    return "the name has a colon or a control character";
  }
  return {};
}

}  // namespace

absl::StatusOr<PasswordFile> PasswordFile::Parse(std::string_view text, std::string_view name) {
  PasswordFile file;
  std::set<std::string_view> users;
  for (size_t number = 1; !text.empty(); ++number) {
    const auto mistake = [&](std::string_view why) {
      return Error(absl::StatusCode::kInvalidArgument, name, ":", number, ": ", why);
    };
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return mistake("the last line is cut off");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.empty() || line.front() == '#') {
      file.lines_.push_back({.user = {}, .hash = std::string(line)});
      continue;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return mistake("this is no USER:HASH");
    const std::string_view user = line.substr(0, colon);
    if (const std::string_view why = WhyNoUser(user); !why.empty()) return mistake(why);
    if (!users.insert(user).second) return mistake("this user has a line already");
    auto hash = PasswordHash::Parse(line.substr(colon + 1));
    if (!hash.ok()) return mistake(Message(hash.status()));
    file.lines_.push_back({.user = std::string(user), .hash = hash->text()});
  }
  return file;
}

absl::StatusOr<PasswordFile> PasswordFile::Read(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadWholeFile(path, kPasswordFileBytesMax);
  if (!text.ok()) return Error(text.status().code(), path, ": ", Message(text.status()));
  return Parse(*text, path);
}

absl::Status PasswordFile::Write(const std::string& path) const {
  return ReplaceFile(path, ToText());
}

absl::Status PasswordFile::Set(std::string_view user, const PasswordHash& hash) {
  if (const std::string_view why = WhyNoUser(user); !why.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, why);
  }
  const auto found = std::ranges::find(lines_, user, &Line::user);
  if (found != lines_.end()) {
    found->hash = hash.text();
  } else {
    lines_.push_back({.user = std::string(user), .hash = hash.text()});
  }
  return absl::OkStatus();
}

bool PasswordFile::Remove(std::string_view user) {
  return !user.empty() &&
         std::erase_if(lines_, [user](const Line& line) { return line.user == user; }) > 0;
}

std::vector<PasswordFile::Entry> PasswordFile::Entries() const {
  std::vector<Entry> entries;
  for (const Line& line : lines_) {
    if (!line.user.empty()) entries.push_back({line.user, *PasswordHash::Parse(line.hash)});
  }
  return entries;
}

std::string PasswordFile::ToText() const {
  std::string text;
  for (const Line& line : lines_) {
    StrAppend(&text, line.user, line.user.empty() ? "" : ":", line.hash, "\n");
  }
  return text;
}

}  // namespace esockets::base

#include "clients/cli/presence_lines.h"

#include <vector>

#include "base/strings.h"
#include "clients/cli/format.h"
#include "nlohmann/json.hpp"

namespace esockets::cli {
namespace {

using client::PresenceMember;
using client::PresenceNews;
using Members = std::vector<PresenceMember>;

// Client id, name and metadata, parted by tabs.
std::string Line(const PresenceMember& member) {
  std::string line = base::StrCat(Escape(member.client_id), "\t", Escape(member.name), "\t");
  for (const auto& [key, value] : member.metadata) {
    base::StrAppend(&line, line.ends_with('\t') ? "" : " ", Escape(key), "=", Escape(value));
  }
  line.erase(line.find_last_not_of('\t') + 1);
  return line + "\n";
}

std::string Lines(std::string_view before, const Members& members) {
  std::string lines;
  for (const PresenceMember& member : members) base::StrAppend(&lines, before, Line(member));
  return lines;
}

std::string CountLine(std::string_view topic, const PresenceNews& news) {
  return base::StrCat(news.count, " on ", Escape(topic), "\n");
}

nlohmann::ordered_json Json(const Members& members) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const PresenceMember& member : members) {
    nlohmann::ordered_json one{{"client_id", member.client_id}, {"name", member.name}};
    one["metadata"] = nlohmann::ordered_json::object();
    for (const auto& [key, value] : member.metadata) one["metadata"][key] = value;
    json.push_back(std::move(one));
  }
  return json;
}

}  // namespace

std::string FormatRoster(std::string_view topic, const PresenceNews& first) {
  return Lines("", first.joined) + CountLine(topic, first);
}

std::string FormatNews(std::string_view topic, const PresenceNews& news) {
  return Lines("+ ", news.joined) + Lines("- ", news.left) + CountLine(topic, news);
}

std::string FormatRosterJson(std::string_view topic, const PresenceNews& first) {
  const nlohmann::ordered_json json{
      {"topic", topic}, {"count", first.count}, {"members", Json(first.joined)}};
  return json.dump() + "\n";
}

std::string FormatNewsJson(std::string_view topic, const PresenceNews& news) {
  const nlohmann::ordered_json json{{"topic", topic},
                                    {"count", news.count},
                                    {"joined", Json(news.joined)},
                                    {"left", Json(news.left)}};
  return json.dump() + "\n";
}

}  // namespace esockets::cli

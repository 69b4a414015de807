#include "examples/telemetry/fleet.h"

#include <algorithm>
#include <utility>

namespace esockets::telemetry {
namespace {

constexpr std::string_view kPrefix = "telemetry/";

template <typename Part>
bool ParseInto(std::string_view payload, Part* part) {
  Part parsed;
  if (!parsed.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return false;
  *part = std::move(parsed);
  return true;
}

bool ParsePart(std::string_view kind, std::string_view payload, Host* host) {
  if (kind == "cpu") return ParseInto(payload, &host->cpu);
  if (kind == "memory") return ParseInto(payload, &host->memory);
  if (kind == "disk") return ParseInto(payload, &host->disk);
  if (kind == "network") return ParseInto(payload, &host->network);
  return false;
}

}  // namespace

bool Fleet::Apply(std::string_view topic, std::string_view payload, base::TimePoint now) {
  if (!topic.starts_with(kPrefix)) return false;
  topic.remove_prefix(kPrefix.size());
  const size_t slash = topic.find('/');
  if (slash == topic.npos) return false;
  const std::string_view kind = topic.substr(slash + 1);
  const std::string name(topic.substr(0, slash));
  if (payload.empty()) return hosts_.erase(name) > 0;
  const bool is_new = !hosts_.contains(name);
  Host& host = hosts_[name];
  if (!ParsePart(kind, payload, &host)) {
    if (is_new) hosts_.erase(name);
    return false;
  }
  host.seen = now;
  if (kind == "cpu") {
    host.busy_percents.push_back(host.cpu.busy_percent());
    if (host.busy_percents.size() > kHistory) host.busy_percents.pop_front();
  }
  return true;
}

void Fleet::ForgetBefore(base::TimePoint time) {
  std::erase_if(hosts_, [time](const auto& entry) { return entry.second.seen < time; });
}

bool Fleet::has_complete_host() const {
  return std::any_of(hosts_.begin(), hosts_.end(),
                     [](const auto& entry) { return entry.second.complete(); });
}

}  // namespace esockets::telemetry

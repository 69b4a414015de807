#include "app/banner.h"

#include <string_view>

#include "base/strings.h"

namespace esockets::app {
namespace {

std::string DescriptorText(const BannerFacts& facts) {
  if (facts.descriptors <= facts.descriptors_before) {
    return base::StrCat(facts.descriptors, " (the hard limit)");
  }
  return base::StrCat(facts.descriptors, " (raised from ", facts.descriptors_before, ")");
}

std::string UsersText(const BannerFacts& facts) {
  const WhoMayComeIn& who = facts.who;
  if (who.users > 0 || who.tokens) {
    return base::StrCat("users: ", who.users, who.tokens ? ", and bearers of tokens" : "",
                        who.anonymous ? ", and anybody without a name" : "");
  }
  return facts.loopback_only ? "no users: everybody on this machine may come in"
                             : "no users: everybody may come in";
}

std::string MemoryText(const broker::Limits& limits) {
  if (limits.memory_bytes_max == 0) return "no limit";
  return base::StrCat(limits.memory_bytes_max >> 20, " MiB");
}

}  // namespace

std::string Banner(const BannerFacts& facts) {
  const broker::Limits& limits = facts.limits;
  std::string text = facts.version + "\n";
  for (const std::string& address : facts.listening) {
    base::StrAppend(&text, "listening on ", address, "\n");
  }
  for (const std::string& address : facts.administration) {
    const bool is_url = !address.starts_with("unix:");
    base::StrAppend(&text, "administration on ", is_url ? "http://" : "", address, "\n");
  }
  for (const auto& [address, tls] : facts.websocket) {
    base::StrAppend(&text, "websocket on ", tls ? "wss://" : "ws://", address, "\n");
    for (const std::string& path : facts.pages) {
      base::StrAppend(&text, "pages on ", tls ? "https://" : "http://", address, path, "\n");
    }
  }
  base::StrAppend(&text, "loops: ", facts.loops, "; descriptors: ", DescriptorText(facts), "\n");
  base::StrAppend(&text, "limits: ", limits.clients_max, " clients, frame ", limits.frame_bytes_max,
                  " bytes; a client: ", limits.subscriptions_max, " subscriptions, backlog ",
                  limits.backlog_bytes_max, " bytes; memory: ", MemoryText(limits), "\n");
  base::StrAppend(&text, UsersText(facts), "\n");
  base::StrAppend(&text, "configuration: ", facts.config.empty() ? "defaults" : facts.config, "\n");
  base::StrAppend(&text, "pid ", facts.pid,
                  ": SIGTERM drains and stops, SIGHUP reloads the configuration\n");
  return text;
}

}  // namespace esockets::app

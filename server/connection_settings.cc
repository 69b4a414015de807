#include "server/connection_settings.h"

namespace esockets::server {

std::string_view ConnectionEndText(ConnectionEnd end) {
  switch (end) {
    case ConnectionEnd::kNone:
      return "open";
    case ConnectionEnd::kByPeer:
      return "closed by the peer";
    case ConnectionEnd::kByPeerInside:
      return "closed by the peer inside a message";
    case ConnectionEnd::kByUs:
      return "closed here";
    case ConnectionEnd::kIdle:
      return "idle for too long";
    case ConnectionEnd::kBroken:
      return "broken";
    case ConnectionEnd::kAgainstRules:
      return "the peer broke the rules of its transport";
  }
  return "unknown";
}

}  // namespace esockets::server

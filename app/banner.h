// What the broker says when it has started.
#ifndef APP_BANNER_H_
#define APP_BANNER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "app/plan_options.h"
#include "broker/limits.h"

namespace esockets::app {

struct BannerFacts {
  std::string version;
  struct WebSocketAddress {
    std::string address;
    bool tls = false;
  };
  std::vector<std::string> listening;       // addresses with their true ports; "tls://" before some
  std::vector<std::string> administration;  // over HTTP, as above; empty: none
  std::vector<WebSocketAddress> websocket;  // those of `listening` that speak it, but for files
  std::vector<std::string> pages;           // paths of what is served there: "/chat/"
  size_t loops = 1;
  size_t descriptors = 0;         // limit of this process
  size_t descriptors_before = 0;  // before it was raised
  broker::Limits limits;
  WhoMayComeIn who;
  bool loopback_only = true;
  std::string config;  // path; empty: none
  int pid = 0;
};

// One fact a line, each line ended. "listening on ADDRESS" (encrypted "tls://ADDRESS"),
// "administration on http://ADDRESS" (of a UNIX socket "unix:PATH"), "websocket on ws://ADDRESS"
// and "pages on http://ADDRESS/PATH/" (encrypted wss and https), once for each, are what programs
// read.
std::string Banner(const BannerFacts& facts);

}  // namespace esockets::app

#endif  // APP_BANNER_H_

#include "server/http/host_name.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>

#include "server/http/text.h"

namespace esockets::http {

std::string HostName(const std::string& host) {
  const std::string_view text = host;
  const bool brackets = text.starts_with('[');
  const size_t end = brackets ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return {};
  const std::string_view name = brackets ? text.substr(1, end - 1) : text.substr(0, end);
  const std::string_view port = text.substr(brackets ? end + 1 : end);
  if (!port.empty() && (port[0] != ':' || !IsNumber(port.substr(1)))) return {};
  if (name.find('\0') != std::string_view::npos) return {};
  if (brackets && name.find(':') == std::string_view::npos) return {};
  return ToLower(name);
}

bool IsOwnName(const std::string& host_name) {
  in6_addr address;  // room for either
  return host_name == "localhost" || ::inet_pton(AF_INET, host_name.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, host_name.c_str(), &address) == 1;
}

}  // namespace esockets::http

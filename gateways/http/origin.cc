#include "gateways/http/origin.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>

#include "base/strings.h"
#include "gateways/http/text.h"

namespace esockets::http {
namespace {

bool IsAddress(const std::string& name) {
  in6_addr address;  // room for either
  return ::inet_pton(AF_INET, name.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

}  // namespace

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

std::string ForeignOrigin(const Request& request, std::span<const std::string> hosts) {
  const std::string* host = request.Find("host");
  if (host != nullptr) {
    const std::string name = HostName(*host);
    const auto is_name = [&](const std::string& known) { return ToLower(known) == name; };
    if (name.empty() ||
        (name != "localhost" && !IsAddress(name) && std::ranges::none_of(hosts, is_name))) {
      return base::StrCat("the name ", *host, " is not in admin_hosts");
    }
  }
  if (const std::string* origin = request.Find("origin")) {
    if (host == nullptr || ToLower(*origin) != ToLower("http://" + *host)) {
      return base::StrCat("the request is that of a page of ", *origin);
    }
  }
  const std::string* site = request.Find("sec-fetch-site");
  if (site != nullptr && *site != "same-origin" && *site != "none") {
    return base::StrCat("the request is that of a page: Sec-Fetch-Site is ", *site);
  }
  return {};
}

}  // namespace esockets::http

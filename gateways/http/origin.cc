#include "gateways/http/origin.h"

#include <algorithm>

#include "base/strings.h"
#include "server/http/host_name.h"
#include "server/http/text.h"

namespace esockets::http {

std::string ForeignOrigin(const Request& request, std::span<const std::string> hosts) {
  const std::string* host = request.Find("host");
  if (host != nullptr) {
    const std::string name = HostName(*host);
    const auto is_name = [&](const std::string& known) { return ToLower(known) == name; };
    if (name.empty() || (!IsOwnName(name) && std::ranges::none_of(hosts, is_name))) {
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

#include "clients/cpp/broker_address.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "base/strings.h"

namespace esockets::client {
namespace {

constexpr std::string_view kTls = "tls://";

absl::Status Mistake(std::string_view text, std::string_view why) {
  return base::Error(absl::StatusCode::kInvalidArgument, "address \"", text, "\": ", why);
}

bool IsOfName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

}  // namespace

absl::StatusOr<BrokerAddress> BrokerAddress::Parse(std::string_view text) {
  BrokerAddress parsed;
  std::string_view rest = text;
  if (rest.starts_with(kTls)) {
    rest.remove_prefix(kTls.size());
    parsed.tls_ = true;
  }
  if (rest.find("://") != std::string_view::npos) {
    return Mistake(text, "HOST:PORT, tls://HOST:PORT or unix:PATH is spoken");
  }
  if (parsed.tls_ && rest.starts_with("unix:")) return Mistake(text, "a UNIX socket has no TLS");
  const size_t colon = rest.rfind(':');
  parsed.host_ = std::string(rest.substr(0, std::min(colon, rest.size())));
  absl::StatusOr<server::SocketAddress> address = server::SocketAddress::Parse(rest);
  if (address.ok()) {
    parsed.address_ = *std::move(address);
    if (parsed.address_->family() == server::SocketAddress::Family::kUnix) parsed.host_.clear();
    if (parsed.host_.starts_with('[')) {
      parsed.host_ = parsed.host_.substr(1, parsed.host_.size() - 2);
    }
    return parsed;
  }
  // The port is right in itself, and what stands before it could be a name.
  const bool is_name = !parsed.host_.empty() && colon != std::string_view::npos &&
                       std::all_of(parsed.host_.begin(), parsed.host_.end(), IsOfName) &&
                       std::any_of(parsed.host_.begin(), parsed.host_.end(),
                                   [](char c) { return (c < '0' || c > '9') && c != '.'; });
  parsed.port_ = is_name ? std::string(rest.substr(colon + 1)) : std::string();
  if (!is_name || !server::SocketAddress::Parse("127.0.0.1:" + parsed.port_).ok()) {
    return address.status();
  }
  return parsed;
}

absl::StatusOr<server::SocketAddress> BrokerAddress::Resolve() {
  return address_ ? *address_ : LookUp();
}

absl::StatusOr<server::SocketAddress> BrokerAddress::LookUp() {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host_.c_str(), port_.c_str(), &hints, &found);
  if (error != 0) {
    return base::Error(absl::StatusCode::kUnavailable, "cannot look up ", host_, ": ",
                       std::string_view(::gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &::freeaddrinfo);
  std::vector<server::SocketAddress> addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    sockaddr_storage storage{};
    std::memcpy(&storage, one->ai_addr, std::min<size_t>(one->ai_addrlen, sizeof storage));
    addresses.push_back(server::SocketAddress::FromKernel(storage));
  }
  return addresses[lookups_++ % addresses.size()];
}

}  // namespace esockets::client

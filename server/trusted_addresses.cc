#include "server/trusted_addresses.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/strings.h"

namespace esockets::server {
namespace {

using Family = SocketAddress::Family;

constexpr uint8_t kMappedPrefixBits = 96;  // ::ffff:0:0/96, RFC 4291, section 2.5.5.2

template <typename... Ts>
absl::Status Invalid(std::string_view network, const Ts&... why) {
  return base::Error(absl::StatusCode::kInvalidArgument, "\"", network, "\": ", why...);
}

uint8_t BitsOf(Family family) { return family == Family::kIpv4 ? 32 : 128; }

// "10.0.0.0" of 10.0.0.0:0, "::1" of [::1]:0.
std::string IpText(const SocketAddress::Endpoint& endpoint) {
  SocketAddress address(endpoint);
  address.set_port(0);
  std::string text = address.ToString();
  text.resize(text.size() - 2);
  if (text.starts_with('[')) return text.substr(1, text.size() - 2);
  return text;
}

// In the one way it is written: no sign, no leading zeros.
std::optional<uint8_t> ParsePrefix(std::string_view text, uint8_t bits_max) {
  uint8_t bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool zeros = text.size() > 1 && text.front() == '0';
  if (error != std::errc() || end != text.data() + text.size() || zeros) return {};
  if (bits > bits_max) return {};
  return bits;
}

// The first address of the network of `bits` that `endpoint` is in.
SocketAddress::Endpoint FirstOf(SocketAddress::Endpoint endpoint, size_t bits) {
  for (size_t i = 0; i < endpoint.ip.size(); ++i) {
    const size_t kept = std::clamp<size_t>(bits, 8 * i, 8 * i + 8) - 8 * i;
    endpoint.ip[i] &= static_cast<uint8_t>(0xff00 >> kept);
  }
  return endpoint;
}

}  // namespace

absl::StatusOr<TrustedAddresses> TrustedAddresses::Parse(const std::vector<std::string>& networks) {
  TrustedAddresses trusted;
  for (const std::string& network : networks) {
    absl::Status status = trusted.Add(network);
    if (!status.ok()) return status;
  }
  return trusted;
}

absl::Status TrustedAddresses::Add(std::string_view network) {
  if (network == "unix") {
    unix_sockets_ = true;
    return absl::OkStatus();
  }
  const std::string_view ip = network.substr(0, network.find('/'));
  const Family family = ip.find(':') == std::string_view::npos ? Family::kIpv4 : Family::kIpv6;
  const std::optional<SocketAddress> address = SocketAddress::FromIpText(family, ip, 0);
  if (!address) {
    return Invalid(network, "write an address, 192.0.2.7 or 2001:db8::5, a network, 10.0.0.0/8 or ",
                   "2001:db8::/32, or unix; without brackets, port or name");
  }
  std::optional<uint8_t> bits = BitsOf(family);
  if (ip.size() != network.size()) bits = ParsePrefix(network.substr(ip.size() + 1), *bits);
  if (!bits) {
    return Invalid(network,
                   "the length of the prefix, behind the \"/\", must be a number from 0 to ",
                   BitsOf(family));
  }
  const SocketAddress::Endpoint first = FirstOf(address->endpoint(), *bits);
  if (first.ip != address->endpoint().ip) {
    return Invalid(network, "bits are set behind the prefix; write ", IpText(first), "/", *bits,
                   " for that network, or ", ip, " for that address alone");
  }
  const SocketAddress unmapped = address->Unmapped();
  if (unmapped.family() != family) *bits -= kMappedPrefixBits;  // fewer would cut its ffff off
  networks_.push_back({unmapped.endpoint(), *bits});
  return absl::OkStatus();
}

bool TrustedAddresses::Contains(const SocketAddress& peer) const {
  if (peer.family() == Family::kUnix) return unix_sockets_;
  const SocketAddress::Endpoint endpoint = peer.Unmapped().endpoint();
  return std::ranges::any_of(networks_, [&endpoint](const Network& network) {
    return network.first.family == endpoint.family &&
           network.first.ip == FirstOf(endpoint, network.prefix_bits).ip;
  });
}

}  // namespace esockets::server

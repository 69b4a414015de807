#include "server/admission.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "server/limits.h"

namespace esockets::server {

std::string_view AdmissionRefusalText(AdmissionRefusal refusal) {
  switch (refusal) {
    case AdmissionRefusal::kNone:
      return "";
    case AdmissionRefusal::kOfListener:
      return "listener";
    case AdmissionRefusal::kOfAddress:
      return "address";
    case AdmissionRefusal::kTooFast:
      return "address_rate";
  }
  return "";
}

// An address of IPv4 is written as in an IPv4-mapped one, of which the last half is not cut.
bool Admission::KeyOf(const SocketAddress& peer, AddressKey* key) {
  const SocketAddress address = peer.Unmapped();
  const std::array<uint8_t, 16>& ip = address.endpoint().ip;
  constexpr size_t kNetworkBytes = 8;
  key->fill(0);
  if (address.family() == SocketAddress::Family::kIpv6) {
    std::copy_n(ip.begin(), kNetworkBytes, key->begin());
    return true;
  }
  (*key)[10] = (*key)[11] = 0xFF;
  std::copy_n(ip.begin(), 4, key->begin() + 12);
  return address.family() == SocketAddress::Family::kIpv4;
}

ListenerQuota Admission::QuotaOf(size_t listener) const {
  return listener < settings_.of_listeners.size() ? settings_.of_listeners[listener]
                                                  : ListenerQuota();
}

AdmissionRefusal Admission::Count(AdmissionRefusal refusal) {
  refused_total_[static_cast<size_t>(refusal)].Add();
  return refusal;
}

void Admission::Replace(AdmissionSettings settings) {
  const std::lock_guard lock(mutex_);
  settings_ = std::move(settings);
}

// Loops that are late for ever let some in nevertheless: whoever administrates is one of them.
Admission::Room Admission::RoomAt(base::TimePoint now, base::Duration lag) {
  const std::lock_guard lock(mutex_);
  Room room{.connections = kAcceptsPerTurnMax};
  if (lag > kAcceptLagMax) {
    const base::TimePoint next = let_in_late_ + kAcceptLatePause;
    if (now < next) room = {.connections = 0, .pause = next - now};
    if (now >= next) room.connections = kAcceptsWhenLateMax, let_in_late_ = now;
  }
  const uint32_t per_second = settings_.connects_per_second_max;
  while (room.connections > 0 &&
         !connects_.Allows(static_cast<uint64_t>(room.connections), per_second, now)) {
    room.connections /= 2;
    if (room.connections == 0) room.pause = connects_.TimeUntil(1, per_second, now);
  }
  if (room.connections == 0) pauses_total_.Add();
  return room;
}

AdmissionRefusal Admission::EnterListener(size_t listener, base::TimePoint now) {
  const std::lock_guard lock(mutex_);
  connects_.Take(1, settings_.connects_per_second_max, now);
  if (listener >= connections_.size()) connections_.resize(listener + 1);
  const uint32_t connections_max = QuotaOf(listener).connections_max;
  uint32_t& connections = connections_[listener];
  if (connections_max != 0 && connections >= connections_max) {
    return Count(AdmissionRefusal::kOfListener);
  }
  ++connections;
  return AdmissionRefusal::kNone;
}

void Admission::LeaveListener(size_t listener) {
  const std::lock_guard lock(mutex_);
  --connections_[listener];
}

AdmissionRefusal Admission::EnterAddress(size_t listener, const SocketAddress& peer,
                                         base::TimePoint now) {
  AddressKey key;
  if (!KeyOf(peer, &key)) return AdmissionRefusal::kNone;
  const std::lock_guard lock(mutex_);
  if (addresses_.size() >= look_at_addresses_) ForgetIdle(now);
  const ListenerQuota quota = QuotaOf(listener);
  Address& address = addresses_[key];
  // Who was refused is not kept out by trying again.
  const uint32_t per_second = quota.connects_per_second_per_address_max;
  if (!address.connects.Allows(1, per_second, now)) return Count(AdmissionRefusal::kTooFast);
  address.connects.Take(1, per_second, now);
  if (quota.connections_per_address_max != 0 &&
      address.connections >= quota.connections_per_address_max) {
    return Count(AdmissionRefusal::kOfAddress);
  }
  ++address.connections;
  return AdmissionRefusal::kNone;
}

void Admission::LeaveAddress(const SocketAddress& peer) {
  AddressKey key;
  if (!KeyOf(peer, &key)) return;
  const std::lock_guard lock(mutex_);
  --addresses_.find(key)->second.connections;
}

// Those without a connection whose bucket would be full again at the lowest of all rates: nothing
// that matters is known of them. Each look is paid for by as many newcomers.
void Admission::ForgetIdle(base::TimePoint now) {
  absl::erase_if(addresses_, [now](const auto& entry) {
    return entry.second.connections == 0 && entry.second.connects.Allows(1, /*per_second=*/1, now);
  });
  look_at_addresses_ = std::max(kLookAtAddressesMin, 2 * addresses_.size());
}

std::string Admission::Describe(AdmissionRefusal refusal, size_t listener) const {
  const std::lock_guard lock(mutex_);
  const ListenerQuota quota = QuotaOf(listener);
  switch (refusal) {
    case AdmissionRefusal::kNone:
      return "";
    case AdmissionRefusal::kOfListener:
      return base::StrCat("limit ", quota.connections_max, " on this port");
    case AdmissionRefusal::kOfAddress:
      return base::StrCat("limit ", quota.connections_per_address_max, " from one address");
    case AdmissionRefusal::kTooFast:
      return base::StrCat("limit ", quota.connects_per_second_per_address_max,
                          " a second from one address");
  }
  return "";
}

size_t Admission::addresses() const {
  const std::lock_guard lock(mutex_);
  return addresses_.size();
}

AdmissionUse Admission::Use(base::TimePoint now) const {
  const std::lock_guard lock(mutex_);
  AdmissionUse use{.settings = settings_,
                   .connections = connections_,
                   .connects = connects_.Used(settings_.connects_per_second_max, now)};
  for (const auto& [key, address] : addresses_) {
    use.connections_of_an_address = std::max(use.connections_of_an_address, address.connections);
  }
  return use;
}

}  // namespace esockets::server

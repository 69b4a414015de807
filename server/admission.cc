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

Admission::OfListener& Admission::StateOf(size_t listener) {
  if (listener >= listeners_.size()) listeners_.resize(listener + 1);
  return listeners_[listener];
}

AdmissionRefusal Admission::Count(size_t listener, AdmissionRefusal refusal) {
  ++StateOf(listener).use.refused_total[static_cast<size_t>(refusal)];
  refused_total_[static_cast<size_t>(refusal)].Add();
  return refusal;
}

void Admission::Replace(AdmissionSettings settings) {
  const std::lock_guard lock(mutex_);
  settings_ = std::move(settings);
}

bool Admission::Narrow(const base::RateLimit& connects, uint32_t per_second, base::TimePoint now,
                       Room* room) {
  // A full bucket would allow more than it holds.
  if (per_second != 0) {
    room->connections = static_cast<int>(std::min<int64_t>(room->connections, per_second));
  }
  while (!connects.Allows(static_cast<uint64_t>(room->connections), per_second, now)) {
    room->connections /= 2;
    if (room->connections > 0) continue;
    room->pause = connects.TimeUntil(1, per_second, now);
    return false;
  }
  return true;
}

// Loops that are late for ever let some in nevertheless: whoever administrates is one of them.
Admission::Room Admission::RoomAt(size_t listener, base::TimePoint now, base::Duration lag) {
  const std::lock_guard lock(mutex_);
  Room room{.connections = kAcceptsPerTurnMax};
  if (lag > kAcceptLagMax) {
    const base::TimePoint next = let_in_late_ + kAcceptLatePause;
    if (now < next) room = {.connections = 0, .pause = next - now};
    if (now >= next) room.connections = kAcceptsWhenLateMax, let_in_late_ = now;
  }
  OfListener& own = StateOf(listener);
  if (room.connections > 0 &&
      !Narrow(own.connects, QuotaOf(listener).connects_per_second_max, now, &room)) {
    ++own.use.pauses_total;
  }
  if (room.connections > 0 && !Narrow(connects_, settings_.connects_per_second_max, now, &room)) {
    ++connects_pauses_;
  }
  if (room.connections == 0) pauses_total_.Add();
  return room;
}

AdmissionRefusal Admission::EnterListener(size_t listener, base::TimePoint now) {
  const std::lock_guard lock(mutex_);
  const ListenerQuota quota = QuotaOf(listener);
  OfListener& own = StateOf(listener);
  connects_.Take(1, settings_.connects_per_second_max, now);
  own.connects.Take(1, quota.connects_per_second_max, now);
  if (quota.connections_max != 0 && own.use.connections >= quota.connections_max) {
    return Count(listener, AdmissionRefusal::kOfListener);
  }
  ++own.use.connections;
  return AdmissionRefusal::kNone;
}

void Admission::LeaveListener(size_t listener) {
  const std::lock_guard lock(mutex_);
  --listeners_[listener].use.connections;
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
  if (!address.connects.Allows(1, per_second, now)) {
    return Count(listener, AdmissionRefusal::kTooFast);
  }
  address.connects.Take(1, per_second, now);
  if (quota.connections_per_address_max != 0 &&
      address.connections >= quota.connections_per_address_max) {
    return Count(listener, AdmissionRefusal::kOfAddress);
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
                   .of_listeners = {},
                   .connects = connects_.Used(settings_.connects_per_second_max, now),
                   .pauses_total = connects_pauses_};
  for (size_t i = 0; i < listeners_.size(); ++i) {
    ListenerUse& one = use.of_listeners.emplace_back(listeners_[i].use);
    one.connects = listeners_[i].connects.Used(QuotaOf(i).connects_per_second_max, now);
  }
  for (const auto& [key, address] : addresses_) {
    use.connections_of_an_address = std::max(use.connections_of_an_address, address.connections);
  }
  return use;
}

}  // namespace esockets::server

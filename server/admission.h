// Whom a server takes in: how many connections an address may have, how fast it may make them, and
// how fast those of a listener and all together may, as far as the loops keep up. Those who are
// connected come first.
#ifndef SERVER_ADMISSION_H_
#define SERVER_ADMISSION_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/rate_limit.h"
#include "server/socket_address.h"

namespace esockets::server {

// Of one listener; 0: none.
struct ListenerQuota {
  uint32_t connections_max = 0;
  uint32_t connections_per_address_max = 0;
  uint32_t connects_per_second_per_address_max = 0;
  uint32_t connects_per_second_max = 0;  // what comes faster waits in the kernel
};

struct AdmissionSettings {
  std::vector<ListenerQuota> of_listeners;  // by their number; others: none
  // Of all listeners together; 0: none. What comes faster waits in the kernel.
  uint32_t connects_per_second_max = 0;
};

enum class AdmissionRefusal : uint8_t { kNone, kOfListener, kOfAddress, kTooFast };
inline constexpr int kAdmissionRefusals = 4;
std::string_view AdmissionRefusalText(AdmissionRefusal refusal);

// How much of its quota a listener has used, and how often it was reached.
struct ListenerUse {
  uint32_t connections = 0;
  uint64_t connects = 0;  // of what may come in a second
  std::array<uint64_t, kAdmissionRefusals> refused_total{};
  uint64_t pauses_total = 0;
};

struct AdmissionUse {
  AdmissionSettings settings;
  std::vector<ListenerUse> of_listeners;   // of each that has had a connection
  uint32_t connections_of_an_address = 0;  // of the one that has most
  uint64_t connects = 0;                   // of what may come in a second
  uint64_t pauses_total = 0;               // because all together were too fast
};

// An address is all of the /64 of one of IPv6: one host has as many as it likes of those. UNIX
// sockets have none. Thread: any, unless said otherwise.
class Admission {
 public:
  explicit Admission(AdmissionSettings settings) : settings_(std::move(settings)) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // For what comes from here on: nobody who is there is sent away.
  void Replace(AdmissionSettings settings);

  // How many connections this listener may take now; 0: none before `pause` is over. `lag`: of the
  // loop that is latest. Thread: the one that accepts.
  struct Room {
    int connections = 0;
    base::Duration pause{};
  };
  Room RoomAt(size_t listener, base::TimePoint now, base::Duration lag);

  // One more on this listener, which must leave it if it was not refused.
  AdmissionRefusal EnterListener(size_t listener, base::TimePoint now);
  void LeaveListener(size_t listener);
  // One more from this address, which must leave it if it was not refused; on a listener behind
  // proxies when they have said from which.
  AdmissionRefusal EnterAddress(size_t listener, const SocketAddress& peer, base::TimePoint now);
  void LeaveAddress(const SocketAddress& peer);

  // "limit 100 connections from one address", for who was refused.
  std::string Describe(AdmissionRefusal refusal, size_t listener) const;

  const base::Counter& refused_total(AdmissionRefusal refusal) const {
    return refused_total_[static_cast<size_t>(refusal)];
  }
  const base::Counter& pauses_total() const { return pauses_total_; }
  size_t addresses() const;  // that are remembered
  AdmissionUse Use(base::TimePoint now) const;

 private:
  using AddressKey = std::array<uint8_t, 16>;
  struct Address {
    uint32_t connections = 0;
    base::RateLimit connects{};
  };
  struct OfListener {
    ListenerUse use;
    base::RateLimit connects{};
  };
  static bool KeyOf(const SocketAddress& peer, AddressKey* key);
  ListenerQuota QuotaOf(size_t listener) const;
  OfListener& StateOf(size_t listener);
  // False, and *room has none: not even one.
  static bool Narrow(const base::RateLimit& connects, uint32_t per_second, base::TimePoint now,
                     Room* room);
  AdmissionRefusal Count(size_t listener, AdmissionRefusal refusal);
  void ForgetIdle(base::TimePoint now);

  mutable std::mutex mutex_;
  AdmissionSettings settings_;  // guarded by mutex_, as all below
  base::RateLimit connects_;
  base::TimePoint let_in_late_{};  // when the loops were late, and some were let in nevertheless
  uint64_t connects_pauses_ = 0;
  std::vector<OfListener> listeners_;
  absl::flat_hash_map<AddressKey, Address> addresses_;
  size_t look_at_addresses_ = kLookAtAddressesMin;  // when there are so many

  static constexpr size_t kLookAtAddressesMin = 1024;
  std::array<base::Counter, kAdmissionRefusals> refused_total_;
  base::Counter pauses_total_;
};

}  // namespace esockets::server

#endif  // SERVER_ADMISSION_H_

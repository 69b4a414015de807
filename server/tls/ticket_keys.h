// The keys of session tickets, with which a client that comes back is spared the costly part of a
// handshake (RFC 5077; RFC 8446, section 2.2). They change with time, not when certificates do.
#ifndef SERVER_TLS_TICKET_KEYS_H_
#define SERVER_TLS_TICKET_KEYS_H_

#include <openssl/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"

namespace esockets::tls {

// Thread: any.
class TicketKeys {
 public:
  struct Key {
    std::array<uint8_t, 16> name;
    std::array<uint8_t, 32> cipher;
    std::array<uint8_t, 32> mac;
    base::TimePoint made;
  };

  // REQUIRES: `clock` outlives it.
  explicit TicketKeys(const base::Clock* clock) : clock_(*clock) {}
  // Those that all listeners of a process share.
  static const std::shared_ptr<TicketKeys>& OfProcess();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;
  ~TicketKeys();

  // To make tickets with.
  Key Current();
  // By its name, while tickets of it are taken; `renew`: the client should have a new one.
  std::optional<Key> Find(const uint8_t* name, bool* renew);

  // The contract of SSL_CTX_set_tlsext_ticket_key_evp_cb.
  int Use(uint8_t* name, uint8_t* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, bool make);

 private:
  const base::Clock& clock_;
  std::mutex mutex_;
  std::array<Key, 2> keys_{};  // guarded by mutex_; the newest first
  size_t count_ = 0;           // of them that there are; guarded by mutex_
};

}  // namespace esockets::tls

#endif  // SERVER_TLS_TICKET_KEYS_H_

// What a session needs of the network: bytes there and back, over one connection at a time.
#ifndef CLIENTS_CPP_TRANSPORT_H_
#define CLIENTS_CPP_TRANSPORT_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "base/on_loop.h"

namespace esockets::client {

// Thread: the loop.
class TransportListener {
 public:
  // The connection stands.
  virtual void OnUp() ESOCKETS_ON_LOOP = 0;
  // It could not be made, or it ended; `reason` is never OK. It is gone.
  virtual void OnDown(const absl::Status& reason) ESOCKETS_ON_LOOP = 0;
  // Input. Returns how many of the bytes are done with; the rest comes again.
  virtual size_t OnBytes(std::string_view bytes) ESOCKETS_ON_LOOP = 0;
  // It was congested, and is not any more.
  virtual void OnUncongested() ESOCKETS_ON_LOOP = 0;

 protected:
  ~TransportListener() = default;
};

// Thread: the loop. The listener is never called from within these.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual void set_listener(TransportListener* listener) = 0;

  // Begins a connection; OnUp or OnDown follows. REQUIRES: there is none.
  virtual void Dial() ESOCKETS_ON_LOOP = 0;
  // Forgets the connection, or the attempt, at once; no call follows. No effect when there is none.
  virtual void Drop() ESOCKETS_ON_LOOP = 0;

  // Whole frames. No effect when the connection does not stand.
  virtual void Send(std::string_view frames) ESOCKETS_ON_LOOP = 0;
  // More is queued than the socket takes at the moment.
  virtual bool congested() const ESOCKETS_ON_LOOP = 0;

  // Not counted. A new connection reads.
  virtual void PauseRead() ESOCKETS_ON_LOOP = 0;
  virtual void ResumeRead() ESOCKETS_ON_LOOP = 0;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_TRANSPORT_H_

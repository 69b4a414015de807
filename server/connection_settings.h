// What the connections of a server have in common, and the words for their ends.
#ifndef SERVER_CONNECTION_SETTINGS_H_
#define SERVER_CONNECTION_SETTINGS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/on_loop.h"
#include "server/framing.h"
#include "server/limits.h"
#include "server/socket_address.h"
#include "server/unique_fd.h"

namespace esockets::server {

class Connection;
class EventLoop;

// Whoever keeps a connection hears of its end last.
class ConnectionOwner {
 public:
  virtual void OnConnectionClosed(Connection& connection) ESOCKETS_ON_LOOP = 0;

 protected:
  ~ConnectionOwner() = default;
};

// The same for all connections of a server.
struct ConnectionSettings {
  ConnectionOwner* owner = nullptr;
  Framing framing = Framing::kRaw;  // what Send adds to a message
  size_t high_watermark_bytes = kHighWatermarkBytes;
  size_t low_watermark_bytes = kLowWatermarkBytes;
  size_t send_queue_bytes_max = kSendQueueBytesMax;
  base::Duration close_linger = kCloseLinger;
  base::Duration idle_timeout{};  // without input; zero: none
};

// What one is made of.
struct ConnectionArgs {
  EventLoop* loop;
  UniqueFd fd;
  uint64_t id;  // never reused
  SocketAddress peer;
  const ConnectionSettings* settings;  // outlives the connection
  uint8_t listener = 0;                // by its number among those of the server
  bool address_counted = false;        // by the server's admission
};

// How a connection came to its end.
enum class ConnectionEnd : uint8_t {
  kNone,          // it is open
  kByPeer,        // end of input
  kByPeerInside,  // end of input inside a message
  kByUs,          // Close
  kIdle,          // idle_timeout
  kBroken,        // reset, or another error of the socket: error_number()
  kAgainstRules,  // the peer broke the rules of its transport
};
std::string_view ConnectionEndText(ConnectionEnd end);

// From the slowest to the quickest.
enum class CloseMode : uint8_t {
  kAfterFlush,         // what is queued is sent first, while the peer takes it
  kAfterCurrentFrame,  // whole frames that are not on the wire yet are dropped
  kNow,                // everything is dropped, at once
};

enum class SendResult : uint8_t { kOk, kClosed, kQueueFull };

}  // namespace esockets::server

#endif  // SERVER_CONNECTION_SETTINGS_H_

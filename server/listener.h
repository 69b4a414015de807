// Accepts connections on one address, in batches, and survives running out of descriptors.
#ifndef SERVER_LISTENER_H_
#define SERVER_LISTENER_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "server/admission.h"
#include "server/event_loop.h"
#include "server/limits.h"
#include "server/socket_address.h"
#include "server/unique_fd.h"

namespace esockets::server {

// Lives on the accepting loop.
class Listener final : private EventHandler {
 public:
  struct Callbacks {
    // How many of the connections that wait may be taken now.
    std::function<Admission::Room()> room = [] {
      return Admission::Room{.connections = kAcceptsPerTurnMax};
    };
    // Quotas, asked when it is taken: why it is refused. Nothing: it is not.
    std::function<std::optional<std::string>(const SocketAddress& peer)> why_refuse;
    std::function<void(UniqueFd fd, SocketAddress peer)> on_accept;
    std::function<void(std::string_view warning)> on_warning;
    // The bytes to tell a client for whom there is no place, by quota or for want of a descriptor,
    // before its connection is closed. Best effort: what fits into the empty socket at once.
    std::function<std::string(std::string_view why)> on_refuse = [](std::string_view) {
      return std::string();
    };
  };

  // `fd` listens on `address`. REQUIRES: `loop` outlives the listener.
  Listener(EventLoop* loop, UniqueFd fd, SocketAddress address, Callbacks callbacks);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  void Start() ESOCKETS_ON_LOOP;
  // No more connections; those that wait in the kernel are refused when the descriptor closes. A
  // UNIX socket's file goes with its listener.
  void Stop() ESOCKETS_ON_LOOP;

  // Thread: any.
  const SocketAddress& address() const { return address_; }

 private:
  void OnEvents(uint32_t events) override ESOCKETS_ON_LOOP;
  bool AcceptOne() ESOCKETS_ON_LOOP;
  bool MayWarn() ESOCKETS_ON_LOOP;
  void Warn(int error) ESOCKETS_ON_LOOP;
  bool AcceptToRefuse() ESOCKETS_ON_LOOP;
  void Refuse(UniqueFd fd, std::string_view why) ESOCKETS_ON_LOOP;
  void Pause(base::Duration duration) ESOCKETS_ON_LOOP;
  void Close();

  EventLoop& loop_;
  const SocketAddress address_;
  const Callbacks callbacks_;

  // The loop alone.
  UniqueFd fd_;
  UniqueFd spare_;  // given up to accept and refuse one connection when there are no others
  base::TimerId pause_ ESOCKETS_GUARDED_BY_LOOP;
  base::TimePoint warned_until_ ESOCKETS_GUARDED_BY_LOOP{};  // no second warning before
};

}  // namespace esockets::server

#endif  // SERVER_LISTENER_H_

// All clients of a run on one thread and one epoll.
#ifndef BENCH_LOAD_FLEET_H_
#define BENCH_LOAD_FLEET_H_

#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/load/link.h"
#include "bench/load/protocol.h"
#include "bench/load/stream_check.h"
#include "bench/load/websocket_carrier.h"
#include "server/socket_address.h"
#include "server/unique_fd.h"

namespace esockets::load {

class Fleet {
 public:
  // `transport`: of all links but publishers, which are always native: what is measured is what
  // a delivery costs.
  Fleet(const Protocol& protocol, const server::SocketAddress& address, Transport transport);

  // A client with a client id of its own, on its way to the broker. Waits while too many others
  // are on theirs. `requests` follow the Connect at once.
  absl::StatusOr<Link*> Add(StreamCheck::Expect expect, std::string_view requests = {}) {
    return Add(expect, requests, transport_);
  }
  absl::StatusOr<Link*> AddPublisher(StreamCheck::Expect expect) {
    return Add(expect, {}, Transport::kTcp);
  }

  // Starts to send what is in link->out().
  void Flush(Link* link);
  // Wakes the loop when the kernel takes more of this link's bytes.
  void WaitForRoom(Link* link);

  // A link is not read from any more, or again: a subscriber that has stopped.
  void StopReading(Link* link) { Watch(link, EPOLL_CTL_MOD, 0); }
  void ReadAgain(Link* link) { Watch(link, EPOLL_CTL_MOD, EPOLLIN); }

  // Waits for events, at most so long, and handles them. Returns how many there were.
  int Turn(uint64_t timeout_ns);

  // The same without waiting; time in which there was nothing adds up as idle.
  void Poll();
  uint64_t idle_ns() const { return idle_ns_; }

  // Turns until `done`. Errors: kDeadlineExceeded when nothing happened for a while.
  absl::Status TurnUntil(std::string_view what, const std::function<bool()>& done);
  // The same without waiting between turns.
  absl::Status PollUntil(std::string_view what, const std::function<bool()>& done);

  // Every client added so far has its connection accepted.
  absl::Status WaitUntilConnected();

  Totals& totals() { return totals_; }
  // Of all but the links that may lose messages.
  Faults faults() const;
  const std::vector<std::unique_ptr<Link>>& links() const { return links_; }
  const Protocol& protocol() const { return protocol_; }

 private:
  absl::Status Until(std::string_view what, const std::function<bool()>& done,
                     const std::function<void()>& turn);
  void Watch(Link* link, int operation, uint32_t events);
  void OnClosed(Link* link);

  absl::StatusOr<Link*> Add(StreamCheck::Expect expect, std::string_view requests,
                            Transport transport);

  const Protocol& protocol_;
  const server::SocketAddress address_;
  const Transport transport_;
  const server::UniqueFd epoll_;
  Scratch scratch_;
  Totals totals_;
  uint64_t idle_ns_ = 0;
  size_t established_ = 0;  // links that were connected or refused
  std::vector<std::unique_ptr<Link>> links_;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_FLEET_H_

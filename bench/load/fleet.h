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
#include "bench/load/carrier.h"
#include "bench/load/link.h"
#include "bench/load/protocol.h"
#include "bench/load/stream_check.h"
#include "bench/load/tls_carrier.h"
#include "server/socket_address.h"
#include "server/unique_fd.h"

namespace esockets::load {

// Whom the links connect to, and how.
struct Target {
  const Protocol& protocol;
  server::SocketAddress address;
  server::SocketAddress tls_address;
  // Of all links but publishers, which are always native: what is measured is what a delivery
  // costs.
  Transport transport = Transport::kTcp;
  TlsDialer* tls = nullptr;  // outlives the fleet
  // How client ids begin: a broker knows a client by its id, whatever fleet it is of.
  std::string_view ids = "load-";
};

class Fleet {
 public:
  explicit Fleet(const Target& target);

  // A client with a client id of its own, on its way to the broker. Waits while too many others
  // are on theirs. `requests` follow the Connect at once.
  absl::StatusOr<Link*> Add(StreamCheck::Expect expect, std::string_view requests = {}) {
    return Add(expect, requests, target_.transport);
  }
  absl::StatusOr<Link*> AddPublisher(StreamCheck::Expect expect) {
    return Add(expect, {}, Transport::kTcp);
  }

  // In the place of the index-th link, which ends, connects a new client.
  absl::Status Replace(size_t index);

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
  const Protocol& protocol() const { return target_.protocol; }
  const Target& target() const { return target_; }

 private:
  absl::Status Until(std::string_view what, const std::function<bool()>& done,
                     const std::function<void()>& turn);
  void Watch(Link* link, int operation, uint32_t events);
  void OnClosed(Link* link);

  absl::StatusOr<Link*> Add(StreamCheck::Expect expect, std::string_view requests,
                            Transport transport);
  absl::Status Connect(Link* link, std::string_view requests, Transport transport);
  std::unique_ptr<Carrier> MakeCarrier(Transport transport) const;
  void NoteEstablished(Link* link);

  const Target target_;
  const server::UniqueFd epoll_;
  Scratch scratch_;
  Totals totals_;
  uint64_t idle_ns_ = 0;
  size_t established_ = 0;  // links that were connected, with what carries them, or refused
  size_t next_number_ = 0;
  std::vector<std::unique_ptr<Link>> links_;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_FLEET_H_

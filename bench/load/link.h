// One client connection of the generator.
#ifndef BENCH_LOAD_LINK_H_
#define BENCH_LOAD_LINK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "bench/load/carrier.h"
#include "bench/load/protocol.h"
#include "bench/load/stream_check.h"
#include "bench/load/window.h"
#include "server/socket_address.h"
#include "server/unique_fd.h"

namespace esockets::load {

// What all links of a run count together.
struct Totals {
  uint64_t deliveries = 0;
  uint64_t connected = 0;  // answers to Connect
  uint64_t subscribed = 0;
  uint64_t unsubscribed = 0;
  uint64_t closed = 0;  // links that the broker has closed, but for those that may lose
  uint64_t bytes_received = 0;
  uint64_t bytes_looked_at = 0;
  // Where the microseconds from due to received go, while somebody wants them.
  std::vector<float>* latencies_us = nullptr;
};

// Where bytes are received into; one for all links.
struct Scratch {
  static constexpr size_t kBytes = 1 << 20;
  std::vector<char> bytes = std::vector<char>(kBytes);
};

class Link {
 public:
  // `number` names the client in its client id.
  Link(const Protocol& protocol, StreamCheck::Expect expect, size_t number)
      : protocol_(protocol), check_(expect), number_(number) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // What carries its bytes, null: TCP alone; before Open. SendSome sends over TCP alone.
  void set_carrier(std::unique_ptr<Carrier> carrier) { carrier_ = std::move(carrier); }

  // Starts to connect; what is in out() goes out when it has.
  absl::Status Open(const server::SocketAddress& address);
  void Close() { fd_.Reset(); }
  // The same, and the kernel keeps nothing of it: ports are free again at once.
  void Abort();
  bool is_open() const { return static_cast<bool>(fd_); }
  int fd() const { return fd_.get(); }
  size_t number() const { return number_; }
  // The handshake of its carrier is done; the broker has answered its Connect.
  bool is_carried() const { return !carrier_ || carrier_->is_open(); }
  bool is_connected() const { return is_connected_; }
  bool is_resumed() const { return carrier_ && carrier_->is_resumed(); }

  // Bytes to send, from the next Flush on.
  std::string* out() { return &out_; }
  // Sends what the kernel takes of out(). True: nothing is left.
  bool Flush();
  // To be flushed after a Receive.
  bool has_answer() const { return carrier_ && is_open() && !out_.empty(); }
  // Sends bytes of the caller's own; returns how many the kernel took.
  // REQUIRES: out() is empty.
  size_t SendSome(std::string_view bytes);

  // Deliveries are all equally long: look at every `look_every`-th receive only. 1: parse all.
  // Inside of a carrier all are parsed.
  void set_look_every(uint32_t look_every) { look_every_ = carrier_ ? 1 : look_every; }
  // Told of what this link receives. May be null.
  void set_window(Window* window) { window_ = window; }

  // Reads once. False: the connection has ended.
  bool Receive(Scratch* scratch, Totals* totals);

  const StreamCheck& check() const { return check_; }

  // For the fleet: whether EPOLLOUT is asked for, and whether the connection was made.
  bool waits_for_room = false;
  bool established = false;

  // It has stopped reading: what it loses is not the run's fault.
  bool may_lose = false;

 private:
  bool SkipOrLook(Scratch* scratch, Totals* totals);
  bool ReceiveParsed(Scratch* scratch, Totals* totals);
  // What of received bytes is for the protocol, behind the tail. False: it is broken.
  bool Unwrap(std::span<char> received, Scratch* scratch, std::string_view* bytes);
  // Returns the bytes used.
  size_t Parse(std::string_view bytes, Totals* totals);
  void OnFrame(std::string_view bytes, const Frame& frame, Totals* totals);
  void Count(uint64_t before, Totals* totals);

  const Protocol& protocol_;
  server::UniqueFd fd_;
  StreamCheck check_;
  Window* window_ = nullptr;
  const size_t number_;
  uint32_t look_every_ = 1;
  uint32_t receives_ = 0;
  uint64_t now_ns_ = 0;  // of the receive under way, if latencies are wanted
  std::unique_ptr<Carrier> carrier_;
  bool is_connected_ = false;
  std::string out_;
  size_t out_sent_ = 0;
  size_t out_wrapped_ = 0;  // bytes of out_ that are as they go over the wire
  std::string tail_;        // of a frame that has not come whole
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_LINK_H_

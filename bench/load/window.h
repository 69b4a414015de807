// How many messages may be under way, so that no broker has to drop any: a publisher sends on only
// when its receivers have what it sent before.
#ifndef BENCH_LOAD_WINDOW_H_
#define BENCH_LOAD_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace esockets::load {

class Window {
 public:
  // Windows move in steps of a quarter, so that brokers are given batches.

  // Each of `receivers` gets every message; the slowest one counts.
  static Window OfSlowest(uint64_t messages_max, size_t receivers);

  // Each message is delivered `deliveries` times, to whomever; the sum of deliveries counts.
  static Window OfSum(uint64_t messages_max, size_t deliveries);

  // Messages that may be sent at once.
  uint64_t open() const { return passed_ + messages_max_ - sent_; }
  uint64_t sent() const { return sent_; }
  // Every message sent has been received by all who should.
  bool empty() const;

  // REQUIRES: messages <= open()
  void Sent(uint64_t messages) { sent_ += messages; }

  // One receiver's count of received messages was `before` and is `after`.
  void Received(uint64_t before, uint64_t after);

 private:
  Window(uint64_t messages_max, uint64_t step, size_t receivers, bool of_sum);

  const uint64_t messages_max_;
  const uint64_t step_;
  const size_t receivers_;
  const bool of_sum_;
  uint64_t sent_ = 0;
  uint64_t passed_ = 0;  // received by all, in whole steps
  uint64_t sum_ = 0;     // of all receivers
  // Receivers that have passed each step under way, by step number modulo its size.
  std::vector<size_t> passers_;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_WINDOW_H_

// New clients on a thread of their own, as many as it can connect in the time that the others
// leave.
#ifndef BENCH_LOAD_STORM_H_
#define BENCH_LOAD_STORM_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

#include "bench/load/fleet.h"
#include "bench/load/result.h"

namespace esockets::load {

class Storm {
 public:
  // So many are on their way at any time. 0: there is none.
  Storm(const Target& target, size_t clients);
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;
  ~Storm();

  // Whether clients have come in, or none ever will.
  bool has_begun() const { return connected_ > 0 || has_ended_; }

  // What is told of it begins now.
  void Note();
  // How many came in since. A storm that has ended makes the result invalid.
  void AddRate(Result* result) const;

 private:
  void Run(const Target& target);

  const size_t clients_;
  std::atomic<uint64_t> connected_ = 0;
  std::atomic<bool> has_ended_ = false;
  std::atomic<bool> shall_end_ = false;
  uint64_t noted_ = 0;
  uint64_t noted_ns_ = 0;
  std::thread thread_;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_STORM_H_

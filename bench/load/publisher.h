// Publishes one client's messages from frames that were encoded beforehand: only their sequence
// numbers are written when they are sent.
#ifndef BENCH_LOAD_PUBLISHER_H_
#define BENCH_LOAD_PUBLISHER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "bench/load/fleet.h"
#include "bench/load/link.h"
#include "bench/load/window.h"

namespace esockets::load {

class Publisher {
 public:
  // Publishes to the topics in turn, again and again; all of them equally long, so that frames are
  // too. `number`: distinguishes publishers that have a subscriber in common.
  Publisher(Fleet* fleet, Link* link, Window* window, std::span<const std::string> topics,
            size_t payload_bytes, size_t number);

  // Each send takes at most so many messages of the window, so that others with the same one get
  // their share.
  void set_share(uint64_t messages) { share_ = std::max<uint64_t>(1, messages); }

  // Makes one send of what window and kernel take. True: they may take more.
  bool Pump();

  // From now on Pump only sends what was begun.
  void Stop() { stopped_ = true; }

  // Sends one message that was due at `due_ns`, whatever the window says.
  void PublishOne(uint64_t due_ns);

 private:
  void Prepare(size_t frames, uint64_t due_ns);
  // False: the kernel is full.
  bool SendPrepared();

  Fleet& fleet_;
  Link& link_;
  Window& window_;
  std::string frames_;  // one after the other, equally long
  size_t frame_bytes_ = 0;
  size_t payload_at_ = 0;  // within a frame
  size_t frame_count_ = 0;
  uint64_t sequence_ = 0;  // of the next message
  size_t next_frame_ = 0;
  uint64_t share_ = UINT64_MAX;
  bool stopped_ = false;
  size_t unsent_begin_ = 0;  // bytes of frames_
  size_t unsent_end_ = 0;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_PUBLISHER_H_

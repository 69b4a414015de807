// Publishes one client's messages from frames that were encoded beforehand: only their sequence
// numbers are written when they are sent.
#ifndef BENCH_LOAD_PUBLISHER_H_
#define BENCH_LOAD_PUBLISHER_H_

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
  // too. A receiver that counts is told of by `window`.
  Publisher(Fleet* fleet, Link* link, Window* window, std::span<const std::string> topics,
            size_t payload_bytes);

  // Sends as much as window and kernel take.
  void Pump();

  // From now on Pump only sends what was begun.
  void Stop() { stopped_ = true; }

  // Messages published.
  uint64_t sent() const { return window_.sent(); }

  // Sends one message that was due at `due_ns`, whatever the window says.
  void PublishOne(uint64_t due_ns);

  // Index within the topics of the message with this sequence number.
  size_t TopicOf(uint64_t sequence) const { return static_cast<size_t>(sequence % topics_); }

 private:
  void Prepare(size_t frames, uint64_t due_ns);
  // False: the kernel is full.
  bool SendPrepared();

  Fleet& fleet_;
  Link& link_;
  Window& window_;
  const size_t topics_;
  std::string frames_;  // one after the other, equally long
  size_t frame_bytes_ = 0;
  size_t payload_at_ = 0;  // within a frame
  size_t frame_count_ = 0;
  size_t next_frame_ = 0;
  bool stopped_ = false;
  size_t unsent_begin_ = 0;  // bytes of frames_
  size_t unsent_end_ = 0;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_PUBLISHER_H_

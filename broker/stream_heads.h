// How far each stream is, for all loops to see: a ticket says it of the time when its client was
// here.
#ifndef BROKER_STREAM_HEADS_H_
#define BROKER_STREAM_HEADS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/on_loop.h"

namespace esockets::broker {

// Of the last message that it had stored; epoch 0: it is not known, or is no stream.
struct StreamPosition {
  uint64_t epoch = 0;
  uint64_t position = 0;
  bool operator==(const StreamPosition&) const = default;
};
// By number of the stream.
using StreamPositions = std::vector<StreamPosition>;

// Thread: any.
class StreamHeads {
 public:
  // REQUIRES: before any loop runs; each has as many.
  void Resize(size_t streams) {
    if (heads_.size() != streams) heads_ = std::vector<Head>(streams);
  }
  // By the home of the stream; `epoch` once.
  void Begin(size_t stream, StreamPosition head) {
    heads_[stream].position = head.position;
    heads_[stream].epoch = head.epoch;
  }
  void Set(size_t stream, uint64_t position) {
    heads_[stream].position.store(position, std::memory_order_relaxed);
  }
  StreamPositions Now() const {
    StreamPositions now;
    for (const Head& head : heads_) now.push_back({head.epoch, head.position});
    return now;
  }
  bool empty() const { return heads_.empty(); }

 private:
  struct Head {
    std::atomic<uint64_t> epoch{0};
    std::atomic<uint64_t> position{0};
  };
  std::vector<Head> heads_;
};

// What they were within the last second: the same for all clients that come meanwhile, who would
// take more memory for it otherwise. Thread: the loop.
class RecentStreamHeads {
 public:
  // Null: there are no streams.
  std::shared_ptr<const StreamPositions> Get(const StreamHeads& heads,
                                             base::TimePoint now) ESOCKETS_ON_LOOP {
    if (heads.empty()) return nullptr;
    if (recent_ == nullptr || now - taken_ >= kFor) {
      recent_ = std::make_shared<const StreamPositions>(heads.Now());
      taken_ = now;
    }
    return recent_;
  }

 private:
  static constexpr base::Duration kFor = std::chrono::seconds(1);

  std::shared_ptr<const StreamPositions> recent_;
  base::TimePoint taken_{};
};

}  // namespace esockets::broker

#endif  // BROKER_STREAM_HEADS_H_

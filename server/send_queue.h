// One connection's bytes on their way to the socket: spans of shared blocks, in order. One span
// lies in the queue itself; a ring for more is borrowed while it is needed. Thread: the loop.
#ifndef SERVER_SEND_QUEUE_H_
#define SERVER_SEND_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/counted_block.h"
#include "base/metrics.h"
#include "server/send_pool.h"
#include "server/socket_api.h"
#include "server/span_ring.h"

namespace esockets::server {

// One look through all queues that wait, to let go of chunks that little is left of: first every
// queue counts its spans, then every queue copies out where that frees more than it takes.
struct CopyOutLook {
  uint32_t number;                // of this look, from 1; they differ from one to the next
  base::TimePoint opened_before;  // chunks opened later are left alone
};

enum class FlushResult {
  kEmpty,    // everything is with the kernel
  kMore,     // the kernel took all that was offered, and there is more
  kRefused,  // the kernel took less than was offered, or nothing
  kFailed,   // the connection is broken
};

class SendQueue {
 public:
  SendQueue() = default;
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  // Takes the span; bytes that go on where the last span ends lengthen it.
  void Append(const base::BlockSpan& span, SendPool& pool);

  // One gathered send. Writes the error number to `error` when it returns kFailed.
  FlushResult Flush(int fd, SocketApi& api, SendPool& pool, int* error);

  // For a transport that puts bytes of its own between those of the queue: its pieces, in order.
  class Cursor {
   public:
    explicit Cursor(const SendQueue& queue) : queue_(queue), left_(queue.first_.view()) {}
    bool done() const { return left_.empty(); }
    // Of the piece that comes next.
    size_t piece_bytes() const { return left_.size(); }
    // At most so many bytes of it. REQUIRES: not done.
    std::string_view Take(size_t bytes_max);

   private:
    const SendQueue& queue_;
    std::string_view left_;
    size_t index_ = 0;  // of the span behind it
  };

  // The kernel has taken the first bytes. REQUIRES: there are as many.
  void Consume(size_t sent_bytes, SendPool& pool);

  // Of the frame whose first bytes are sent, what is left; 0: the queue begins with a frame.
  size_t begun_frame_bytes() const {
    return mid_frame_ ? first_.block->FrameEnd(first_.begin) - first_.begin : 0;
  }

  // Drops every frame that has no byte on the wire yet; a frame that has begun stays whole, and so
  // do those of the first `promised_bytes`.
  void DropUnsentFrames(SendPool& pool, size_t promised_bytes = 0);

  // Drops everything.
  void Clear(SendPool& pool);

  // Counts what waits in each block of the arena that `look` is for.
  void CountWaiting(const CopyOutLook& look);

  // Copies what waits in these into blocks of its own, where all that waits in a block is at most
  // half of it: what stays in the arena is never less than half of its blocks.
  void CopyOutOld(const CopyOutLook& look);

  // Thread: any.
  size_t bytes() const { return bytes_.value(); }
  bool empty() const { return bytes() == 0; }
  size_t spans() const { return first_.empty() ? 0 : 1 + (more_ ? more_->size() : 0); }
  // When the oldest unsent byte was written. REQUIRES: !empty().
  base::TimePoint oldest() const { return first_.block->TimeOf(first_.begin); }

 private:
  ssize_t SendSeveral(int fd, SocketApi& api, SendPool& pool, size_t* offered);
  size_t Gather(char* buffer) const;
  void PopFirst(SendPool& pool);
  template <typename Visitor>
  void ForEachOldSpan(const CopyOutLook& look, Visitor visit);

  base::BlockSpan first_;
  std::unique_ptr<SpanRing> more_;  // null: none
  base::Counter bytes_;
  bool mid_frame_ = false;  // first_ begins inside a frame whose first bytes are sent
};

}  // namespace esockets::server

#endif  // SERVER_SEND_QUEUE_H_

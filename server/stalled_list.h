// Who waits for a socket that has refused. Their spans pin whole chunks: what waits in an old
// chunk, or in any chunk while the arena is over its limit, is copied out, unless it is most of the
// chunk. Thread: the loop.
#ifndef SERVER_STALLED_LIST_H_
#define SERVER_STALLED_LIST_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/on_loop.h"
#include "server/flush_list.h"
#include "server/limits.h"

namespace esockets::server {

class StalledList {
 public:
  // No effect if it is listed.
  void Add(Flushable* stalled);
  // REQUIRED before it dies. No effect if it is not listed.
  void Remove(Flushable* stalled);

  // Once a turn. Looks at everybody every half kChunkAgeMax, or when the arena has outgrown its
  // limit.
  void CopyOutWhereDue(base::TimePoint now, size_t arena_bytes) ESOCKETS_ON_LOOP;

  bool empty() const { return stalled_.empty(); }
  size_t size() const { return stalled_.size(); }

 private:
  void CopyOut(base::TimePoint opened_before) ESOCKETS_ON_LOOP;

  std::vector<Flushable*> stalled_;
  uint32_t looks_ = 0;
  base::TimePoint next_look_{};
  // Doubled when copying out did not help, so that a busy arena is not searched in every turn.
  size_t arena_bytes_threshold_ = kArenaBytesMax;
};

}  // namespace esockets::server

#endif  // SERVER_STALLED_LIST_H_

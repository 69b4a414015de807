// Where the frames of a loop's turn lie back to back, encoded once and shared by every send
// queue that takes them. Owned by one loop. Thread: that loop.
#ifndef SERVER_FRAME_ARENA_H_
#define SERVER_FRAME_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/counted_block.h"
#include "base/frame_sequence.h"
#include "server/limits.h"

namespace esockets::server {

class FrameArena final : public base::BlockPool {
 public:
  FrameArena() = default;
  FrameArena(const FrameArena&) = delete;
  FrameArena& operator=(const FrameArena&) = delete;
  // REQUIRES: no block is referenced any more.
  ~FrameArena();

  // Frames committed from here on were written at `time`.
  void BeginTurn(base::TimePoint time) { turn_time_ = time; }

  // `size` contiguous bytes to write a frame into: in the open chunk, or in a new one, or, for a
  // frame larger than a chunk, in a block of its own. Valid until the next Reserve.
  char* Reserve(uint32_t size);

  // Ends the frame in the first `size` bytes of what was reserved.
  base::BlockSpan Commit(uint32_t size);

  // Reserve, copy, Commit.
  base::BlockSpan Write(std::string_view frame);

  // Copies the first of these frames, as many as lie back to back; at least one. Writes their
  // number to `written`. REQUIRES: there are frames.
  base::BlockSpan WriteSome(const base::FrameSequence& frames, size_t* written);

  // These frames where they are, without a copy: `keeper` keeps them.
  base::BlockRef Share(const base::FrameSequence& frames, base::BytesKeeper keeper);

  // Bytes of the blocks in use: held by somebody, or open. Not of those over what a stream keeps.
  size_t bytes_in_use() const { return bytes_in_use_; }
  size_t free_chunks() const { return free_chunks_.size(); }

  // A chunk whose last span is gone comes back here.
  void Recycle(base::CountedBlock* block) override;

 private:
  static size_t BytesFor(const base::CountedBlock& block);
  void OpenChunk();
  void NoteTurn();

  base::TimePoint turn_time_{};
  base::BlockRef open_;       // the chunk that is being filled
  uint32_t used_bytes_ = 0;   // of it
  base::BlockRef oversized_;  // reserved for one frame larger than a chunk
  size_t bytes_in_use_ = 0;
  std::vector<base::CountedBlock*> free_chunks_;  // last in, first out: the warm one is used again
};

}  // namespace esockets::server

#endif  // SERVER_FRAME_ARENA_H_

// Encoded frames that many queues share. A block is one allocation, a header and the bytes; or a
// header over bytes that are kept elsewhere. One loop owns it: its count is not atomic, and every
// reference lives and dies on that loop.
#ifndef BASE_COUNTED_BLOCK_H_
#define BASE_COUNTED_BLOCK_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/allocated_bytes.h"
#include "base/clock.h"

namespace esockets::base {

// What keeps bytes that are not a block's own.
struct BytesKeeper {
  std::shared_ptr<const void> bytes;
  // While it is true they are kept anyway: a block over them takes no memory for them. Null: it
  // never is. Kept by `bytes`.
  const std::atomic<bool>* kept_anyway = nullptr;
};

// Where the frames of a block end and when they were written; one for all who share the block.
struct FrameTable {
  struct Turn {
    uint32_t begin;  // offset of the first byte written in this turn
    TimePoint time;
  };
  std::vector<uint32_t> ends;  // ascending offsets behind the last byte of each frame
  std::vector<Turn> turns;     // ascending
  BytesKeeper keeper;          // of the block's bytes, if they are not its own
};

class CountedBlock;

// Takes a block back when its last reference is gone.
class BlockPool {
 public:
  virtual void Recycle(CountedBlock* block) = 0;

 protected:
  ~BlockPool() = default;
};

class CountedBlock {
 public:
  CountedBlock(const CountedBlock&) = delete;
  CountedBlock& operator=(const CountedBlock&) = delete;

  // A block with one reference, which the caller owns (adopt it into a BlockRef). `pool`: gets the
  // block back instead of the allocator; may be null.
  static CountedBlock* Allocate(uint32_t capacity_bytes, BlockPool* pool);

  // The same over `bytes`, which table()->keeper must keep, in a table that the caller sets.
  static CountedBlock* Over(std::string_view bytes, BlockPool* pool);

  // Frees a block that has no references left.
  static void Free(CountedBlock* block);

  const char* data() const { return data_; }
  // To be written. REQUIRES: the bytes are its own.
  char* own_data() { return reinterpret_cast<char*>(this + 1); }
  uint32_t capacity_bytes() const { return capacity_bytes_; }
  // Of a block that was allocated with this capacity: with the header, and rounded up.
  uint64_t memory_bytes() const { return AllocatedBytes(sizeof(CountedBlock) + capacity_bytes_); }
  // A block of one frame that became shorter than was asked for.
  void set_capacity_bytes(uint32_t bytes) { capacity_bytes_ = bytes; }
  uint32_t references() const { return references_; }

  // Goes back to a pool: may be shared by many frames, or much larger than what is left of it.
  bool pooled() const { return pool_ != nullptr; }

  // Its bytes stay where they are when it goes.
  bool kept_anyway() const {
    return table_ != nullptr && table_->keeper.kept_anyway != nullptr &&
           table_->keeper.kept_anyway->load(std::memory_order_relaxed);
  }

  // Null: the whole block is one frame, written at time().
  FrameTable* table() { return table_.get(); }
  const FrameTable* table() const { return table_.get(); }
  void set_table(std::unique_ptr<FrameTable> table) { table_ = std::move(table); }

  // When the block was opened.
  TimePoint time() const { return time_; }
  void set_time(TimePoint time) { time_ = time; }

  // Offset behind the frame that holds byte `offset`; REQUIRES: a frame does.
  uint32_t FrameEnd(uint32_t offset) const;

  // When the byte at `offset` was written.
  TimePoint TimeOf(uint32_t offset) const;

  // Adds up how many of its bytes are waited for, within one look (its number) at all who wait.
  void CountWaiting(uint32_t look, uint32_t bytes);
  // As counted in that look; at most 2^32 - 1.
  uint32_t WaitingBytes(uint32_t look) const { return look == look_ ? waiting_bytes_ : 0; }

  void AddReference() { ++references_; }
  void Release() {
    if (--references_ == 0) Dispose();
  }
  // A recycled block starts anew with one reference.
  void Revive() { references_ = 1; }

 private:
  CountedBlock(const char* data, uint32_t capacity_bytes, BlockPool* pool)
      : capacity_bytes_(capacity_bytes), data_(data), pool_(pool) {}
  ~CountedBlock() = default;
  void Dispose();

  uint32_t references_ = 1;
  uint32_t capacity_bytes_;
  uint32_t look_ = 0;  // of waiting_bytes_
  uint32_t waiting_bytes_ = 0;
  const char* data_;
  BlockPool* pool_;
  TimePoint time_{};
  std::unique_ptr<FrameTable> table_;
};

// One reference to a block.
class BlockRef {
 public:
  BlockRef() = default;
  // Takes over the caller's reference.
  static BlockRef Adopt(CountedBlock* block) {
    BlockRef ref;
    ref.block_ = block;
    return ref;
  }
  BlockRef(const BlockRef& other) : block_(other.block_) {
    if (block_ != nullptr) block_->AddReference();
  }
  BlockRef(BlockRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  BlockRef& operator=(const BlockRef& other) { return *this = BlockRef(other); }
  BlockRef& operator=(BlockRef&& other) noexcept {
    CountedBlock* const taken = std::exchange(other.block_, nullptr);
    CountedBlock* const old = std::exchange(block_, taken);
    if (old != nullptr) old->Release();
    return *this;
  }
  ~BlockRef() {
    if (block_ != nullptr) block_->Release();
  }

  CountedBlock* get() const { return block_; }
  CountedBlock* operator->() const { return block_; }
  explicit operator bool() const { return block_ != nullptr; }

 private:
  CountedBlock* block_ = nullptr;
};

// Bytes [begin, end) of a block: whole frames, but for a first one that is partly sent.
struct BlockSpan {
  BlockRef block;
  uint32_t begin = 0;
  uint32_t end = 0;

  uint32_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
  std::string_view view() const {
    return empty() ? std::string_view() : std::string_view(block->data() + begin, size());
  }
  // Does `next` go on where this one ends, in the same bytes?
  bool IsFollowedBy(const BlockSpan& next) const {
    return block.get() == next.block.get() && end == next.begin;
  }
};

// Calls `visit(begin, end)` for each frame of `span`; the first may be the rest of one.
template <typename Visitor>
void ForEachFrame(const BlockSpan& span, Visitor visit) {
  for (uint32_t begin = span.begin; begin < span.end;) {
    const uint32_t end = span.block->FrameEnd(begin);
    visit(begin, end);
    begin = end;
  }
}

// The same bytes in a block of their own, exactly as large: lets go of the shared one.
BlockSpan CopyOut(const BlockSpan& span);

}  // namespace esockets::base

#endif  // BASE_COUNTED_BLOCK_H_

#include "server/frame_arena.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "base/check.h"

namespace esockets::server {

using base::BlockRef;
using base::BlockSpan;
using base::BytesKeeper;
using base::CountedBlock;
using base::FrameSequence;
using base::FrameTable;

FrameArena::~FrameArena() {
  open_ = BlockRef();
  oversized_ = BlockRef();
  ESOCKETS_CHECK(bytes_in_use_ == 0);
  for (CountedBlock* chunk : free_chunks_) CountedBlock::Free(chunk);
}

char* FrameArena::Reserve(uint32_t size) {
  oversized_ = BlockRef();
  if (size > kChunkBytes) {
    oversized_ = BlockRef::Adopt(CountedBlock::Allocate(size, this));
    oversized_->set_time(turn_time_);
    bytes_in_use_ += size;
    return oversized_->own_data();
  }
  if (!open_ || kChunkBytes - used_bytes_ < size ||
      open_->table()->ends.size() >= kChunkFramesMax) {
    OpenChunk();
  }
  return open_->own_data() + used_bytes_;
}

BlockSpan FrameArena::Commit(uint32_t size) {
  if (oversized_) {
    ESOCKETS_CHECK(size <= oversized_->capacity_bytes());
    bytes_in_use_ -= oversized_->capacity_bytes() - size;
    oversized_->set_capacity_bytes(size);
    return BlockSpan{std::exchange(oversized_, BlockRef()), 0, size};
  }
  NoteTurn();
  const uint32_t begin = used_bytes_;
  used_bytes_ += size;
  open_->table()->ends.push_back(used_bytes_);
  return BlockSpan{open_, begin, used_bytes_};
}

void FrameArena::NoteTurn() {
  FrameTable& table = *open_->table();
  if (table.turns.empty() || table.turns.back().time != turn_time_) {
    table.turns.push_back({used_bytes_, turn_time_});
  }
}

BlockSpan FrameArena::Write(std::string_view frame) {
  std::memcpy(Reserve(static_cast<uint32_t>(frame.size())), frame.data(), frame.size());
  return Commit(static_cast<uint32_t>(frame.size()));
}

BlockSpan FrameArena::WriteSome(const FrameSequence& frames, size_t* written) {
  *written = 1;
  const std::string_view first = frames.front();
  char* out = Reserve(static_cast<uint32_t>(first.size()));
  if (oversized_ || frames.count() == 1) {
    std::memcpy(out, first.data(), first.size());
    return Commit(static_cast<uint32_t>(first.size()));
  }
  std::vector<uint32_t>& ends = open_->table()->ends;
  const size_t count_max = std::min(frames.count(), kChunkFramesMax - ends.size());
  const uint32_t end_max = frames.begin + (kChunkBytes - used_bytes_);
  const auto last = frames.ends.begin() + static_cast<std::ptrdiff_t>(count_max);
  *written = static_cast<size_t>(std::upper_bound(frames.ends.begin(), last, end_max) -
                                 frames.ends.begin());
  const FrameSequence some = frames.First(*written);
  std::memcpy(out, some.view().data(), some.view().size());
  NoteTurn();
  const uint32_t begin = used_bytes_;
  for (const uint32_t end : some.ends) ends.push_back(begin + (end - some.begin));
  used_bytes_ = ends.back();
  return BlockSpan{open_, begin, used_bytes_};
}

// What others may keep anyway is theirs to count.
size_t FrameArena::BytesFor(const CountedBlock& block) {
  const bool is_others = block.table() != nullptr && block.table()->keeper.kept_anyway != nullptr;
  return is_others ? 0 : block.capacity_bytes();
}

BlockRef FrameArena::Share(const FrameSequence& frames, BytesKeeper keeper) {
  CountedBlock* block = CountedBlock::Over(frames.bytes, this);
  auto table = std::make_unique<FrameTable>();
  table->ends.assign(frames.ends.begin(), frames.ends.end());
  table->keeper = std::move(keeper);
  block->set_table(std::move(table));
  block->set_time(turn_time_);
  bytes_in_use_ += BytesFor(*block);
  return BlockRef::Adopt(block);
}

void FrameArena::OpenChunk() {
  open_ = BlockRef();  // may come back as the free chunk that is taken next
  if (free_chunks_.empty()) {
    CountedBlock* chunk = CountedBlock::Allocate(kChunkBytes, this);
    chunk->set_table(std::make_unique<FrameTable>());
    open_ = BlockRef::Adopt(chunk);
  } else {
    free_chunks_.back()->Revive();
    open_ = BlockRef::Adopt(free_chunks_.back());
    free_chunks_.pop_back();
  }
  open_->set_time(turn_time_);
  bytes_in_use_ += kChunkBytes;
  used_bytes_ = 0;
}

void FrameArena::Recycle(CountedBlock* block) {
  bytes_in_use_ -= BytesFor(*block);
  const bool is_chunk = block->table() != nullptr && block->table()->keeper.bytes == nullptr;
  if (!is_chunk || free_chunks_.size() >= kFreeChunksMax) {
    CountedBlock::Free(block);
    return;
  }
  block->table()->ends.clear();
  block->table()->turns.clear();
  free_chunks_.push_back(block);
}

}  // namespace esockets::server

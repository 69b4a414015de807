#include "server/frame_arena.h"

#include <cstring>
#include <memory>
#include <utility>

#include "base/check.h"

namespace esockets::server {

using base::BlockRef;
using base::BlockSpan;
using base::CountedBlock;
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
    return oversized_->data();
  }
  if (!open_ || kChunkBytes - used_bytes_ < size ||
      open_->table()->ends.size() >= kChunkFramesMax) {
    OpenChunk();
  }
  return open_->data() + used_bytes_;
}

BlockSpan FrameArena::Commit(uint32_t size) {
  if (oversized_) {
    ESOCKETS_CHECK(size <= oversized_->capacity_bytes());
    bytes_in_use_ -= oversized_->capacity_bytes() - size;
    oversized_->set_capacity_bytes(size);
    return BlockSpan{std::exchange(oversized_, BlockRef()), 0, size};
  }
  FrameTable& table = *open_->table();
  if (table.turns.empty() || table.turns.back().time != turn_time_) {
    table.turns.push_back({used_bytes_, turn_time_});
  }
  const uint32_t begin = used_bytes_;
  used_bytes_ += size;
  table.ends.push_back(used_bytes_);
  return BlockSpan{open_, begin, used_bytes_};
}

BlockSpan FrameArena::Write(std::string_view frame) {
  std::memcpy(Reserve(static_cast<uint32_t>(frame.size())), frame.data(), frame.size());
  return Commit(static_cast<uint32_t>(frame.size()));
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
  bytes_in_use_ -= block->capacity_bytes();
  if (block->table() == nullptr || free_chunks_.size() >= kFreeChunksMax) {
    CountedBlock::Free(block);
    return;
  }
  block->table()->ends.clear();
  block->table()->turns.clear();
  free_chunks_.push_back(block);
}

}  // namespace esockets::server

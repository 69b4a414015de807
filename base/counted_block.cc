#include "base/counted_block.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/check.h"

namespace esockets::base {

CountedBlock* CountedBlock::Allocate(uint32_t capacity_bytes, BlockPool* pool) {
  void* memory = ::operator new(sizeof(CountedBlock) + capacity_bytes);
  const char* data = static_cast<const char*>(memory) + sizeof(CountedBlock);
  return new (memory) CountedBlock(data, capacity_bytes, pool);
}

CountedBlock* CountedBlock::Over(std::string_view bytes, BlockPool* pool) {
  return new CountedBlock(bytes.data(), static_cast<uint32_t>(bytes.size()), pool);
}

void CountedBlock::Free(CountedBlock* block) {
  block->~CountedBlock();
  ::operator delete(block);
}

void CountedBlock::Dispose() {
  if (pool_ != nullptr) {
    pool_->Recycle(this);
  } else {
    Free(this);
  }
}

uint32_t CountedBlock::FrameEnd(uint32_t offset) const {
  if (table_ == nullptr) return capacity_bytes_;
  const auto end = std::upper_bound(table_->ends.begin(), table_->ends.end(), offset);
  ESOCKETS_CHECK(end != table_->ends.end());
  return *end;
}

TimePoint CountedBlock::TimeOf(uint32_t offset) const {
  if (table_ == nullptr || table_->turns.empty()) return time_;
  const auto after = std::upper_bound(
      table_->turns.begin(), table_->turns.end(), offset,
      [](uint32_t value, const FrameTable::Turn& turn) { return value < turn.begin; });
  return after == table_->turns.begin() ? time_ : std::prev(after)->time;
}

void CountedBlock::CountWaiting(uint32_t look, uint32_t bytes) {
  const uint32_t before = WaitingBytes(look);
  look_ = look;
  waiting_bytes_ = before + std::min(bytes, UINT32_MAX - before);
}

BlockSpan CopyOut(const BlockSpan& span) {
  CountedBlock* copy = CountedBlock::Allocate(span.size(), nullptr);
  std::memcpy(copy->own_data(), span.block->data() + span.begin, span.size());
  copy->set_time(span.block->TimeOf(span.begin));
  if (span.block->FrameEnd(span.begin) != span.end) {
    auto table = std::make_unique<FrameTable>();
    ForEachFrame(span, [&](uint32_t, uint32_t end) { table->ends.push_back(end - span.begin); });
    table->ends.shrink_to_fit();
    copy->set_table(std::move(table));
  }
  return BlockSpan{BlockRef::Adopt(copy), 0, span.size()};
}

}  // namespace esockets::base

#include "tests/support/sim_wire_form.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace esockets::tests {

void SimWireForm::BeginChunk() { open_ = base::BlockRef(); }

// One at a time: more spans, and more often the end of a run, than a broker makes of them.
base::BlockSpan SimWireForm::Encode(const broker::Messages& messages, size_t* encoded) {
  ++encodings_;
  *encoded = 1;
  const base::FrameSequence first = messages.frames.First(1);
  const auto size = static_cast<uint32_t>(first.view().size());
  if (!open_ || open_->capacity_bytes() - used_bytes_ < size) {
    open_ =
        base::BlockRef::Adopt(base::CountedBlock::Allocate(std::max(size, chunk_bytes_), nullptr));
    open_->set_time(clock_.Now());
    open_->set_table(std::make_unique<base::FrameTable>());
    open_->table()->ends.reserve(chunk_bytes_ / 16);
    used_bytes_ = 0;
  }
  base::FrameTable& table = *open_->table();
  if (table.turns.empty() || table.turns.back().time != clock_.Now()) {
    table.turns.push_back({used_bytes_, clock_.Now()});
  }
  char* out = open_->own_data() + used_bytes_;
  first.view().copy(out, size);
  proto::MarkAsMessages(out, first);
  const uint32_t begin = used_bytes_;
  used_bytes_ += size;
  table.ends.push_back(used_bytes_);
  return {open_, begin, used_bytes_};
}

base::BlockSpan SimWireForm::Share(const base::FrameSequence& frames, base::BytesKeeper keeper) {
  auto block = base::BlockRef::Adopt(base::CountedBlock::Over(frames.bytes, nullptr));
  block->set_time(clock_.Now());
  block->set_table(std::make_unique<base::FrameTable>());
  block->table()->ends.assign(frames.ends.begin(), frames.ends.end());
  block->table()->keeper = std::move(keeper);
  return {std::move(block), frames.begin, frames.ends.back()};
}

}  // namespace esockets::tests

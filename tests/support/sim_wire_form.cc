#include "tests/support/sim_wire_form.h"

#include <algorithm>
#include <memory>

#include "proto/server_frame_encoder.h"

namespace esockets::tests {

void SimWireForm::BeginChunk() { open_ = base::BlockRef(); }

base::BlockSpan SimWireForm::Encode(const broker::Message& message) {
  ++encodings_;
  const proto::MessageParts parts{.pieces = message.fields};
  const auto size = static_cast<uint32_t>(proto::MessageFrameSize(parts));
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
  proto::EncodeMessageFrame(parts, open_->data() + used_bytes_);
  const uint32_t begin = used_bytes_;
  used_bytes_ += size;
  table.ends.push_back(used_bytes_);
  return {open_, begin, used_bytes_};
}

}  // namespace esockets::tests

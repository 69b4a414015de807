#include "gateways/native/native_wire_form.h"

#include <cstdint>
#include <string_view>

#include "proto/server_frame_encoder.h"

namespace esockets::native {
namespace {

// A smaller batch is copied: that is cheaper than a block of its own.
constexpr size_t kSharedBatchBytesMin = 16 << 10;

}  // namespace

// Without stamps, what was published is what is delivered, but for a byte of each frame.
base::BlockSpan NativeWireForm::Encode(const broker::Messages& messages, size_t* encoded) {
  if (stamps_.any() && !messages.stamped) {
    *encoded = 1;
    return EncodeStamped(messages);
  }
  // What a stream has stored of a batch does not lie in it any more.
  if (batch_ && messages.frames.bytes.data() == batch_->data()) {
    *encoded = messages.count();
    return {batch_, messages.frames.begin, messages.frames.ends.back()};
  }
  base::BlockSpan span = loop_.arena().WriteSome(messages.frames, encoded);
  const base::FrameSequence written = messages.frames.First(*encoded);
  proto::MarkAsMessages(span.block->own_data() + span.begin, written);
  return span;
}

void NativeWireForm::BeginBatch(const std::shared_ptr<const broker::MessageBatch>& batch) {
  if (batch->size().bytes < kSharedBatchBytesMin || stamps_.any()) return;
  batch_ = loop_.arena().Share(batch->frames(), {.bytes = batch});
}

base::BlockSpan NativeWireForm::EncodeStamped(const broker::Messages& messages) {
  const std::string_view fields = proto::FieldsOfFrame(messages.frames.front());
  const proto::MessageParts parts{
      .pieces = {&fields, 1},
      .stamp_time = stamps_.time,
      .time_us = stamps_.time ? static_cast<uint64_t>(loop_.clock().WallMicros()) : 0,
      .stamp_publisher = stamps_.publisher,
      .publisher = messages.publisher};
  server::FrameArena& arena = loop_.arena();
  const size_t frame_bytes = proto::MessageFrameSize(parts);
  return arena.Commit(static_cast<uint32_t>(
      proto::EncodeMessageFrame(parts, arena.Reserve(static_cast<uint32_t>(frame_bytes)))));
}

}  // namespace esockets::native

#include "gateways/native/native_wire_form.h"

#include <cstdint>

#include "proto/server_frame_encoder.h"

namespace esockets::native {

base::BlockSpan NativeWireForm::Encode(const broker::Message& message) {
  const proto::MessageParts parts{
      .pieces = message.fields,
      .stamp_time = stamps_.time,
      .time_us = stamps_.time ? static_cast<uint64_t>(loop_.clock().WallMicros()) : 0,
      .stamp_publisher = stamps_.publisher,
      .publisher = message.publisher};
  server::FrameArena& arena = loop_.arena();
  const size_t frame_bytes = proto::MessageFrameSize(parts);
  return arena.Commit(static_cast<uint32_t>(
      proto::EncodeMessageFrame(parts, arena.Reserve(static_cast<uint32_t>(frame_bytes)))));
}

}  // namespace esockets::native

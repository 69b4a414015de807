#include "gateways/websocket/deflated_bridge.h"

#include "server/websocket/frame_header.h"

namespace esockets::websocket {

bool DeflatedBridge::TryDeliver(const base::BlockSpan& frames, size_t high_watermark_bytes,
                                broker::FanOut fan_out) {
  const DeflatedFrames::Form& form = frames_.Of(frames, window_bits_);
  if (!MakeRoom(form.bytes, high_watermark_bytes)) return false;
  for (const base::BlockSpan& span : form.spans) Queue(span, fan_out);
  return true;
}

void DeflatedBridge::Wrap(std::string* frame) const {
  char header[kServerHeaderBytesMax];
  frame->insert(0, header, WriteHeader(Opcode::kBinary, false, frame->size(), header));
}

}  // namespace esockets::websocket

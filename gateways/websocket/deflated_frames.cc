#include "gateways/websocket/deflated_frames.h"

#include <string_view>
#include <utility>

#include "server/websocket/frame_header.h"
#include "server/websocket/websocket_transport.h"

namespace esockets::websocket {

const DeflatedFrames::Form& DeflatedFrames::Of(const base::BlockSpan& frames, int window_bits) {
  for (const Entry& entry : entries_) {
    if (entry.frames.block.get() == frames.block.get() && entry.frames.begin == frames.begin &&
        entry.frames.end == frames.end && entry.window_bits == window_bits) {
      return entry.form;
    }
  }
  Entry& entry = entries_[next_];
  next_ = (next_ + 1) % kEntries;
  entry = {.frames = frames, .window_bits = window_bits, .form = Make(frames, window_bits)};
  return entry.form;
}

DeflatedFrames::Form DeflatedFrames::Make(const base::BlockSpan& frames, int window_bits) {
  ++runs_total_;
  Form form;
  for (uint32_t begin = frames.begin; begin < frames.end;) {
    const uint32_t end = frames.block->FrameEnd(begin);
    const std::string_view frame(frames.block->data() + begin, end - begin);
    base::BlockSpan span =
        WebSocketTransport::WriteMessage(frame, Opcode::kBinary, window_bits, &loop_.arena());
    form.bytes += span.size();
    if (!form.spans.empty() && form.spans.back().IsFollowedBy(span)) {
      form.spans.back().end = span.end;
    } else {
      form.spans.push_back(std::move(span));
    }
    begin = end;
  }
  return form;
}

}  // namespace esockets::websocket

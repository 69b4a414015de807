// Native frames as compressed WebSocket messages, one each: a wire form that all who agreed on
// permessage-deflate share. A run of frames that goes to many is compressed once.
#ifndef GATEWAYS_WEBSOCKET_DEFLATED_FRAMES_H_
#define GATEWAYS_WEBSOCKET_DEFLATED_FRAMES_H_

#include <array>
#include <cstddef>
#include <vector>

#include "base/counted_block.h"
#include "base/on_loop.h"
#include "server/event_loop.h"

namespace esockets::websocket {

// Of one loop.
class DeflatedFrames {
 public:
  // REQUIRES: the loop outlives it.
  explicit DeflatedFrames(server::EventLoop* loop) : loop_(*loop) {}

  struct Form {
    std::vector<base::BlockSpan> spans;
    size_t bytes = 0;
  };
  // Of whole frames, for peers that take such a window. Valid until the next call.
  const Form& Of(const base::BlockSpan& frames, int window_bits) ESOCKETS_ON_LOOP;

  // Runs that were compressed, all in all.
  size_t runs_total() const { return runs_total_; }

 private:
  struct Entry {
    base::BlockSpan frames;  // keeps them, so that no others come to lie there
    int window_bits = 0;
    Form form;
  };
  Form Make(const base::BlockSpan& frames, int window_bits) ESOCKETS_ON_LOOP;

  // The last ones: as many blocks at most do they keep.
  static constexpr size_t kEntries = 8;

  server::EventLoop& loop_;
  std::array<Entry, kEntries> entries_;
  size_t next_ = 0;  // entry to be replaced
  size_t runs_total_ = 0;
};

}  // namespace esockets::websocket

#endif  // GATEWAYS_WEBSOCKET_DEFLATED_FRAMES_H_

// A session over WebSocket with permessage-deflate: what is delivered goes out in the compressed
// form, what is answered is too short for that.
#ifndef GATEWAYS_WEBSOCKET_DEFLATED_BRIDGE_H_
#define GATEWAYS_WEBSOCKET_DEFLATED_BRIDGE_H_

#include <cstddef>
#include <string>

#include "base/counted_block.h"
#include "base/on_loop.h"
#include "broker/shard.h"
#include "gateways/codec.h"
#include "gateways/session_bridge.h"
#include "gateways/websocket/deflated_frames.h"
#include "server/connection.h"

namespace esockets::websocket {

class DeflatedBridge final : public gateways::SessionBridge {
 public:
  // REQUIRES: `frames` outlives the bridge; as of SessionBridge.
  DeflatedBridge(DeflatedFrames* frames, int window_bits, broker::Shard* shard,
                 gateways::Codec* codec, server::Connection* connection) ESOCKETS_ON_LOOP
      : SessionBridge(shard, codec, connection),
        frames_(*frames),
        window_bits_(window_bits) {}

 private:
  bool TryDeliver(const base::BlockSpan& frames, size_t high_watermark_bytes,
                  broker::FanOut fan_out) override ESOCKETS_ON_LOOP;
  void Wrap(std::string* frame) const override;

  DeflatedFrames& frames_;
  const int window_bits_;
};

}  // namespace esockets::websocket

#endif  // GATEWAYS_WEBSOCKET_DEFLATED_BRIDGE_H_

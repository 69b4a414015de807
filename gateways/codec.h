// One protocol's way of saying what a session understands.
#ifndef GATEWAYS_CODEC_H_
#define GATEWAYS_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/on_loop.h"
#include "broker/session.h"
#include "broker/session_sink.h"

namespace esockets {
class ServerFrame;
}

namespace esockets::gateways {

// Shared by the connections of a loop: has no state of any of them.
class Codec {
 public:
  virtual ~Codec() = default;

  // Hands the commands in `bytes` to the session, until they end, the session does, or reading
  // is paused. Returns the bytes that are done with; the rest stays.
  virtual size_t Decode(std::string_view bytes, broker::Session* session) ESOCKETS_ON_LOOP = 0;

  // Each appends one frame.
  virtual void AppendAnswer(broker::Answer answer, uint64_t id, std::string* out) const = 0;
  virtual void AppendFrame(const ServerFrame& frame, std::string* out) const = 0;
  virtual void AppendClose(const broker::SessionSink::Ending& ending, std::string* out) const = 0;
};

}  // namespace esockets::gateways

#endif  // GATEWAYS_CODEC_H_

// Carries the bytes of a link over WebSocket: the native protocol inside of messages.
#ifndef BENCH_LOAD_WEBSOCKET_CARRIER_H_
#define BENCH_LOAD_WEBSOCKET_CARRIER_H_

#include <span>
#include <string>
#include <string_view>

#include "bench/load/carrier.h"
#include "server/websocket/frame_decoder.h"

namespace esockets::load {

class WebSocketCarrier final : public Carrier {
 public:
  explicit WebSocketCarrier(bool deflate);

  // Puts the bytes into a message; the first time behind the opening handshake.
  void Wrap(std::string* bytes) override;

  bool Take(std::span<char> received, std::string_view* inside, std::string* answer) override;

 private:
  // Of the answer to the handshake; returns what follows it.
  std::span<char> TakeHead(std::span<char> received);
  bool TakeCompressed(std::string_view piece, bool ends);

  websocket::FrameDecoder decoder_;
  const bool deflate_;
  bool asked_ = false;
  bool answered_ = false;
  std::string head_;
  std::string message_;   // compressed, that has begun
  std::string inflated_;  // of the receive under way
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_WEBSOCKET_CARRIER_H_

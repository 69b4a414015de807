// The client's side of WebSocket, for peers of tests: what of the bytes of a socket are the bytes
// of the stream inside.
#ifndef TESTS_SUPPORT_WEBSOCKET_WIRE_H_
#define TESTS_SUPPORT_WEBSOCKET_WIRE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "server/websocket/frame_decoder.h"
#include "server/websocket/frame_header.h"

namespace esockets::tests {

// One masked frame.
std::string ClientWebSocketFrame(websocket::Opcode opcode, std::string_view payload,
                                 bool fin = true, bool compressed = false);

// A request that the broker takes. `fields` are added, each with its end of line.
std::string WebSocketRequest(std::string_view fields = {}, std::string_view path = "/");
inline constexpr std::string_view kOfferDeflate =
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

class WebSocketWire {
 public:
  explicit WebSocketWire(bool deflate)
      : decoder_(websocket::FrameDecoder::Peer::kServer, deflate) {}

  // Takes bytes of the socket; returns those of the stream. What is against the rules is a failure
  // of the test.
  std::string Take(std::string bytes);

  // What is to be sent: Pongs, and the answer to a Close.
  std::string TakeAnswers() { return std::exchange(answers_, std::string()); }

  // Messages and Pings so far, and the status of the Close; 0: there was none.
  int messages() const { return messages_; }
  int compressed() const { return compressed_; }
  int pings() const { return pings_; }
  uint16_t close_status() const { return close_status_; }
  const std::string& close_reason() const { return close_reason_; }

 private:
  void OnData(const websocket::FrameDecoder::Event& event, std::string* stream);
  void OnControl(const websocket::FrameDecoder::Event& event);

  websocket::FrameDecoder decoder_;
  std::string message_;  // compressed, that has begun
  std::string answers_;
  int messages_ = 0;
  int compressed_ = 0;
  int pings_ = 0;
  uint16_t close_status_ = 0;
  std::string close_reason_;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_WEBSOCKET_WIRE_H_

// Takes WebSocket frames apart as they come, in place: headers and masks go, what is left are
// pieces of messages and control frames (RFC 6455, section 5). It says what a peer does against the
// rules, and keeps nothing of messages; unfinished headers and control frames it keeps.
#ifndef SERVER_WEBSOCKET_FRAME_DECODER_H_
#define SERVER_WEBSOCKET_FRAME_DECODER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/utf8_stream.h"
#include "server/websocket/frame_header.h"

namespace esockets::websocket {

class FrameDecoder {
 public:
  enum class Peer : uint8_t { kClient, kServer };  // who sends: a client masks, a server does not
  // REQUIRES: `may_compress` only where permessage-deflate was agreed on.
  FrameDecoder(Peer peer, bool may_compress) : peer_(peer), may_compress_(may_compress) {}

  enum class Kind : uint8_t { kNothing, kData, kControl, kMistake };
  struct Event {
    Kind kind = Kind::kNothing;  // nothing: all bytes are taken, and more are needed
    // Of data: bytes that follow those of the last event, in place; valid as long as the input. Of
    // a control frame: all of it, valid until the next call.
    std::span<char> payload{};
    Opcode opcode = Opcode::kBinary;  // of data: text or binary
    bool begins = false;              // a message
    bool ends = false;
    bool compressed = false;
    uint16_t status = 0;  // of a mistake: what to close with
    std::string_view mistake{};
  };

  // The next event of `bytes`, whose front it takes off. Nothing may follow a mistake.
  Event Next(std::span<char>* bytes);

  // Of the message that has begun, by what its frames announced: 0 between messages. Not more than
  // 2^64 - 1.
  uint64_t message_bytes() const { return message_bytes_; }
  bool in_message() const { return in_message_; }
  // Has the peer begun anything that it has not ended?
  bool unfinished() const { return in_message_ || in_frame_ || header_bytes_ > 0; }

 private:
  Event Mistake(uint16_t status, std::string_view what) const;
  // Takes bytes of a header. False: it is not whole yet, or wrong, which is in `event`.
  bool TakeHeader(std::span<char>* bytes, Event* event);
  std::string_view Begin(const FrameHeader& header);
  Event TakeData(std::span<char>* bytes);
  void TakeControl(std::span<char>* bytes, Event* event);
  std::span<char> TakePayload(std::span<char>* bytes);

  uint64_t payload_left_ = 0;   // of the frame
  uint64_t message_bytes_ = 0;  // announced so far
  uint32_t mask_ = 0;
  base::Utf8Stream text_;
  std::array<char, kHeaderBytesMax> header_;  // that has begun
  uint8_t header_bytes_ = 0;
  const Peer peer_;
  const bool may_compress_;
  bool in_frame_ = false;
  bool in_message_ = false;
  bool begins_ = false;  // nothing of the message was told yet
  bool fin_ = false;
  bool compressed_ = false;             // the message
  bool is_control_ = false;             // the frame
  Opcode message_ = Opcode::kBinary;    // text or binary
  Opcode control_ = Opcode::kPing;      // the frame, if it is a control frame
  std::unique_ptr<std::string> begun_;  // of a control frame that did not come whole
};

}  // namespace esockets::websocket

#endif  // SERVER_WEBSOCKET_FRAME_DECODER_H_

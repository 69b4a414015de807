// The head of a WebSocket frame (RFC 6455, section 5.2).
#ifndef SERVER_WEBSOCKET_FRAME_HEADER_H_
#define SERVER_WEBSOCKET_FRAME_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace esockets::websocket {

enum class Opcode : uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA,
};

constexpr bool IsControl(Opcode opcode) { return static_cast<uint8_t>(opcode) >= 0x8; }

struct FrameHeader {
  bool fin = true;
  bool compressed = false;  // RSV1 (RFC 7692, section 6)
  Opcode opcode = Opcode::kBinary;
  bool masked = false;
  uint32_t mask = 0;  // bytes in the order of the wire
  uint64_t payload_bytes = 0;
};

// With the mask; and without, which a server never has.
inline constexpr size_t kHeaderBytesMax = 14;
inline constexpr size_t kServerHeaderBytesMax = 10;

// Bytes of an unmasked header before so much payload.
constexpr size_t HeaderBytes(uint64_t payload_bytes) {
  return payload_bytes < 126 ? 2 : payload_bytes <= 0xFFFF ? 4 : 10;
}

// Writes an unmasked header, HeaderBytes long, to `out`; returns its size.
size_t WriteHeader(Opcode opcode, bool compressed, uint64_t payload_bytes, char* out);

// A whole unmasked control frame. REQUIRES: at most kControlPayloadBytesMax.
std::string ControlFrame(Opcode opcode, std::string_view payload);

enum class HeaderResult : uint8_t { kHeader, kIncomplete, kMistake };

// Reads the header in front of `bytes`; writes its size to `consumed`. A mistake, in what section
// 5.2 and 5.5 say of any frame by itself, is named in `mistake`. `may_compress`: RSV1 means that.
HeaderResult ReadHeader(std::string_view bytes, bool may_compress, FrameHeader* header,
                        size_t* consumed, std::string_view* mistake);

}  // namespace esockets::websocket

#endif  // SERVER_WEBSOCKET_FRAME_HEADER_H_

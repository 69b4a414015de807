// Every limit of the WebSocket transport: name, unit, default, reason.
#ifndef SERVER_WEBSOCKET_LIMITS_H_
#define SERVER_WEBSOCKET_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace esockets::websocket {

// Of a stream of bytes, at most so much goes into one message: as much as a chunk of the frame
// arena holds, so that a header is nothing beside it and control frames need not wait for long.
inline constexpr uint32_t kSealedBytesMax = 64 << 10;

// Payload of a control frame (RFC 6455, section 5.5).
inline constexpr size_t kControlPayloadBytesMax = 125;

// Control frames that wait to be sent. Above it the oldest Pongs go, as section 5.5.3 allows: a
// peer that asks without end and reads nothing gets no more memory than this.
inline constexpr size_t kControlQueueBytesMax = 4 << 10;

// One message that is delivered whole, and one that was compressed, when it is inflated again.
inline constexpr size_t kMessageBytesMax = 1 << 20;

// A shorter message is not compressed: it would hardly be shorter, and the time is not lost.
inline constexpr size_t kDeflateBytesMin = 64;

// Of the buffer that messages are inflated into, which a loop keeps.
inline constexpr size_t kInflateBufferKeptBytes = 64 << 10;

}  // namespace esockets::websocket

#endif  // SERVER_WEBSOCKET_LIMITS_H_

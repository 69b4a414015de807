// Where a message ends in a stream of bytes: nowhere, behind its length, or at the end of a line.
#ifndef SERVER_FRAMING_H_
#define SERVER_FRAMING_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace esockets::server {

enum class Framing : uint8_t {
  kRaw,              // whatever one recv returned is a message, as in the original
  kLengthDelimited,  // 4 bytes big-endian length, then the message
  kLine,             // "\n" ends a message; a "\r" before it is dropped
};

// Of transports that tell them apart.
enum class MessageKind : uint8_t { kBinary, kText };

enum class CutStatus { kMessage, kIncomplete, kTooLong };

struct Cut {
  CutStatus status;
  std::string_view message;   // without its framing
  size_t consumed_bytes = 0;  // with it
};

// Cuts the first message off `bytes`.
Cut CutMessage(Framing framing, std::string_view bytes, size_t message_bytes_max);

// Bytes of `message` as it goes over the wire. REQUIRES: fewer than 2^32.
uint32_t FramedBytes(Framing framing, std::string_view message);

// Writes it, FramedBytes long, to `out`.
void WriteFramed(Framing framing, std::string_view message, char* out);

}  // namespace esockets::server

#endif  // SERVER_FRAMING_H_

#include "server/websocket/frame_header.h"

#include <cstring>

#include "base/check.h"
#include "server/websocket/limits.h"

namespace esockets::websocket {
namespace {

constexpr uint8_t kFin = 0x80;
constexpr uint8_t kRsv1 = 0x40;
constexpr uint8_t kRsv2And3 = 0x30;
constexpr uint8_t kOpcode = 0x0F;
constexpr uint8_t kMasked = 0x80;
constexpr uint8_t kLength = 0x7F;
constexpr uint8_t kLength16 = 126;
constexpr uint8_t kLength64 = 127;

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

bool IsKnown(uint8_t opcode) { return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xA); }

// Of the two bytes that every frame begins with; empty: none.
std::string_view MistakeOf(uint8_t first, uint8_t second, bool may_compress) {
  const uint8_t opcode = first & kOpcode;
  if ((first & kRsv2And3) != 0) return "a reserved bit is set";
  if (!IsKnown(opcode)) return "the opcode is reserved";
  const bool control = opcode >= 0x8;
  if ((first & kRsv1) != 0 && (!may_compress || control || opcode == 0)) {
    return "RSV1 stands where nothing is compressed";
  }
  if (!control) return {};
  if ((first & kFin) == 0) return "a control frame is fragmented";
  if ((second & kLength) > kControlPayloadBytesMax) {
    return "a control frame is longer than 125 bytes";
  }
  return {};
}

// The fewest bytes must be used, and the highest bit is zero.
std::string_view MistakeOfLength(uint8_t kind, uint64_t length) {
  if (kind == kLength16 && length < kLength16) return "a length has more bytes than it needs";
  if (kind != kLength64) return {};
  if (length <= 0xFFFF) return "a length has more bytes than it needs";
  if (length >> 63 != 0) return "the length is 2^63 or more";
  return {};
}

}  // namespace

size_t WriteHeader(Opcode opcode, bool compressed, uint64_t payload_bytes, char* out) {
  out[0] = static_cast<char>(kFin | (compressed ? kRsv1 : 0) | static_cast<uint8_t>(opcode));
  if (payload_bytes < kLength16) {
    out[1] = static_cast<char>(payload_bytes);
    return 2;
  }
  const bool is_short = payload_bytes <= 0xFFFF;
  const size_t size = is_short ? 4 : 10;
  out[1] = static_cast<char>(is_short ? kLength16 : kLength64);
  for (size_t i = size - 1; i >= 2; --i, payload_bytes >>= 8) {
    out[i] = static_cast<char>(payload_bytes & 0xFF);
  }
  return size;
}

std::string ControlFrame(Opcode opcode, std::string_view payload) {
  ESOCKETS_CHECK(payload.size() <= kControlPayloadBytesMax);
  char header[kServerHeaderBytesMax];
  std::string frame(header, WriteHeader(opcode, false, payload.size(), header));
  return frame.append(payload);
}

HeaderResult ReadHeader(std::string_view bytes, bool may_compress, FrameHeader* header,
                        size_t* consumed, std::string_view* mistake) {
  if (bytes.size() < 2) return HeaderResult::kIncomplete;
  const auto first = static_cast<uint8_t>(bytes[0]);
  const auto second = static_cast<uint8_t>(bytes[1]);
  *mistake = MistakeOf(first, second, may_compress);
  if (!mistake->empty()) return HeaderResult::kMistake;
  const uint8_t kind = second & kLength;
  const size_t length_bytes = kind == kLength16 ? 2 : kind == kLength64 ? 8 : 0;
  const bool masked = (second & kMasked) != 0;
  const size_t size = 2 + length_bytes + (masked ? sizeof header->mask : 0);
  if (bytes.size() < size) return HeaderResult::kIncomplete;
  const uint64_t length = length_bytes == 0 ? kind : BigEndian(bytes.substr(2, length_bytes));
  *mistake = MistakeOfLength(kind, length);
  if (!mistake->empty()) return HeaderResult::kMistake;
  *header = {.fin = (first & kFin) != 0,
             .compressed = (first & kRsv1) != 0,
             .opcode = static_cast<Opcode>(first & kOpcode),
             .masked = masked,
             .payload_bytes = length};
  if (masked) std::memcpy(&header->mask, bytes.data() + size - sizeof header->mask, 4);
  *consumed = size;
  return HeaderResult::kHeader;
}

}  // namespace esockets::websocket

// WebSocket frames as bytes, made and read without a line of the product (RFC 6455, section 5.2).
#ifndef TESTS_SUPPORT_WEBSOCKET_WIRE_H_
#define TESTS_SUPPORT_WEBSOCKET_WIRE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace esockets::tests {

// First bytes of frames: FIN and an opcode, or without FIN.
inline constexpr uint8_t kTextFrame = 0x81;
inline constexpr uint8_t kBinaryFrame = 0x82;
inline constexpr uint8_t kFirstText = 0x01;
inline constexpr uint8_t kFirstBinary = 0x02;
inline constexpr uint8_t kMiddle = 0x00;
inline constexpr uint8_t kLast = 0x80;
inline constexpr uint8_t kCloseFrame = 0x88;
inline constexpr uint8_t kPingFrame = 0x89;
inline constexpr uint8_t kPongFrame = 0x8A;
inline constexpr uint8_t kRsv1 = 0x40;

using MaskBytes = std::array<uint8_t, 4>;
inline constexpr MaskBytes kSomeMask = {0x37, 0xFA, 0x21, 0x3D};

// The bytes of a client's frame, and of a server's, which has no mask. `length_bytes`: how many say
// the length, 0, 2 or 8; -1: as few as do.
std::string ClientFrame(uint8_t first, std::string_view payload, const MaskBytes& mask = kSomeMask,
                        int length_bytes = -1);
std::string ServerFrame(uint8_t first, std::string_view payload, int length_bytes = -1);

// A client's header before so much payload, which does not follow.
std::string ClientHeader(uint8_t first, uint64_t payload_bytes, int length_bytes = -1);

// The payload of a Close.
std::string CloseWith(uint16_t status, std::string_view text = {});

struct WireFrame {
  uint8_t first = 0;
  std::string payload;
  bool operator==(const WireFrame&) const = default;
};

// The frames of a server's bytes. `rest`: gets what is no whole frame at their end; null: there
// must be none. A mask is a failure of the test.
std::vector<WireFrame> ServerFrames(std::string_view bytes, std::string* rest = nullptr);

// The payloads of data frames, one behind the other.
std::string DataOf(const std::vector<WireFrame>& frames);

// What a client says first, with these fields and an empty line behind them.
std::string UpgradeRequest(std::string_view more_fields = {});

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_WEBSOCKET_WIRE_H_

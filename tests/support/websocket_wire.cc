#include "tests/support/websocket_wire.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace esockets::tests {
namespace {

void AppendBigEndian(uint64_t value, int bytes, std::string* out) {
  for (int i = bytes - 1; i >= 0; --i) *out += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::string Header(uint8_t first, uint64_t size, bool masked, int length_bytes) {
  if (length_bytes < 0) length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  const uint8_t bit = masked ? 0x80 : 0;
  std::string header(1, static_cast<char>(first));
  const uint64_t second = length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127;
  header += static_cast<char>(bit | second);
  AppendBigEndian(size, length_bytes, &header);
  return header;
}

}  // namespace

std::string ClientFrame(uint8_t first, std::string_view payload, const MaskBytes& mask,
                        int length_bytes) {
  std::string frame = Header(first, payload.size(), true, length_bytes);
  frame.append(mask.begin(), mask.end());
  for (size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(static_cast<uint8_t>(payload[i]) ^ mask[i % 4]);
  }
  return frame;
}

std::string ServerFrame(uint8_t first, std::string_view payload, int length_bytes) {
  return Header(first, payload.size(), false, length_bytes).append(payload);
}

std::string ClientHeader(uint8_t first, uint64_t payload_bytes, int length_bytes) {
  return Header(first, payload_bytes, true, length_bytes) + "mask";
}

std::string CloseWith(uint16_t status, std::string_view text) {
  std::string payload;
  AppendBigEndian(status, 2, &payload);
  return payload.append(text);
}

std::vector<WireFrame> ServerFrames(std::string_view bytes, std::string* rest) {
  std::vector<WireFrame> frames;
  while (bytes.size() >= 2) {
    const auto second = static_cast<uint8_t>(bytes[1]);
    EXPECT_EQ(second & 0x80, 0) << "a server masks nothing (RFC 6455, section 5.1)";
    const size_t length_bytes = second < 126 ? 0 : second == 126 ? 2 : 8;
    if (bytes.size() < 2 + length_bytes) break;
    uint64_t size = second;
    if (length_bytes > 0) size = 0;
    for (size_t i = 0; i < length_bytes; ++i) size = size << 8 | static_cast<uint8_t>(bytes[2 + i]);
    if (bytes.size() - 2 - length_bytes < size) break;
    frames.push_back(
        {static_cast<uint8_t>(bytes[0]), std::string(bytes.substr(2 + length_bytes, size))});
    bytes.remove_prefix(2 + length_bytes + size);
  }
  if (rest != nullptr) {
    *rest = bytes;
  } else {
    EXPECT_TRUE(bytes.empty()) << bytes.size() << " bytes are no whole frame";
  }
  return frames;
}

std::string DataOf(const std::vector<WireFrame>& frames) {
  std::string data;
  for (const WireFrame& frame : frames) {
    if ((frame.first & 0x08) == 0) data += frame.payload;
  }
  return data;
}

std::string UpgradeRequest(std::string_view more_fields) {
  return std::string(
             "GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
             "Sec-WebSocket-Version: 13\r\n")
      .append(more_fields)
      .append("\r\n");
}

}  // namespace esockets::tests

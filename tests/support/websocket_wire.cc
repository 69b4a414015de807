#include "tests/support/websocket_wire.h"

#include <cstring>
#include <span>
#include <utility>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/websocket/close_status.h"
#include "server/websocket/deflate.h"
#include "server/websocket/mask.h"

namespace esockets::tests {

using websocket::FrameDecoder;
using websocket::Opcode;

std::string ClientWebSocketFrame(Opcode opcode, std::string_view payload, bool fin,
                                 bool compressed) {
  constexpr uint32_t kMask = 0x5AA5C33C;
  char header[websocket::kHeaderBytesMax];
  size_t size = websocket::WriteHeader(opcode, compressed, payload.size(), header);
  if (!fin) header[0] = static_cast<char>(header[0] & 0x7F);
  header[1] = static_cast<char>(header[1] | 0x80);
  std::memcpy(header + size, &kMask, sizeof kMask);
  size += sizeof kMask;
  std::string masked(payload);
  websocket::Mask(masked, kMask);
  return std::string(header, size) + masked;
}

std::string WebSocketRequest(std::string_view fields, std::string_view path) {
  return base::StrCat("GET ", path,
                      " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                      "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: esockets.v1\r\n",
                      fields, "\r\n");
}

std::string WebSocketWire::Take(std::string bytes) {
  std::string stream;
  for (std::span<char> left = bytes;;) {
    const FrameDecoder::Event event = decoder_.Next(&left);
    switch (event.kind) {
      case FrameDecoder::Kind::kNothing:
        return stream;
      case FrameDecoder::Kind::kData:
        EXPECT_EQ(close_status_, 0) << "data behind a Close";
        OnData(event, &stream);
        break;
      case FrameDecoder::Kind::kControl:
        OnControl(event);
        break;
      case FrameDecoder::Kind::kMistake:
        ADD_FAILURE() << event.mistake;
        return stream;
    }
  }
}

void WebSocketWire::OnData(const FrameDecoder::Event& event, std::string* stream) {
  EXPECT_EQ(event.opcode, Opcode::kBinary);
  messages_ += event.begins ? 1 : 0;
  std::string* const out = event.compressed ? &message_ : stream;
  out->append(event.payload.data(), event.payload.size());
  if (!event.compressed || !event.ends) return;
  ++compressed_;
  constexpr size_t kPatience = 64 << 20;
  std::span<char> inflated;
  EXPECT_EQ(websocket::Inflater::OfThisThread().Inflate(message_, kPatience, &inflated),
            websocket::Inflater::Result::kMessage);
  stream->append(inflated.data(), inflated.size());
  message_.clear();
}

void WebSocketWire::OnControl(const FrameDecoder::Event& event) {
  const std::string_view payload(event.payload.data(), event.payload.size());
  if (event.opcode == Opcode::kPing) {
    ++pings_;
    answers_ += ClientWebSocketFrame(Opcode::kPong, payload);
  }
  if (event.opcode != Opcode::kClose) return;
  std::string_view mistake;
  const websocket::CloseReason reason = websocket::ParseClose(payload, &mistake);
  EXPECT_EQ(mistake, "");
  close_status_ = reason.status;
  close_reason_ = reason.text;
  answers_ += ClientWebSocketFrame(Opcode::kClose, payload);
}

}  // namespace esockets::tests

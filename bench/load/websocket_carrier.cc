#include "bench/load/websocket_carrier.h"

#include <cstring>

#include "server/websocket/deflate.h"
#include "server/websocket/frame_header.h"

namespace esockets::load {
namespace {

using websocket::FrameDecoder;

constexpr std::string_view kRequest =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: esockets.v1\r\n";
constexpr std::string_view kOffer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
constexpr size_t kInflatedBytesMax = 64 << 20;

}  // namespace

WebSocketCarrier::WebSocketCarrier(bool deflate)
    : decoder_(FrameDecoder::Peer::kServer, deflate), deflate_(deflate) {}

// A mask of zeros changes nothing, and is a mask.
void WebSocketCarrier::Wrap(std::string* bytes) {
  constexpr size_t kMaskBytes = 4;
  char header[websocket::kHeaderBytesMax] = {};
  const size_t size =
      websocket::WriteHeader(websocket::Opcode::kBinary, false, bytes->size(), header);
  header[1] = static_cast<char>(header[1] | 0x80);
  bytes->insert(0, header, size + kMaskBytes);
  if (asked_) return;
  asked_ = true;
  std::string request(kRequest);
  if (deflate_) request += kOffer;
  bytes->insert(0, request + "\r\n");
}

std::span<char> WebSocketCarrier::TakeHead(std::span<char> received) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const size_t kept = head_.size();
  head_.append(received.data(), received.size());
  const size_t end = head_.find(kEnd);
  if (end == std::string::npos) return {};
  answered_ = true;
  return received.subspan(end + kEnd.size() - kept);
}

bool WebSocketCarrier::TakeCompressed(std::string_view piece, bool ends) {
  message_.append(piece);
  if (!ends) return true;
  std::span<char> message;
  auto& inflater = websocket::Inflater::OfThisThread();
  const auto result = inflater.Inflate(message_, kInflatedBytesMax, &message);
  inflated_.append(message.data(), message.size());
  message_.clear();
  return result == websocket::Inflater::Result::kMessage;
}

bool WebSocketCarrier::Take(std::span<char> received, std::string_view* inside,
                            std::string* /*answer*/) {
  if (!answered_) received = TakeHead(received);
  inflated_.clear();
  char* const begin = received.data();
  size_t size = 0;
  for (;;) {
    const FrameDecoder::Event event = decoder_.Next(&received);
    if (event.kind == FrameDecoder::Kind::kNothing) break;
    if (event.kind == FrameDecoder::Kind::kMistake) return false;
    if (event.kind == FrameDecoder::Kind::kControl) continue;
    const std::string_view piece(event.payload.data(), event.payload.size());
    if (deflate_) {
      // In one place, compressed or not, because their order counts.
      if (!event.compressed) inflated_.append(piece);
      if (event.compressed && !TakeCompressed(piece, event.ends)) return false;
    } else {
      std::memmove(begin + size, piece.data(), piece.size());
      size += piece.size();
    }
  }
  *inside = {begin, size};
  if (deflate_) *inside = inflated_;
  return true;
}

}  // namespace esockets::load

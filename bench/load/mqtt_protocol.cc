// MQTT 3.1.1 with QoS 0, a clean session and no keep-alive.
#include <initializer_list>

#include "bench/load/protocols.h"

namespace esockets::load {
namespace {

// First bytes of the packets (MQTT 3.1.1, section 2.2).
enum Packet : uint8_t {
  kConnect = 0x10,
  kConnAck = 0x20,
  kPublish = 0x30,
  kSubscribe = 0x82,
  kSubAck = 0x90,
  kUnsubscribe = 0xA2,
  kUnsubAck = 0xB0,
};

constexpr uint8_t kRefusedFilter = 0x80;

void AppendByte(unsigned value, std::string* out) { out->push_back(static_cast<char>(value)); }

void AppendText(std::string_view text, std::string* out) {
  AppendByte(static_cast<unsigned>(text.size() >> 8), out);
  AppendByte(static_cast<unsigned>(text.size() & 0xFF), out);
  out->append(text);
}

// The fixed header: packet and remaining length.
void AppendHead(Packet packet, size_t bytes, std::string* out) {
  AppendByte(packet, out);
  for (; bytes >= 0x80; bytes >>= 7) AppendByte(static_cast<unsigned>(bytes & 0x7F) | 0x80, out);
  AppendByte(static_cast<unsigned>(bytes), out);
}

void AppendPacketId(uint64_t id, std::string* out) {
  const auto packet_id = static_cast<unsigned>(id % 0xFFFF + 1);
  AppendByte(packet_id >> 8, out);
  AppendByte(packet_id & 0xFF, out);
}

unsigned ByteAt(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

FrameKind KindOf(std::string_view packet, size_t body_at) {
  switch (ByteAt(packet, 0)) {
    case kConnAck:
      return ByteAt(packet, body_at + 1) == 0 ? FrameKind::kConnected : FrameKind::kBroken;
    case kSubAck:
      return ByteAt(packet, body_at + 2) == kRefusedFilter ? FrameKind::kBroken
                                                           : FrameKind::kSubscribed;
    case kUnsubAck:
      return FrameKind::kUnsubscribed;
    case kPublish:
      return FrameKind::kMessage;
    default:
      return FrameKind::kOther;
  }
}

void AppendConnect(std::string_view client_id, std::string* out) {
  constexpr unsigned kVersion = 4, kCleanSession = 2;
  AppendHead(kConnect, 10 + 2 + client_id.size(), out);
  AppendText("MQTT", out);
  AppendByte(kVersion, out);
  AppendByte(kCleanSession, out);
  AppendByte(0, out);  // keep-alive: none
  AppendByte(0, out);
  AppendText(client_id, out);
}

void AppendSubscribe(uint64_t id, std::string_view filter, std::string* out) {
  AppendHead(kSubscribe, 2 + 2 + filter.size() + 1, out);
  AppendPacketId(id, out);
  AppendText(filter, out);
  AppendByte(0, out);  // QoS
}

void AppendUnsubscribe(uint64_t id, uint64_t /*subscribe_id*/, std::string_view filter,
                       std::string* out) {
  AppendHead(kUnsubscribe, 2 + 2 + filter.size(), out);
  AppendPacketId(id, out);
  AppendText(filter, out);
}

size_t AppendPublish(std::string_view topic, std::string_view payload, std::string* out) {
  AppendHead(kPublish, 2 + topic.size() + payload.size(), out);
  AppendText(topic, out);
  out->append(payload);
  return out->size() - payload.size();
}

Frame Cut(std::string_view bytes) {
  size_t length = 0, at = 1;
  for (unsigned shift = 0;; shift += 7, ++at) {
    if (at == bytes.size()) return {};
    if (shift > 21) return {.kind = FrameKind::kBroken};
    length |= static_cast<size_t>(ByteAt(bytes, at) & 0x7F) << shift;
    if (ByteAt(bytes, at) < 0x80) break;
  }
  const size_t body_at = at + 1;
  if (bytes.size() < body_at + length) return {};
  Frame frame{.kind = KindOf(bytes, body_at), .bytes = body_at + length};
  if (frame.kind == FrameKind::kMessage) {
    frame.payload_at = body_at + 2 + (ByteAt(bytes, body_at) << 8 | ByteAt(bytes, body_at + 1));
  }
  return frame;
}

}  // namespace

const Protocol kMqttProtocol{.answers_connect = true,
                             .append_connect = AppendConnect,
                             .append_subscribe = AppendSubscribe,
                             .append_subscribe_from_first = nullptr,
                             .append_unsubscribe = AppendUnsubscribe,
                             .append_publish = AppendPublish,
                             .cut = Cut};

}  // namespace esockets::load

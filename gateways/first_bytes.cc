#include "gateways/first_bytes.h"

namespace esockets::gateways {

// A native stream begins with the length of Connect and its tag, field 1: 0x0A. In the other
// protocols the second byte is none: of MQTT it is the length of a CONNECT, at least 12; of HTTP a
// letter. TLS records of a handshake begin 0x16, 0x03.
FirstBytes WhatSpeaks(std::string_view bytes) {
  constexpr uint8_t kConnectTag = 0x0A;
  constexpr uint8_t kMqttConnect = 0x10;
  if (bytes.empty()) return FirstBytes::kUndecided;
  const auto first = static_cast<uint8_t>(bytes[0]);
  if (first >= 0x80) return FirstBytes::kNative;
  if (first == 0) return FirstBytes::kUnknown;  // a Connect has a length
  if (bytes.size() < 2) return FirstBytes::kUndecided;
  const auto second = static_cast<uint8_t>(bytes[1]);
  if (second == kConnectTag) return FirstBytes::kNative;
  if (first == 0x16 && second == 0x03) return FirstBytes::kTls;
  if (first == kMqttConnect) return FirstBytes::kMqtt;
  return first >= 'A' && first <= 'Z' ? FirstBytes::kHttp : FirstBytes::kUnknown;
}

}  // namespace esockets::gateways
